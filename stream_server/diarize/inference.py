"""How ONNX graphs are opened: a given number of threads, nothing shared, nothing logged."""

from __future__ import annotations

from pathlib import Path

import onnxruntime


def open_graph(path: Path, *, threads: int = 1) -> onnxruntime.InferenceSession:
    """Open a graph on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
