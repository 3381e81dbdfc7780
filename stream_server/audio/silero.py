"""Silero VAD, many sessions in one call: the released network, computed as matrix products over all their frames.

From some forty tracks on that is cheaper than onnxruntime with the released graph (81 µs a frame against 117 at 128
tracks on slow cores, `benchmarks/vad.py`), for a convolution over four positions is too small to be worth its call;
with a few tracks it is dearer, where it does not matter. Only the recurrent layer goes frame by frame; everything
before it is computed for all frames of all tracks at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import threadpoolctl

from stream_server.audio.silero_weights import Array, SileroWeights, read_weights
from stream_server.errors import EngineFailed
from stream_server.events import Samples
from stream_server.work import VAD_CONTEXT, VAD_FRAME, DetectSpeech, SpeechDetected, VadState, initial_vad_state

MOST_FRAMES = 32
"""Frames answered per item and call (1.02 s), so that a burst of one session delays the others by little."""

_WINDOW = VAD_CONTEXT + VAD_FRAME
_PAD = 64
"""Samples mirrored behind a window, so that the transform has four positions."""

_SIZE, _HOP, _POSITIONS, _BINS = 256, 128, 4, 129
"""The transform: length, step, steps in a padded window, frequencies."""

_HIDDEN = 128


class Silero:
    """Answers batches of `DetectSpeech`; owned by one thread.

    An item's probabilities do not depend on its neighbours beyond float noise (1e-6).
    """

    def __init__(self, graph: Path) -> None:
        self._network = _Network(read_weights(graph))
        # One thread owns this model. The products are too small to be shared among more, which would take turns with
        # recognition for the cores; nothing else here uses numpy's BLAS for much.
        self._limits = threadpoolctl.threadpool_limits(1, user_api="blas")

    def bucket(self, item: DetectSpeech) -> str:  # noqa: ARG002  # the worker's contract
        """Return the same key for all: any items may share a batch."""
        return "speech"

    def warm_up(self) -> None:
        """Run once alone and once in company."""
        silence = np.zeros(VAD_CONTEXT + 2 * VAD_FRAME, np.float32)
        item = DetectSpeech(session_id="", work_id=0, audio=silence, state=initial_vad_state())
        for batch in ([item], [item] * 4):
            for outcome in self.run(batch):
                if isinstance(outcome, Exception):
                    raise outcome

    def run(self, batch: Sequence[DetectSpeech]) -> list[SpeechDetected | Exception]:
        """Answer at most `MOST_FRAMES` frames of each item, in order of the batch.

        An item of the wrong shape gets `EngineFailed`; its neighbours do not notice.
        """
        outcomes: list[SpeechDetected | Exception] = [_refusal(item) for item in batch]
        counts = [min(MOST_FRAMES, (len(item.audio) - VAD_CONTEXT) // VAD_FRAME) for item in batch]
        # Longest first: those still going are always the first rows, so that the state shrinks by slicing alone.
        order = sorted((n for n in range(len(batch)) if _is_whole(batch[n])), key=lambda n: -counts[n])
        if order:
            sound = [_frames(batch[n].audio, counts[n]) for n in order]
            gates = self._network.encode(np.concatenate(sound))
            answers = self._recur(gates, [counts[n] for n in order], [batch[n].state for n in order])
            for n, (probabilities, state) in zip(order, answers, strict=True):
                item = batch[n]
                outcomes[n] = SpeechDetected(
                    session_id=item.session_id, work_id=item.work_id, probabilities=probabilities, state=state
                )
        return outcomes

    def close(self) -> None:
        """Give BLAS its threads back."""
        self._limits.restore_original_limits()

    def _recur(self, gates: Array, counts: list[int], states: list[VadState]) -> list[tuple[Array, VadState]]:
        """Advance all tracks frame by frame; `gates` holds their frames one track after the other, longest first."""
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        state = np.concatenate(states, axis=1)
        probabilities = np.empty((counts[0], len(counts)), np.float32)
        for index in range(counts[0]):
            going = sum(count > index for count in counts)
            current = gates[starts[:going] + index]
            probabilities[index, :going], state[:, :going] = self._network.step(current, state[:, :going])
        return [(probabilities[:count, row].copy(), state[:, row : row + 1].copy()) for row, count in enumerate(counts)]


class _Network:
    """The layers as products of matrices, frames as rows."""

    def __init__(self, weights: SileroWeights) -> None:
        self._basis = np.ascontiguousarray(weights.basis[:, 0].T)
        first, second, third, fourth = ((_taps(weight), bias) for weight, bias in weights.convolutions)
        self._first, self._second = first, second
        # Where a layer has one position left, the taps that would read padding are left out.
        self._third = np.ascontiguousarray(third[0][64:]), third[1]
        self._fourth = np.ascontiguousarray(fourth[0][64:128]), fourth[1]
        self._input = np.ascontiguousarray(weights.lstm_input.T)
        self._hidden = np.ascontiguousarray(weights.lstm_hidden.T)
        self._bias = weights.lstm_bias
        self._output, self._output_bias = weights.output, weights.output_bias

    def encode(self, frames: Samples) -> Array:
        """Return what the recurrent layer adds to its gates for each frame: (n, 576) to (n, 512)."""
        count = len(frames)
        padded = np.concatenate([frames, frames[:, _WINDOW - 2 : _WINDOW - 2 - _PAD : -1]], axis=1)
        windows = np.lib.stride_tricks.as_strided(
            padded, (count, _POSITIONS, _SIZE), (padded.strides[0], _HOP * 4, 4), writeable=False
        )
        spectrum = windows.reshape(-1, _SIZE) @ self._basis
        np.square(spectrum, out=spectrum)
        magnitude = np.zeros((count, _POSITIONS + 2, _BINS), np.float32)  # with padding before and behind
        power = (spectrum[:, :_BINS] + spectrum[:, _BINS:]).reshape(count, _POSITIONS, _BINS)
        np.sqrt(power, out=magnitude[:, 1:-1])
        first = np.zeros((count, _POSITIONS + 2, 128), np.float32)
        first[:, 1:-1] = _convolve(magnitude, 1, *self._first).reshape(count, _POSITIONS, 128)
        second = _convolve(first, 2, *self._second).reshape(count, 128)
        fourth = _rectified(_rectified(second, *self._third), *self._fourth)
        gates: Array = fourth @ self._input
        gates += self._bias
        return gates

    def step(self, gates: Array, state: VadState) -> tuple[Array, VadState]:
        """Advance the recurrent layer by one frame of n tracks: probabilities (n,), new state (2, n, 128)."""
        gates = gates + state[0] @ self._hidden
        opened = _sigmoid(gates[:, : 3 * _HIDDEN])
        cell = opened[:, 2 * _HIDDEN :] * state[1] + opened[:, :_HIDDEN] * np.tanh(gates[:, 3 * _HIDDEN :])
        hidden = opened[:, _HIDDEN : 2 * _HIDDEN] * np.tanh(cell)
        logits = np.maximum(hidden, 0) @ self._output + np.float32(self._output_bias)
        return _sigmoid(logits), np.stack([hidden, cell])


def _taps(weight: Array) -> Array:
    """Return a convolution's weight (out, in, 3) as the matrix (3 in, out) for rows of three neighbours."""
    return np.ascontiguousarray(weight.transpose(2, 1, 0).reshape(-1, weight.shape[0]))


