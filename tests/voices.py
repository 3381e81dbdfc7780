"""Made-up voices: how loud a sample is says whose it is, so that what is heard of them is known exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from stream_server.diarize.listening import SecondLooks
from stream_server.diarize.voices import FRAME_SAMPLES, FRAME_SECONDS, VOICES, Embedding, Heard, normalised, sample_of
from stream_server.errors import EngineFailed
from stream_server.events import Samples
from stream_server.work import Listen, Listened, LookAgain, Result, WorkFailed

WINDOW = 80_000
RATE = 16_000
LEVELS = (0.1, 0.2, 0.4)
"""How loud each person is; together they are as loud as both."""


def voice(person: int) -> Embedding:
    """Return how a person sounds."""
    return normalised(np.eye(8)[person])


def speech(*turns: tuple[float, float, int], seconds: float) -> Samples:
    """Return audio in which persons, counted from 0, speak from one second to another."""
    audio = np.zeros(round(seconds * RATE), np.float32)
    for start, end, person in turns:
        audio[round(start * RATE) : round(end * RATE)] += LEVELS[person]
    return audio


@dataclass
class LevelListener:
    """Hears who speaks by the level, in local voices whose order changes from window to window."""

    fails: bool = False
    looks: int = 0
    heard: list[int] = field(default_factory=list)

    def run(self, batch: Sequence[Listen | LookAgain]) -> list[Result]:
        """Answer as the "voices" worker does."""
        return [self._answer(work) for work in batch]

    def _answer(self, work: Listen | LookAgain) -> Result:
        if self.fails:
            return WorkFailed(session_id=work.session_id, work_id=work.work_id, error=EngineFailed("no ears"))
        if isinstance(work, Listen):
            assert len(work.audio) == WINDOW
            self.heard.append(work.frame)
            heard = hear(work.frame, work.audio)
            return Listened(session_id=work.session_id, work_id=work.work_id, heard=heard)
        self.looks += 1
        return SecondLooks().run([work])[0]


def hear(frame: int, audio: Samples) -> Heard:
    """Return what is heard in a window."""
    frames = WINDOW // FRAME_SAMPLES - 3
    levels = np.array([np.abs(audio[sample_of(index) : sample_of(index + 1)]).mean() for index in range(frames)])
    people = [_people(round(float(level), 2)) for level in levels]
    order = np.roll(np.arange(VOICES), frame % VOICES)
    activity = np.zeros((frames, VOICES), np.float32)
    for index, present in enumerate(people):
        for person in present:
            activity[index, order[person]] = 1
    bare = Heard(frame, activity, (None,) * VOICES)
    embeddings: list[Embedding | None] = [None] * VOICES
    for person in range(VOICES):
        if bare.alone[:, order[person]].sum() * FRAME_SECONDS >= 0.2:
            embeddings[order[person]] = voice(person)
    return Heard(frame, activity, tuple(embeddings))


def _people(level: float) -> Iterable[int]:
    for present in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
        if abs(sum(LEVELS[person] for person in present) - level) < 0.02:
            return present
    return ()
