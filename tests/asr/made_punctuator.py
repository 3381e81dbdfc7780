"""A punctuation model of a few words: what each word gets stands in a table, and that is its graph."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

SPECIAL = ("[UNK]", "[CLS]", "[SEP]")


def punctuator(
    directory: Path,
    table: Mapping[str, str],
    labels: Sequence[str] = ("0", ".", ",", "?"),
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
) -> Path:
    """Write a model that gives each word of the table its label and any other the first; return its directory."""
    directory.mkdir(exist_ok=True)
    vocabulary = {word: number for number, word in enumerate((*SPECIAL, *table))}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, vocabulary[token]) for token in SPECIAL[1:]]
    )
    tokenizer.save(str(directory / "tokenizer.json"))
    scores = np.zeros((len(vocabulary), len(labels)), np.float32)
    scores[:, 0] = 0.5
    for word, label in table.items():
        scores[vocabulary[word], labels.index(label)] = 1.0
    graph = helper.make_graph(
        [helper.make_node("Gather", ["scores", inputs[0]], ["logits"])],
        "made",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "length", len(labels)])],
        [numpy_helper.from_array(scores, "scores")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(made)
    onnx.save(made, directory / "model.onnx")
    config = {"id2label": {str(place): label for place, label in enumerate(labels)}, "max_position_embeddings": 32}
    (directory / "config.json").write_text(json.dumps(config))
    return directory
