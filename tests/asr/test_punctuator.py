"""A punctuation model says what stands behind each word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stream_server.asr.punctuation_labels import Label
from stream_server.asr.punctuator import WORDS_AT_ONCE, Punctuator
from stream_server.errors import ModelUnavailable
from tests.asr.made_punctuator import punctuator

TABLE = {"done": ".", "well": ",", "who": "?"}


def test_each_word_has_a_label(tmp_path: Path) -> None:
    """Words that are several tokens, or that the model does not know, are words all the same."""
    model = Punctuator(punctuator(tmp_path, TABLE))
    words = ["well", "it's", "done", "", "who"]
    assert [label.mark for label in model.label(words)] == [",", "", ".", "", "?"]
    assert model.label([]) == []
    assert not model.knows_capitals


def test_more_words_than_it_reads(tmp_path: Path) -> None:
    """What is too long is read in parts; what no part has room for has no mark, and nothing fails."""
    model = Punctuator(punctuator(tmp_path, TABLE))
    labels = model.label(["done"] * (WORDS_AT_ONCE + 3))
    assert len(labels) == WORDS_AT_ONCE + 3
    assert [label.mark for label in (labels[0], labels[-1])] == [".", "."]
    assert labels[WORDS_AT_ONCE - 1] == Label("", None)


@pytest.mark.parametrize("inputs", [("input_ids",), ("input_ids", "attention_mask", "token_type_ids")])
def test_graphs_want_what_they_want(tmp_path: Path, inputs: tuple[str, ...]) -> None:
    """Some want to know what is padding and which text a token is of, some do not."""
    model = Punctuator(punctuator(tmp_path, TABLE, inputs=inputs))
    assert [label.mark for label in model.label(["done"])] == ["."]


def test_labels_may_know_capitals(tmp_path: Path) -> None:
    """Where they do, the model is asked for them."""
    model = Punctuator(punctuator(tmp_path, {"anna": "Upper_."}, labels=("lower_", "Upper_.")))
    assert model.knows_capitals
    assert model.label(["hi", "anna"]) == [Label("", "none"), Label(".", "first")]


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("content", [None, "[]"])
def test_what_is_no_model(tmp_path: Path, missing: str, content: str | None) -> None:
    """A directory in which a file lacks, or is another, is refused in a sentence."""
    directory = punctuator(tmp_path / "made", TABLE)
    (directory / missing).unlink()
    if content is not None:
        (directory / missing).write_text(content)
    with pytest.raises(ModelUnavailable, match=r"made|model\.onnx"):
        Punctuator(directory)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "no id2label"),
        ({"id2label": {"1": "."}}, "no id2label"),
        ({"id2label": {"0": "PER", "1": "LOC", "2": "ORG", "3": "O"}}, "none of its labels is a mark"),
        ({"id2label": {"0": ".", "1": ","}}, "other classes"),
    ],
)
def test_other_classifiers(tmp_path: Path, config: dict[str, object], reason: str) -> None:
    """A model of something else is refused before anybody speaks."""
    directory = punctuator(tmp_path, TABLE)
    (directory / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailable, match=reason):
        Punctuator(directory)


def test_other_inputs(tmp_path: Path) -> None:
    """A graph that wants something else than tokens is no token classifier."""
    directory = punctuator(tmp_path, TABLE, inputs=("pixels",))
    with pytest.raises(ModelUnavailable, match="other inputs"):
        Punctuator(directory)
