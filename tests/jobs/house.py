"""Everything that recordings are worked on with, but for models and files: a scripted engine and sounds in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from stream_server.asr.scripted import ScriptedEngine
from stream_server.auth import Authenticator, Principal
from stream_server.diarize.voices import Heard
from stream_server.events import Event, Final, Samples
from stream_server.jobs.journal import Journal
from stream_server.jobs.runner import RecordingLimits, RecordingRunner
from stream_server.recording import RecordKeeper
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.registry import Registry
from stream_server.session.services import Services
from stream_server.store.memory import MemoryStore
from stream_server.store.records import RecordStore
from stream_server.usage import UsageRecorder
from stream_server.work import DetectSpeech, Hypothesis, Listen, Listened, LookAgain, Result, Transcribe, Work
from tests.live_path import LoudnessVad, answer
from tests.voices import WINDOW, LevelListener

RATE = 16_000
OPTIONS = SessionOptions(audio=AudioFormat(sample_rate=RATE), partials=False)
ANN = Principal(organisation="acme", key_id=None)


def talk(*spans: tuple[float, float], seconds: float) -> Samples:
    """Return a sound that is loud in the given spans of seconds and silent elsewhere."""
    audio = np.zeros((round(seconds * RATE), 1), np.float32)
    for start, end in spans:
        audio[round(start * RATE) : round(end * RATE)] = 0.2
    return audio


async def blocks(audio: Samples) -> AsyncIterator[Samples]:
    """Yield a sound a second at a time, as files are decoded."""
    for start in range(0, len(audio), RATE):
        yield audio[start : start + RATE]


class House:
    """Services whose workers answer at a later turn of the event loop, or when told to.

    `asked` is all work for words; `hear` may make up what is heard. While `held` is a list, such work waits in it.
    """

    def __init__(self, directory: Path, *, store: MemoryStore | None = None, **known: Any) -> None:
        self.registry = Registry(8)
        self.engine, self.vad, self.voices = ScriptedEngine(), LoudnessVad(), LevelListener()
        self.hear: Callable[[Transcribe], Hypothesis | Exception] | None = None
        self.asked: list[Transcribe] = []
        self.listened: list[Heard] = []
        self.held: list[Work] | None = None
        self.holding = asyncio.Event()
        self.store = store or MemoryStore()
        self.recorder = UsageRecorder(self.store, directory, interval_seconds=5.0)
        self.services = Services(
            authenticator=Authenticator(self.store, open_access=True),
            recorder=self.recorder,
            records=RecordKeeper(cast("RecordStore", None), keep=False),
            registry=self.registry,
            submit=self.submit,
            cancel=self._cancel,
            open_decoder=cast("Any", None),  # recordings come decoded
            capabilities=self.engine.capabilities,
            spool_directory=directory,
            **known,
        )

    def submit(self, work: Work) -> None:
        """Answer soon; words wait if work is held."""
        if isinstance(work, Transcribe):
            self.asked.append(work)
            if self.held is not None:
                self.held.append(work)
                self.holding.set()
                return
        asyncio.get_running_loop().call_soon(self.registry.deliver, [self._answer(work)])

    def let_go(self) -> None:
        """Answer what waits, and hold nothing more."""
        held, self.held = self.held or [], None
        self.registry.deliver([self._answer(work) for work in held])

    def _answer(self, work: Work) -> Result:
        if isinstance(work, DetectSpeech):
            return self.vad.run([work])[0]
        if isinstance(work, Listen | LookAgain):
            result = self.voices.run([work])[0]
            if isinstance(result, Listened):
                self.listened.append(result.heard)
            return result
        return answer(work, self.hear(work) if self.hear is not None else self.engine.run([work])[0])

    def _cancel(self, session_id: str) -> None:
        if self.held is not None:
            self.held[:] = [work for work in self.held if work.session_id != session_id]

    async def runner(
        self,
        principal: Principal = ANN,
        *,
        name: str = "r1",
        options: SessionOptions = OPTIONS,
        journal: Journal | None = None,
        **limits: Any,
    ) -> tuple[RecordingRunner, list[Event]]:
        """Return a runner that is in the registry, and where its events go."""
        channels = options.audio.channels
        account = await self.recorder.open(name, principal, "recording", RATE, channels)
        events: list[Event] = []
        runner = RecordingRunner(
            name,
            options,
            self.services,
            account,
            principal=principal,
            limits=RecordingLimits(**limits),
            journal=journal or Journal(),
            on_event=events.append,
        )
        self.registry.enter_recording(name, runner)
        return runner, events


def finals(events: Sequence[Event]) -> list[Final]:
    """Return the finals among events."""
    return [event for event in events if isinstance(event, Final)]


__all__ = ["ANN", "OPTIONS", "RATE", "WINDOW", "House", "blocks", "finals", "talk"]
