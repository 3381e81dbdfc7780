"""How ONNX graphs are opened: a given number of threads, nothing shared, nothing logged."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import onnxruntime

from stream_server.errors import ModelUnavailable

Shape: TypeAlias = tuple[int | str | None, ...]
"""Of a graph's input: a number where it is fixed, a name or None where it is not."""


def open_graph(path: Path, *, threads: int = 1) -> onnxruntime.InferenceSession:
    """Open a graph on the CPU; raises `ModelUnavailable` if the file is none that can be run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return _open(path, options)


def input_of(path: Path) -> tuple[str, Shape]:
    """Return what a graph's first input is called and its shape; raises `ModelUnavailable` as `open_graph` does."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Only looked at: it is optimised when it is opened to be run.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    first = _open(path, options).get_inputs()[0]
    return str(first.name), tuple(first.shape)


def _open(path: Path, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    # The library has an exception of its own for each way in which a foreign file is wrong.
    except Exception as error:
        raise ModelUnavailable(f"{path.name} is no ONNX graph that can be run ({type(error).__name__})") from error
