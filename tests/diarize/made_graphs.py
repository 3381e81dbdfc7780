"""Small made graphs of the shape of WeSpeaker's exports: time goes in, statistics over it come out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DIMENSIONS = 16


def wespeaker_graph(path: Path, shape: Sequence[str | int] = ("B", "T", 80), name: str = "feats") -> Path:
    """Write a graph of mean and standard deviation over time, projected; two lengths of one voice differ by it."""
    bands = shape[-1]
    assert isinstance(bands, int)
    weights = np.random.default_rng(1).standard_normal((2 * bands, DIMENSIONS)).astype(np.float32)
    nodes = [
        helper.make_node("ReduceMean", [name], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Sub", [name, "mean"], ["rest"]),
        helper.make_node("ReduceL2", ["rest"], ["spread"], axes=[1], keepdims=0),
        helper.make_node("ReduceMax", [name], ["top"], axes=[1], keepdims=0),
        helper.make_node("Concat", ["spread", "top"], ["all"], axis=1),
        helper.make_node("MatMul", ["all", "weights"], ["embs"]),
    ]
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info("embs", TensorProto.FLOAT, ["B", DIMENSIONS])],
        [numpy_helper.from_array(weights, "weights")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(made)
    onnx.save(made, path)
    return path
