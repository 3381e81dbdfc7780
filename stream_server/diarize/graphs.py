"""The speaker networks as ONNX graphs, built from the released weights.

The weights come as PyTorch checkpoints; onnxruntime wants graphs. They are small and fixed, so they are written down
here layer by layer. PyTorch orders an LSTM's gates input, forget, cell, output; ONNX input, output, forget, cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from stream_server.diarize.checkpoint import Tensors

Array = npt.NDArray[np.float32]

OPSET = 17
IR_VERSION = 8

SAMPLE_RATE = 16_000
LEAST_LOW_HZ = 50.0
LEAST_BAND_HZ = 50.0


@dataclass
class _Builder:
    """Collects nodes; each method adds a layer and returns the name of its output."""

    tensors: Tensors
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, values: npt.NDArray[Any]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, inputs: list[str], outputs: int = 1, result: int = 0, **attributes: Any) -> str:
        names = [f"n{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, [n if k == result else "" for k, n in enumerate(names)]))
        self.nodes[-1].attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        return names[result]

    def weight(self, name: str) -> str:
        return self.constant(self.tensors[name].astype(np.float32))

    def lstm(self, x: str, prefix: str, layer: int, *, both_ways: bool, last: bool = False) -> str:
        """Add one layer over (frames, batch, features); return (frames, batch, outputs), or the last state alone."""
        suffixes = ("", "_reverse") if both_ways else ("",)
        size = self.tensors[f"{prefix}.weight_hh_l{layer}"].shape[1]
        w, r, b = (
            np.stack([self._gates(prefix, kinds, f"l{layer}{suffix}") for suffix in suffixes])
            for kinds in (("weight_ih",), ("weight_hh",), ("bias_ih", "bias_hh"))
        )
        inputs = [x, self.constant(w), self.constant(r), self.constant(b)]
        direction = "bidirectional" if both_ways else "forward"
        output = self.add("LSTM", inputs, outputs=3, result=1 if last else 0, hidden_size=size, direction=direction)
        if last:
            return self.add("Squeeze", [output, self.constant(np.array([0], np.int64))])
        moved = self.add("Transpose", [output], perm=[0, 2, 1, 3])
        return self.add("Reshape", [moved, self.constant(np.array([0, 0, -1], np.int64))])

    def linear(self, x: str, name: str) -> str:
        product = self.add("MatMul", [x, self.constant(self.tensors[f"{name}.weight"].astype(np.float32).T)])
        return self.add("Add", [product, self.weight(f"{name}.bias")])

    def instance_norm(self, x: str, name: str) -> str:
        return self.add(
            "InstanceNormalization", [x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")], epsilon=1e-5
        )

    def finish(self, x: str, shape_in: list[str | int], name_in: str, shape_out: list[str | int], name: str) -> bytes:
        self.nodes.append(helper.make_node("Identity", [x], [name]))
        graph = helper.make_graph(
            self.nodes,
            "speakers",
            [helper.make_tensor_value_info(name_in, TensorProto.FLOAT, shape_in)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape_out)],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString()
        return content

    def _gates(self, prefix: str, kinds: tuple[str, ...], suffix: str) -> Array:
        return np.concatenate([_reordered(self.tensors[f"{prefix}.{kind}_{suffix}"]) for kind in kinds])


def _reordered(stacked: npt.NDArray[Any]) -> Array:
    """Return gates i, f, g, o as i, o, f, g."""
    first, second, third, fourth = np.split(stacked.astype(np.float32), 4)
    return np.concatenate([first, fourth, second, third])


def ge2e_graph(tensors: Tensors) -> bytes:
    """Return GE2E's graph: `mels` (batch, frames, 40) to `embedding` (batch, 256) of length one, nowhere negative.

    Three LSTM layers of 256, the last state of the top one, linear, ReLU, L2 norm (Wan et al. 2018, arXiv 1710.10467).
    """
    build = _Builder(tensors)
    x = build.add("Transpose", ["mels"], perm=[1, 0, 2])
    for layer in range(2):
        x = build.lstm(x, "lstm", layer, both_ways=False)
    x = build.lstm(x, "lstm", 2, both_ways=False, last=True)
    x = build.add("Relu", [build.linear(x, "linear")])
    length = build.add("ReduceL2", [x], axes=[1], keepdims=1)
    # A window of silence would divide by nothing.
    x = build.add("Div", [x, build.add("Max", [length, build.constant(np.array(1e-9, np.float32))])])
    return build.finish(x, ["batch", "frames", 40], "mels", ["batch", 256], "embedding")


def segmentation_graph(tensors: Tensors) -> bytes:
    """Return the segmentation network's graph: `x` (batch, 1, samples) to `y` (batch, frames, 3) in [0, 1].

    Sinc filters, two convolutions, four bidirectional LSTM layers, two linear ones (Bredin & Laurent 2021,
    arXiv 2104.04045; Ravanelli & Bengio 2018 for the filters).
    """
    build = _Builder(tensors)
    x = build.instance_norm("x", "sincnet.wav_norm1d")
    x = build.add("Conv", [x, build.constant(sinc_filters(tensors))], strides=[10])
    x = build.add("Abs", [x])
    for index in range(3):
        if index:
            name = f"sincnet.conv1d.{index}"
            x = build.add("Conv", [x, build.weight(f"{name}.weight"), build.weight(f"{name}.bias")])
        x = build.add("MaxPool", [x], kernel_shape=[3], strides=[3])
        x = build.add("LeakyRelu", [build.instance_norm(x, f"sincnet.norm1d.{index}")], alpha=0.01)
    x = build.add("Transpose", [x], perm=[2, 0, 1])
    for layer in range(4):
        x = build.lstm(x, "lstm", layer, both_ways=True)
    for index in range(2):
        x = build.add("LeakyRelu", [build.linear(x, f"linear.{index}")], alpha=0.01)
    x = build.add("Sigmoid", [build.linear(x, "classifier")])
    x = build.add("Transpose", [x], perm=[1, 0, 2])
    return build.finish(x, ["batch", 1, "samples"], "x", ["batch", "frames", 3], "y")


def sinc_filters(tensors: Tensors) -> Array:
    """Return the band-pass filters (80, 1, 251): 40 cosine, then 40 sine, from their learnt edges in Hz."""
    name = "sincnet.conv1d.0.filterbank"
    low_hz, band_hz, window, n = (
        tensors[f"{name}.{part}"].astype(np.float64) for part in ("low_hz_", "band_hz_", "window_", "n_")
    )
    low = LEAST_LOW_HZ + np.abs(low_hz)
    high = np.clip(low + LEAST_BAND_HZ + np.abs(band_hz), LEAST_LOW_HZ, SAMPLE_RATE / 2)
    band = high - low
    below, above = low @ n, high @ n
    even = (np.sin(above) - np.sin(below)) / (n / 2) * window
    odd = (np.cos(below) - np.cos(above)) / (n / 2) * window
    cosine = np.concatenate([even, 2 * band, even[:, ::-1]], axis=1)
    sine = np.concatenate([odd, np.zeros_like(band), -odd[:, ::-1]], axis=1)
    filters: Array = (np.concatenate([cosine, sine]) / np.concatenate([2 * band, 2 * band]))[:, None].astype(np.float32)
    return filters