def _convolve(padded: Array, stride: int, taps: Array, bias: Array) -> Array:
    """Convolve rows (n, positions + 2, channels) with three taps; return (n * positions / stride, out), rectified."""
    count, positions, channels = padded.shape
    outer, inner, _ = padded.strides
    neighbours = np.lib.stride_tricks.as_strided(
        padded, (count, (positions - 2) // stride, 3 * channels), (outer, stride * inner, 4), writeable=False
    )
    return _rectified(neighbours.reshape(-1, 3 * channels), taps, bias)


def _rectified(rows: Array, matrix: Array, bias: Array) -> Array:
    product: Array = rows @ matrix
    product += bias
    np.maximum(product, 0, out=product)
    return product


def _sigmoid(values: Array) -> Array:
    # exp overflows to infinity for values below -88, whose sigmoid is 0 in float32 as well.
    with np.errstate(over="ignore"):
        sigmoid: Array = np.reciprocal(1 + np.exp(-values))
    return sigmoid


def _is_whole(item: DetectSpeech) -> bool:
    count, odd = divmod(len(item.audio) - VAD_CONTEXT, VAD_FRAME)
    return count >= 1 and not odd and item.state.shape == (2, 1, _HIDDEN)


def _refusal(item: DetectSpeech) -> Exception:
    return EngineFailed(f"{len(item.audio)} samples are not a context and whole frames")


def _frames(audio: Samples, count: int) -> Samples:
    """Return the first `count` frames with 64 samples of context each, shape (count, 576)."""
    plain = np.ascontiguousarray(audio, np.float32)
    return np.lib.stride_tricks.as_strided(plain, (count, _WINDOW), (VAD_FRAME * 4, 4), writeable=False)
