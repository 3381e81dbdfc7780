"""What the sessions say: the same clips in every one, each beginning at another, with the moment each clip ends.

With the same words in every session, a word error rate at one number of sessions can be held against that at another.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from speech import PAUSE_SECONDS, RATE, clips
from speech import Talk as Clip

GOLDEN = 0.618_034
QUIET = 0.03
"""Of a clip's peak: what is below at its end is no speech."""


@dataclass(frozen=True, slots=True)
class Said:
    """One clip in a talk: its words, and when its last speech has been said, in seconds from the talk's beginning."""

    reference: str
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Talk:
    """What one session says: int16 samples at 16 kHz, and the clips in them."""

    audio: npt.NDArray[np.int16]
    said: tuple[Said, ...]

    @property
    def reference(self) -> str:
        """Return all words."""
        return " ".join(each.reference for each in self.said)


def talks(seconds: float, folder: Path) -> list[Talk]:
    """Return as many talks as there are clips in one: the same clips, each talk beginning at another."""
    chosen = choose(clips(folder), seconds)
    return [talk([*chosen[first:], *chosen[:first]], seconds) for first in range(len(chosen))]


def choose(pool: list[Clip], seconds: float) -> list[Clip]:
    """Return clips from all over the pool that fit into so many seconds, pauses included, none of them twice."""
    room = (seconds - PAUSE_SECONDS) * RATE
    chosen = []
    for clip in (pool[at] for at in sorted(range(len(pool)), key=lambda at: at * GOLDEN % 1)):
        length = len(clip.audio) + PAUSE_SECONDS * RATE
        if length <= room:
            chosen.append(clip)
            room -= length
    return chosen


def talk(chosen: list[Clip], seconds: float) -> Talk:
    """Join clips with a pause in front of each and behind the last, then silence."""
    audio = np.zeros(round(seconds * RATE), np.int16)
    pause = round(PAUSE_SECONDS * RATE)
    said, at = [], pause
    for clip in chosen:
        audio[at : at + len(clip.audio)] = clip.audio
        said.append(Said(clip.reference, (at + speech_end(clip.audio)) / RATE))
        at += len(clip.audio) + pause
    return Talk(audio, tuple(said))


def speech_end(audio: npt.NDArray[np.int16]) -> int:
    """Return the sample behind the last that is not quiet: half of the clips end in up to 0.6 s of room noise."""
    loud = np.abs(audio.astype(np.int32))
    return int(np.flatnonzero(loud > QUIET * loud.max())[-1]) + 1
