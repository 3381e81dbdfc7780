"""Silero VAD through onnxruntime, many sessions in one call.

Two kinds of graph are known. A *step* graph takes one frame each of many tracks, a *sequence* graph many frames of one
track. `silero-vad`'s wheel holds both, with equal weights; `faster-whisper`'s only a sequence graph, with weights of
an earlier release. The packages are located and never imported: `silero_vad` would import torch.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from stream_server.errors import EngineFailed, ModelUnavailable
from stream_server.events import Samples
from stream_server.work import ENGINE_RATE, VAD_CONTEXT, VAD_FRAME, DetectSpeech, SpeechDetected, initial_vad_state

MOST_FRAMES = 32
"""Frames answered per item and call (1.02 s), so that a burst of one session delays the others by little."""

_WINDOW = VAD_CONTEXT + VAD_FRAME
_RATE = np.array(ENGINE_RATE, np.int64)
_PLACES = (
    ("silero_vad", "data/silero_vad_op18_ifless.onnx", "data/silero_vad_16k_sequence.onnx"),
    ("silero_vad", "data/silero_vad.onnx", None),
    ("faster_whisper", None, "assets/silero_vad_v6.onnx"),
)
"""(package, step graph, sequence graph), best first. Graphs of one row have the same weights."""


@dataclass(frozen=True, slots=True)
class Graphs:
    """Where the ONNX files are; at least one is given."""

    step: Path | None = None
    sequence: Path | None = None


def find_graphs() -> Graphs:
    """Return the best graphs that are installed; raise `ModelUnavailable` if there are none."""
    for package, step, sequence in _PLACES:
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            found = Graphs(_existing(folder, step), _existing(folder, sequence))
            if found.step or found.sequence:
                return found
    raise ModelUnavailable("no Silero VAD graph is installed; install silero-vad (without torch) or faster-whisper")


def _existing(folder: str, name: str | None) -> Path | None:
    path = Path(folder, name) if name else None
    return path if path and path.is_file() else None


class Silero:
    """Answers batches of `DetectSpeech`; owned by one thread.

    An item's probabilities do not depend on its neighbours beyond float noise (1e-6).
    """

    def __init__(self, graphs: Graphs) -> None:
        self._step = _load(graphs.step)
        self._sequence = _load(graphs.sequence)

    def bucket(self, item: DetectSpeech) -> str:  # noqa: ARG002  # the worker's contract
        """Return the same key for all: any items may share a batch."""
        return "speech"

    def warm_up(self) -> None:
        """Run every graph once."""
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
        tracks = [_Track(item) for item in batch]
        together = []
        for track in tracks:
            if track.error is None:
                if self._prefers_sequence(track, len(batch)):
                    self._run_sequence(track)
                else:
                    together.append(track)
        self._run_steps(together)
        return [track.answer() for track in tracks]

    def close(self) -> None:
        """Free the graphs."""
        self._step = self._sequence = None

    def _prefers_sequence(self, track: _Track, company: int) -> bool:
        """Choose the cheaper road.

        Measured on two cores: a sequence costs 33 µs and 42 µs per frame, a step 40 µs and 40 µs per track, so that
        the sequence wins where a track has more frames than company.
        """
        if self._sequence is None or self._step is None:
            return self._step is None
        return len(track.frames) >= company

    def _run_sequence(self, track: _Track) -> None:
        assert self._sequence is not None
        feed = {"input": track.frames, "h": track.state[:1], "c": track.state[1:]}
        track.probabilities, hidden, cell = self._sequence.run(None, feed)
        track.state = np.concatenate([hidden, cell])

    def _run_steps(self, tracks: list[_Track]) -> None:
        """Advance all tracks frame by frame; the batch shrinks as the shorter ones end."""
        if not tracks:
            return
        assert self._step is not None
        # Longest first: those still going are always the first rows, so that the state shrinks by slicing alone.
        tracks = sorted(tracks, key=lambda track: -len(track.frames))
        state = np.concatenate([track.state for track in tracks], axis=1)
        for index in range(len(tracks[0].frames)):
            going = sum(len(track.frames) > index for track in tracks)
            frames = np.stack([track.frames[index] for track in tracks[:going]])
            feed = {"input": frames, "state": state[:, :going], "sr": _RATE}
            output, advanced = self._step.run(None, feed)
            for row, track in enumerate(tracks[:going]):
                track.probabilities[index] = output[row, 0]
            state[:, :going] = advanced
        for row, track in enumerate(tracks):
            track.state = state[:, row : row + 1].copy()


class _Track:
    """One item on its way through the graphs: `frames` (k, 576), `probabilities` (k,), `state` (2, 1, 128)."""

    def __init__(self, item: DetectSpeech) -> None:
        self._item = item
        self.state = item.state
        self.error: EngineFailed | None = None
        count, odd = divmod(len(item.audio) - VAD_CONTEXT, VAD_FRAME)
        if count < 1 or odd or item.state.shape != (2, 1, 128):
            self.error = EngineFailed(f"{len(item.audio)} samples are not a context and whole frames")
            return
        self.frames = _frames(item.audio, min(count, MOST_FRAMES))
        self.probabilities: npt.NDArray[np.float32] = np.empty(len(self.frames), np.float32)

    def answer(self) -> SpeechDetected | Exception:
        if self.error is not None:
            return self.error
        item = self._item
        return SpeechDetected(
            session_id=item.session_id, work_id=item.work_id, probabilities=self.probabilities, state=self.state
        )


def _frames(audio: Samples, count: int) -> Samples:
    """Return the first `count` frames with 64 samples of context each, shape (count, 576)."""
    windows = np.lib.stride_tricks.sliding_window_view(audio, _WINDOW)[::VAD_FRAME]
    return np.ascontiguousarray(windows[:count], dtype=np.float32)


def _load(path: Path | None) -> Any:
    if path is None:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The released graphs hold unused initializers, each of which would be a warning at every start.
    options.log_severity_level = 3
    # The arena never gives back what a large batch once needed, and gains nothing here.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
