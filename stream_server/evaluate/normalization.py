"""Make words comparable: Whisper's own normalisers, so that rates compare with published ones.

English: spelling, contractions, numbers, no fillers; other languages: lower case, no punctuation, nothing in brackets
(Radford et al. 2022, appendix C). Languages written without spaces are scored by characters, as there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stream_server.errors import InvalidConfiguration
from stream_server.evaluate.libraries import scoring_library

Unit: TypeAlias = Literal["word", "character"]

CHOICES = ("auto", "english", "basic", "none")

WRITTEN_WITHOUT_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "my"})
"""Whisper's list, and Cantonese, which it learnt later."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalizer:
    """Turns a text into the units that are compared. `name` is the choice in effect."""

    name: str
    unit: Unit
    clean: Callable[[str], str]

    def __call__(self, texts: Iterable[str]) -> list[str]:
        """Return the words or characters of texts.

        Each text is cleaned alone: a bracket that somebody forgot to close loses the rest of a turn, not of a meeting.
        """
        words = [word for text in texts for word in self.clean(text).split()]
        return words if self.unit == "word" else [character for word in words for character in word]

    def characters(self, units: list[str]) -> str:
        """Return what the character error rate compares; between words stands one space."""
        return ("" if self.unit == "character" else " ").join(units)


def make_normalizer(choice: str, language: str | None) -> Normalizer:
    """Return the normaliser; `auto` is `english` for English and `basic` for all else.

    Raises `InvalidConfiguration` and `NotInstalled`.
    """
    if choice not in CHOICES:
        raise InvalidConfiguration(f"normalizer must be one of {', '.join(CHOICES)}")
    spoken = read_language(language)
    name = ("english" if spoken == "en" else "basic") if choice == "auto" else choice
    unit: Unit = "character" if spoken in WRITTEN_WITHOUT_SPACES else "word"
    return Normalizer(name=name, unit=unit, clean=_cleaner(name))


def read_language(language: str | None) -> str | None:
    """Return the language of a tag such as `en` or `zh-TW`; raises `InvalidConfiguration`."""
    if language is None:
        return None
    tag = language.strip().lower().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        raise InvalidConfiguration("language must be a code such as en or id")
    return tag.partition("-")[0]


def _cleaner(name: str) -> Callable[[str], str]:
    if name == "none":
        return str
    with scoring_library():
        from whisper_normalizer.basic import BasicTextNormalizer
        from whisper_normalizer.english import EnglishTextNormalizer
    clean: Callable[[str], str]
    # Marks are letters' parts in Thai and the languages of India: without them words fall to pieces.
    clean = EnglishTextNormalizer() if name == "english" else BasicTextNormalizer(preserve_marks=True)
    return clean
