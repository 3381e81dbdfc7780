"""What speech detection costs: microseconds of CPU per frame of 32 ms, ours beside onnxruntime with the same weights.

    python benchmarks/vad.py

Ours is `audio.silero`. onnxruntime runs the step graph of silero-vad's wheel, one frame of many tracks in a call, on
one thread. Both take turns, so that the ratio holds when the machine's speed drifts. Writes results/vad.json.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
from record import keep

from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph
from stream_server.work import VAD_CONTEXT, VAD_FRAME, DetectSpeech, initial_vad_state

BATCHES = (1, 4, 8, 32, 64, 128)
ROUNDS = 7
FRAMES_PER_ROUND = 600


def cost(run: Callable[[], object], frames: int) -> float:
    """Return microseconds of CPU per frame."""
    times = max(1, FRAMES_PER_ROUND // frames)
    started = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - started) / times / frames * 1e6


def main() -> None:
    """Measure and keep."""
    ours = Silero(find_graph())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    graph = Path(find_graph()).with_name("silero_vad_op18_ifless.onnx")
    theirs = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    rows = []
    for batch in BATCHES:
        sound = random.normal(0, 0.05, (batch, VAD_CONTEXT + VAD_FRAME)).astype(np.float32)
        items = [DetectSpeech(session_id="", work_id=0, audio=one, state=initial_vad_state()) for one in sound]
        feed = {"input": sound, "state": np.zeros((2, batch, 128), np.float32), "sr": np.array(16_000, np.int64)}
        pairs = [
            (cost(partial(ours.run, items), batch), cost(partial(theirs.run, None, feed), batch)) for _ in range(ROUNDS)
        ]
        mine, released = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(released / mine for mine, released in pairs)
        rows.append({"tracks": batch, "ours_us": mine, "onnxruntime_us": released, "ratio": ratio})
        print(f"{batch:4} tracks: {mine:6.1f} µs per frame, onnxruntime {released:6.1f} µs, ratio {ratio:.2f}")
    keep("vad", {"rows": rows})


if __name__ == "__main__":
    main()
