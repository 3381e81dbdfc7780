"""How words are written for Deepgram's clients: bare, and beside a display form, if one is wanted, in lower case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stream_server.text.bare import bare_word
from stream_server.text.formatter import join
from stream_server.text.redaction.kinds import MASK

LANGUAGE_CODES = {"jw": "jv"}
"""What Whisper calls otherwise than BCP 47 does; clients refuse codes that are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One word with its place in seconds; `speaker` counts from 0."""

    text: str
    start: float
    end: float
    confidence: float
    speaker: int | None = None
    language: str | None = None

    @property
    def bare(self) -> str:
        """The word alone, without punctuation around it; "" for what is punctuation only. Masks stay masks."""
        return bare_word(self.text)

    @property
    def plain(self) -> str:
        """The word alone in lower case, but for masks."""
        return self.bare if MASK.search(self.text) else self.bare.lower()


def is_written(text: str) -> bool:
    """Tell whether clients are told of a word: not of what is hidden or punctuation only."""
    return bool(bare_word(text))


def write_words(words: Iterable[Spoken], *, formatted: bool) -> list[dict[str, Any]]:
    """Return the entries of `words`; what is punctuation only is left out."""
    return [_word(word, formatted=formatted) for word in words if word.bare]


def write_text(words: Iterable[Spoken], *, formatted: bool) -> str:
    """Return the line that these words make.

    Those that are not `formatted` came in lower case but for what is to be written otherwise, and stay so.
    """
    return join(word.text if formatted else word.bare for word in words if word.bare)


def confidence(words: Sequence[Spoken]) -> float:
    """Return the mean of the words' confidences; 0 for none."""
    said = [word.confidence for word in words if word.bare]
    return round(sum(said) / len(said), 4) if said else 0.0


def write_alternative(words: Sequence[Spoken], *, formatted: bool) -> dict[str, Any]:
    """Return the one alternative there is, as live and recorded results have it."""
    return {
        "transcript": write_text(words, formatted=formatted),
        "confidence": confidence(words),
        "words": write_words(words, formatted=formatted),
    }


def with_every_speaker(words: Sequence[Spoken], before: int = 0) -> list[Spoken]:
    """Say a speaker for every word: one of nobody known goes with the word before it, the first with the next.

    Where nobody is known at all it is whoever spoke `before`.
    """
    known = next((word.speaker for word in words if word.speaker is not None), before)
    said = []
    for word in words:
        known = known if word.speaker is None else word.speaker
        said.append(replace(word, speaker=known))
    return said


def language_code(language: str | None) -> str | None:
    """Return the code that clients know for a language."""
    return None if language is None else LANGUAGE_CODES.get(language, language)


def _word(word: Spoken, *, formatted: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "word": word.plain if formatted else word.bare,
        "start": round(word.start, 3),
        "end": round(word.end, 3),
        "confidence": round(word.confidence, 4),
    }
    if formatted:
        entry["punctuated_word"] = word.text
    if word.speaker is not None:
        entry["speaker"] = word.speaker
    if word.language is not None:
        entry["language"] = word.language
    return entry
