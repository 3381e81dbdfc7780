"""Silero's weights, read from the ONNX file that a wheel carries, without a library for ONNX.

An ONNX file is one protobuf message; its tensors lie in `graph.initializer` (fields 7 and 5). Source: onnx.proto.
The packages are located and never imported: `silero_vad` would import torch.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from stream_server.errors import ModelUnavailable

Array: TypeAlias = npt.NDArray[np.float32]

_PLACES = (("silero_vad", "data/silero_vad_16k_sequence.onnx"), ("faster_whisper", "assets/silero_vad_v6.onnx"))
"""(package, file), best first: the second holds the weights of an earlier release."""

_SHAPES = (
    (258, 1, 256),
    *((128, 129, 3), (128,)),
    *((64, 128, 3), (64,)),
    *((64, 64, 3), (64,)),
    *((128, 64, 3), (128,)),
    *((1, 512, 128), (1, 512, 128), (1, 1024)),
    *((1, 128, 1), (1,)),
)
"""The 16 kHz network's tensors: basis, four convolutions, LSTM (input, recurrent, biases), output."""

_FLOAT = 1


@dataclass(frozen=True, slots=True)
class SileroWeights:
    """Everything as PyTorch names it; the LSTM's gates in ONNX's order: input, output, forget, cell."""

    basis: Array  # (258, 1, 256): real then imaginary parts of a windowed Fourier transform
    convolutions: tuple[tuple[Array, Array], ...]  # weight (out, in, 3) and bias (out,)
    lstm_input: Array  # (512, 128)
    lstm_hidden: Array  # (512, 128)
    lstm_bias: Array  # (512,)
    output: Array  # (128,)
    output_bias: float


def find_graph() -> Path:
    """Return the best ONNX file that is installed; raise `ModelUnavailable` if there is none."""
    for package, name in _PLACES:
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            if (path := Path(folder, name)).is_file():
                return path
    raise ModelUnavailable("no Silero VAD graph is installed; install silero-vad (without torch) or faster-whisper")


def read_weights(path: Path) -> SileroWeights:
    """Read the network's tensors, told apart by their shapes in the order of the file; raise `ModelUnavailable`."""
    try:
        tensors = [tensor for tensor in _initializers(memoryview(path.read_bytes())) if tensor.shape in _SHAPES]
    except (IndexError, ValueError, OSError) as error:
        raise ModelUnavailable(f"{path} is no readable ONNX file") from error
    found = {shape: [tensor for tensor in tensors if tensor.shape == shape] for shape in _SHAPES}
    if any(len(found[shape]) != _SHAPES.count(shape) for shape in _SHAPES):
        raise ModelUnavailable(f"{path} does not hold the network of Silero VAD")
    taken = [found[shape].pop(0) for shape in _SHAPES]
    bias = taken[11].reshape(2, 512).sum(axis=0)
    return SileroWeights(
        basis=taken[0],
        convolutions=tuple((taken[k], taken[k + 1]) for k in (1, 3, 5, 7)),
        lstm_input=taken[9][0],
        lstm_hidden=taken[10][0],
        lstm_bias=bias,
        output=taken[12].reshape(128),
        output_bias=float(taken[13][0]),
    )


def _initializers(model: memoryview) -> Iterator[Array]:
    for number, graph in _fields(model):
        if number == 7 and isinstance(graph, memoryview):
            for inner, tensor in _fields(graph):
                if inner == 5 and isinstance(tensor, memoryview):
                    yield from _tensor(tensor)


def _tensor(message: memoryview) -> Iterator[Array]:
    """Yield the tensor if it is one of floats (TensorProto: 1 dims, 2 data_type, 4 float_data, 9 raw_data)."""
    shape: list[int] = []
    kind, data = 0, memoryview(b"")
    for number, value in _fields(message):
        if number == 1:
            shape += [value] if isinstance(value, int) else _varints(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number in (4, 9) and isinstance(value, memoryview):
            data = value
    if kind == _FLOAT and len(data) == 4 * prod(shape):
        yield np.frombuffer(data, "<f4").reshape(shape)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of each field (protobuf's wire types 0, 1, 2 and 5)."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(message, at)
        else:
            length = {1: 8, 5: 4}[wire] if wire in (1, 5) else len(message)
        if at + length > len(message):
            raise ValueError("a field goes beyond its message")
        yield number, message[at : at + length]
        at += length


def _varints(packed: memoryview) -> list[int]:
    values, at = [], 0
    while at < len(packed):
        value, at = _varint(packed, at)
        values.append(value)
    return values


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at
