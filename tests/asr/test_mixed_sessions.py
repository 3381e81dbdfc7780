"""Sessions that differ in everything they may choose share one worker, and each hears the words it hears alone."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from stream_server.asr.whisper import WhisperEngine
from stream_server.asr.worker import BatchWorker
from stream_server.events import Samples
from stream_server.work import Result, Transcribe, Transcribed

pytestmark = pytest.mark.recognition

PATIENCE = 120.0

CHOICES: tuple[dict[str, Any], ...] = (
    {},
    {"hotwords": "platform invoice"},
    {"hotwords": "Budi Santoso, Prosa, Meemo and the quarterly report of the northern region"},
    {"context": "We spoke about trains and their platforms."},
    {"language": "en"},
    {"language": "id"},
    {"languages": ("en", "id")},
    {"languages": ("de",)},
    {"final": False},
    {"careful": True},
)


class Answers:
    """Collects results by work id."""

    def __init__(self, count: int) -> None:
        self.heard: dict[int, list[str]] = {}
        self._count = count
        self._all = threading.Event()

    def __call__(self, results: list[Result]) -> None:
        """Take results, in the worker's thread."""
        for result in results:
            assert isinstance(result, Transcribed), result
            self.heard[result.work_id] = [word.text for word in result.hypothesis.words]
        if len(self.heard) == self._count:
            self._all.set()

    def wait(self) -> dict[int, list[str]]:
        """Return everything once it is there."""
        assert self._all.wait(PATIENCE)
        return self.heard


def windows(clips: dict[str, tuple[Samples, str]]) -> list[Transcribe]:
    """Return one window a session: every choice, over clips of different lengths."""
    audios = [clips["weather"][0], clips["train"][0], clips["invoice"][0]]
    return [
        Transcribe(
            session_id=f"s{number}", work_id=number, track=0, utterance_id="u", start=0,
            audio=audios[number % len(audios)], **{"final": True, **choice},
        )
        for number, choice in enumerate(CHOICES)
    ]  # fmt: skip


def test_everybody_hears_the_words_they_hear_alone(
    live_base: WhisperEngine, clips: dict[str, tuple[Samples, str]]
) -> None:
    """Hotwords, context, languages, partials and second looks, all submitted at once."""
    items = windows(clips)
    sizes: list[int] = []
    answers = Answers(len(items))
    worker = BatchWorker(
        "test", live_base, answers, partial_deadline_ms=1e6, on_batch=lambda _kind, size, *_: sizes.append(size)
    )
    for item in items:
        worker.submit(item)
    worker.start()
    together = answers.wait()
    worker.stop(drain=True, timeout=PATIENCE)

    for item in items:
        (alone,) = live_base.run([item])
        assert not isinstance(alone, Exception)
        assert together[item.work_id] == [word.text for word in alone.words], item.session_id
    assert max(sizes) > 1


def test_a_second_look_waits_for_everybody_elses_first(
    live_base: WhisperEngine, clips: dict[str, tuple[Samples, str]]
) -> None:
    """It is a batch of its own, behind those who have waited longer, so one bad clip costs its neighbours one turn."""
    audio = clips["weather"][0]
    batches: list[tuple[int, int]] = []

    class Noting:
        """Notes how many of a batch are second looks."""

        bucket = staticmethod(live_base.bucket)

        def run(self, batch: list[Transcribe]) -> list[object]:
            batches.append((len(batch), sum(item.careful for item in batch)))
            return list(live_base.run(batch))

    items = [
        Transcribe(
            session_id=f"s{n}", work_id=n, track=0, utterance_id="u", start=0, audio=audio, final=True, language="en",
            careful=n == 0,
        )
        for n in range(4)
    ]  # fmt: skip
    answers = Answers(len(items))
    worker = BatchWorker("test", Noting(), answers, gather_ms=0)
    for item in [*items[1:], items[0]]:
        worker.submit(item)
    worker.start()
    answers.wait()
    worker.stop(drain=True, timeout=PATIENCE)

    assert batches == [(3, 0), (1, 1)]
