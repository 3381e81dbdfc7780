"""The sample meeting: three voices on three channels, its turns and its words.

Made by `tests/audio/make_speech.py`; played by `stream-server demo` and by the tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one person says before the next one speaks. Times in seconds; numbers in `text` are spelled out."""

    speaker: str
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A recording with one track per person, who speak one at a time."""

    audio: Path
    language: str
    sample_rate: int
    seconds: float
    tracks: tuple[str, ...]
    turns: tuple[Turn, ...]
    reference: str


def sample_meeting() -> Meeting:
    """Return the meeting that ships with the package."""
    folder = Path(str(files(__name__)))
    told = json.loads((folder / "meeting.json").read_text(encoding="utf-8"))
    return Meeting(
        audio=folder / told["file"],
        language=told["language"],
        sample_rate=told["sample_rate"],
        seconds=told["seconds"],
        tracks=tuple(told["tracks"]),
        turns=tuple(Turn(**turn) for turn in told["turns"]),
        reference=told["reference"],
    )
