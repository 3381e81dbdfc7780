"""A punctuation model: a token classifier as ONNX, as Hugging Face's optimum exports them.

Its directory has `model.onnx`, `tokenizer.json` and `config.json`, in which `id2label` tells what the classes are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from stream_server.asr.punctuation_labels import Label, read_label
from stream_server.diarize.inference import open_graph
from stream_server.errors import ModelUnavailable

WORDS_AT_ONCE = 100
"""A final's words are hardly ever more; each is a few tokens, and most models read 512."""

FEWEST_TOKENS = 16


class Punctuator:
    """Say of words without marks which mark belongs behind each, and which capitals it has.

    Raises `ModelUnavailable` if the directory holds no such model.
    """

    def __init__(self, directory: Path, *, threads: int = 1) -> None:
        self.name = directory.name
        config = _read(directory / "config.json")
        self._labels = _labels(config, directory)
        self._tokenizer = _open_tokenizer(directory / "tokenizer.json")
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_most_tokens(config))
        self._graph = open_graph(directory / "model.onnx", threads=threads)
        self._inputs = [each.name for each in self._graph.get_inputs()]
        known = {"input_ids", "attention_mask", "token_type_ids"}
        if "input_ids" not in self._inputs or not known.issuperset(self._inputs):
            raise ModelUnavailable(f"{directory.name} is no token classifier: its graph wants other inputs")
        self.warm_up()

    @property
    def knows_capitals(self) -> bool:
        """Whether the labels say anything of capitals."""
        return any(label.capitals is not None for label in self._labels)

    def warm_up(self) -> None:
        """Run it once; raises `ModelUnavailable` if the graph does not answer with a class for each token."""
        ids = self._tokenizer.encode(["so"], is_pretokenized=True)
        if self._scores(ids.ids, ids.type_ids).shape != (len(ids.ids), len(self._labels)):
            raise ModelUnavailable(f"{self.name} is no token classifier: it has other classes than its config.json")

    def label(self, words: Sequence[str]) -> list[Label]:
        """Return a label for each word; a word of which the tokenizer knows nothing gets none of anything."""
        return [
            label
            for begin in range(0, len(words), WORDS_AT_ONCE)
            for label in self._label(list(words[begin : begin + WORDS_AT_ONCE]))
        ]

    def _label(self, words: list[str]) -> list[Label]:
        encoded = self._tokenizer.encode(words, is_pretokenized=True)
        classes = self._scores(encoded.ids, encoded.type_ids).argmax(axis=-1)
        labels = [Label("", None)] * len(words)
        # Of a word's tokens the first tells: it is the one that models are trained on.
        for word, found in reversed(list(zip(encoded.word_ids, classes.tolist(), strict=True))):
            if word is not None:
                labels[word] = self._labels[found]
        return labels

    def _scores(self, ids: list[int], types: list[int]) -> np.ndarray:
        values = {"input_ids": ids, "attention_mask": [1] * len(ids), "token_type_ids": types}
        feed = {name: np.array([values[name]], dtype=np.int64) for name in self._inputs}
        scores: np.ndarray = np.asarray(self._graph.run(None, feed)[0])[0]
        return scores


def _read(path: Path) -> dict[str, object]:
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{path.parent.name} has no config.json that can be read") from error
    if not isinstance(config, dict):
        raise ModelUnavailable(f"{path.parent.name} has no config.json that can be read")
    return config


def _labels(config: dict[str, object], directory: Path) -> list[Label]:
    named = config.get("id2label")
    if not isinstance(named, dict) or sorted(named) != sorted(str(place) for place in range(len(named))) or not named:
        raise ModelUnavailable(f"{directory.name} has no id2label in its config.json")
    labels = [read_label(str(named[str(place)])) for place in range(len(named))]
    if not any(label.mark for label in labels):
        raise ModelUnavailable(f"{directory.name} is no punctuation model: none of its labels is a mark")
    return labels


def _open_tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    # The library raises a bare Exception for a file that is missing or wrong.
    except Exception as error:
        raise ModelUnavailable(f"{path.parent.name} has no tokenizer.json that can be read") from error


def _most_tokens(config: dict[str, object]) -> int:
    """Return how many tokens the model reads; some count two positions that they never use."""
    positions = config.get("max_position_embeddings", 512)
    return max(FEWEST_TOKENS, positions - 2) if isinstance(positions, int) else 512
