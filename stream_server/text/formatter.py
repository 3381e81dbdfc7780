"""Words side by side: what nobody can read is taken out of them, and they are joined as their scripts are. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "IDEOGRAPHIC", "FULLWIDTH")
"""Scripts written without spaces, by the first word of their characters' Unicode names."""

_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: they belong to the spelling of Persian and of the languages of India."""


def join(texts: Iterable[str]) -> str:
    """Join words with spaces, except where both neighbours belong to a script without any."""
    line = ""
    for text in texts:
        if not text:
            continue
        line += f" {text}" if line and _spaced(line[-1], text[0]) else text
    return line


def _spaced(left: str, right: str) -> bool:
    return not (_is_unspaced(left) or _is_unspaced(right))


def _is_unspaced(character: str) -> bool:
    return character > "\u0e00" and unicodedata.name(character, "").startswith(_UNSPACED)


def tidy(words: Iterable[str]) -> tuple[str, ...]:
    """Strip what no reader wants: surrounding space, control characters, and format characters but the joiners."""
    return tuple(map(_tidied, words))


def tidy_text(text: str) -> str:
    """Return a text of tidy words, with one space between each."""
    return " ".join(filter(None, tidy(text.split())))


def comparable(text: str) -> str:
    """Return a word as it compares with others: case, how Unicode spells a character and what nobody sees aside."""
    if text.isascii() and text.isprintable():
        return text.lower()
    return unicodedata.normalize("NFC", _tidied(text).casefold())


def _tidied(word: str) -> str:
    return "".join(c for c in word if c in _JOINERS or unicodedata.category(c)[0] != "C").strip()
