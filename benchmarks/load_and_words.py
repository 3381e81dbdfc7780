"""What load does to words: partials late, three times rarer and none, and windows in company instead of alone.

    python benchmarks/load_and_words.py [--models tiny.en base] [--device cpu] [--together 32]

Every clip is a session on a virtual clock, so that nothing depends on the machine: answers come when they are said to,
as the load level has it partials are asked for. Load may change words through nothing else, for a final must begin with
the words that partials have shown as stable, and through the company that a window has in its batch: the same finals
are recognised one by one and `--together` so many. Writes results/load_and_words.json.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from chapters import load_and_words as chapter
from record import keep
from speech import PAUSE_SECONDS, RATE, SHARED, Talk, clips, talk, word_errors

from stream_server.asr.loading import find_engine, load_engines
from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph
from stream_server.open_workers import engine_wish
from stream_server.session.load import LoadLevel
from stream_server.session.options import SessionOptions
from stream_server.settings import load_settings
from stream_server.text.formatting import PLAIN
from stream_server.work import VAD_FRAME, Hypothesis, Transcribe
from tests.live_path import LivePath, new_session

LOADS = (
    (LoadLevel.NORMAL, 0.1),
    (LoadLevel.NORMAL, 0.6),
    (LoadLevel.SLOW_PARTIALS, 0.6),
    (LoadLevel.FINALS_ONLY, 0.6),
)
"""The level, and the seconds until an answer is there."""

CUT = RATE // 25


class Once:
    """Recognises each window once, however often it is asked for, one by one."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._heard: dict[tuple[Any, ...], Any] = {}
        self.asked: list[Transcribe] = []

    def run(self, batch: list[Transcribe]) -> list[Hypothesis | Exception]:
        """Answer a batch of one."""
        (item,) = batch
        key = (item.audio.tobytes(), item.prefix, item.final, item.careful, item.timed, item.language)
        if key not in self._heard:
            self._heard[key] = self._engine.run([item])[0]
            self.asked.append(item)
        return [self._heard[key]]


def hear(engine: Once, silero: Silero, said: Talk, level: LoadLevel, seconds: float) -> LivePath:
    """Stream one clip through a session of its own."""
    session = new_session(SessionOptions(formatting=PLAIN))
    session.receive_load(level)
    path = LivePath(session, engine, silero, delay_frames=round(seconds * RATE / VAD_FRAME))
    samples = said.audio.astype(np.float32) / np.float32(32_768)
    path.stream(samples, [CUT] * (len(samples) // CUT + 1))
    return path


def differing(engine: Any, items: list[Transcribe], together: int) -> int:
    """Count the items whose words are others in a batch than alone."""
    groups: dict[Any, list[Transcribe]] = {}
    for item in items:
        groups.setdefault(engine.bucket(item), []).append(item)
    others = 0
    for group in groups.values():
        for first in range(0, len(group), together):
            batch = group[first : first + together]
            alone = [engine.run([item])[0] for item in batch]
            others += sum(texts(one) != texts(other) for one, other in zip(alone, engine.run(batch), strict=True))
    return others


def texts(heard: Hypothesis | Exception) -> list[str]:
    """Return the words of an outcome."""
    assert isinstance(heard, Hypothesis), "recognition failed"
    return [word.text for word in heard.words]


def measure(model: str, options: argparse.Namespace, pool: list[Talk], known: dict[str, Any]) -> Iterator[None]:
    """Hear all clips at every load, then all windows in company; stop whenever more is `known`."""
    wish = engine_wish(load_settings({"model": model, "device": options.device, "device_replicas": 1}))
    engine, silero = load_engines(find_engine(wish, allow_download=True), wish)[0], Silero(find_graph())
    once = Once(engine)
    said = [talk([clip], math.ceil(len(clip.audio) / RATE + 2 * PAUSE_SECONDS)) for clip in pool]
    known["loads"] = []
    for level, seconds in LOADS:
        paths = [hear(once, silero, each, level, seconds) for each in said]
        errors = word_errors([each.reference for each in said], [path.text for path in paths])
        partials = sum(len(path.partials) for path in paths)
        row = {"level": level.name.lower(), "seconds": seconds, "partials": partials, "words": asdict(errors)}
        known["loads"].append(row)
        print(model, row, flush=True)
        yield
    others = differing(engine, once.asked, options.together)
    known["company"] = {"windows": len(once.asked), "together": options.together, "differing": others}
    print(model, others, "of", len(once.asked), "windows differ in company", flush=True)
    yield


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["tiny.en", "base"])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--together", type=int, default=32)
    parser.add_argument("--clips", type=int, help="of all, so many from the first on")
    parser.add_argument("--audio", type=Path, default=SHARED)
    options = parser.parse_args()
    pool = clips(options.audio)[: options.clips]
    words = sum(len(clip.reference.split()) for clip in pool)
    figures: dict[str, Any] = {"device": options.device, "clips": len(pool), "words": words, "models": {}}
    for model in options.models:
        for _ in measure(model, options, pool, figures["models"].setdefault(model, {})):
            keep("load_and_words", figures)  # what is known by now: machines with a GPU are lent, and taken back
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
