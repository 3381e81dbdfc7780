"""Drives a session on a virtual clock: results come back at fixed sample positions, whatever the machine does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from stream_server.events import Audio, Command, Event, Final, Finish, Partial, Samples
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from stream_server.session.session import Session
from stream_server.work import (
    VAD_CONTEXT,
    VAD_FRAME,
    DetectSpeech,
    Hypothesis,
    Listen,
    LookAgain,
    Result,
    SpeechDetected,
    Transcribe,
    Transcribed,
    WorkFailed,
)


class Vad(Protocol):
    """What answers `DetectSpeech`."""

    def run(self, batch: Sequence[DetectSpeech]) -> Sequence[Any]: ...


class LoudnessVad:
    """Speech is what is loud; for tests of everything but speech detection."""

    def run(self, batch: Sequence[DetectSpeech]) -> list[SpeechDetected]:
        """Judge every frame by its peak."""
        results = []
        for work in batch:
            frames = work.audio[VAD_CONTEXT:].reshape(-1, VAD_FRAME)
            probabilities = (np.abs(frames).max(axis=1) > 0.01).astype(np.float32)
            results.append(
                SpeechDetected(
                    session_id=work.session_id, work_id=work.work_id, probabilities=probabilities, state=work.state
                )
            )
        return results


@dataclass
class LivePath:
    """One session with its engines.

    An answer to a `Transcribe` comes `delay_frames` judged frames after it was asked for; frames are judged one by one.
    `listener` answers for voices, after `voice_delay_frames`.
    """

    session: Session
    engine: Any
    vad: Vad = field(default_factory=LoudnessVad)
    delay_frames: int = 10
    listener: Any = None
    voice_delay_frames: int = 2
    events: list[Event] = field(default_factory=list)
    asked: list[Transcribe] = field(default_factory=list)
    _judged: int = 0
    _due: list[tuple[int, Transcribe | Listen | LookAgain]] = field(default_factory=list)
    _frames: list[DetectSpeech] = field(default_factory=list)

    def send(self, command: Command) -> None:
        """Give the session a command and let everything follow that the virtual clock allows."""
        self.session.receive_command(command, self._now)
        self._run()

    def stream(self, samples: Samples, cuts: Iterable[int]) -> list[Event]:
        """Send mono samples in pieces of the given lengths, then finish; return every event."""
        at = 0
        for cut in cuts:
            if at >= len(samples):
                break
            self.send(Audio(samples=samples[at : at + cut, None]))
            at += cut
        if at < len(samples):
            self.send(Audio(samples=samples[at:, None]))
        self.send(Finish())
        while self._due:
            self._judged = min(at for at, _ in self._due)
            self._run()
        return self.events

    @property
    def finals(self) -> list[Final]:
        """Every final so far."""
        return [event for event in self.events if isinstance(event, Final)]

    @property
    def partials(self) -> list[Partial]:
        """Every partial so far."""
        return [event for event in self.events if isinstance(event, Partial)]

    @property
    def text(self) -> str:
        """The finals' text."""
        return " ".join(final.text for final in self.finals)

    @property
    def _now(self) -> float:
        return self._judged * VAD_FRAME / 16_000

    def _run(self) -> None:
        self._collect()
        while self._answer_due() or self._judge_frame():
            self._collect()

    def _collect(self) -> None:
        for work in self.session.work_to_do():
            if isinstance(work, Transcribe):
                self.asked.append(work)
                self._due.append((self._judged + self.delay_frames, work))
            elif isinstance(work, Listen | LookAgain):
                self._due.append((self._judged + self.voice_delay_frames, work))
            else:
                self._frames.append(work)
        self.events += self.session.events_to_send()

    def _answer_due(self) -> bool:
        due = [work for at, work in self._due if at <= self._judged]
        if not due:
            return False
        self._due = [entry for entry in self._due if entry[0] > self._judged]
        for work in due:
            if isinstance(work, Transcribe):
                (outcome,) = self.engine.run([work])
                self.session.receive_result(answer(work, outcome), self._now)
            else:
                (heard,) = self.listener.run([work])
                self.session.receive_result(heard, self._now)
        return True

    def _judge_frame(self) -> bool:
        if not self._frames:
            return False
        work = self._frames.pop(0)
        one = DetectSpeech(
            session_id=work.session_id,
            work_id=work.work_id,
            audio=work.audio[: VAD_CONTEXT + VAD_FRAME],
            state=work.state,
        )
        (result,) = self.vad.run([one])
        self._judged += 1
        self.session.receive_result(result, self._now)
        return True


def answer(work: Transcribe, outcome: Hypothesis | Exception) -> Result:
    """Return the result that a worker makes of an engine's outcome."""
    if isinstance(outcome, Hypothesis):
        return Transcribed(session_id=work.session_id, work_id=work.work_id, hypothesis=outcome)
    from stream_server.errors import EngineFailed

    return WorkFailed(session_id=work.session_id, work_id=work.work_id, error=EngineFailed(str(outcome)))


def new_session(options: SessionOptions | None = None, limits: Limits | None = None, **known: Any) -> Session:
    """Return a session as a runner would open it."""
    return Session("s", options or SessionOptions(), model="m", engine="e", now=0.0, limits=limits, **known)
