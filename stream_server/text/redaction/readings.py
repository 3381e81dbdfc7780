"""What a word says of numbers: digits, a number in words, an amount, what stands between two numbers, or nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from stream_server.text.redaction.lexicon import COUNTED, GAPS, LINKS, MEASURES, NUMBER_WORDS, ZEROS, Deed
from stream_server.text.tokens import LEADING_MARKS, TRAILING_MARKS

Sort: TypeAlias = Literal[
    "digits", "number", "amount", "typed", "label", "zero", "gap", "link", "measure", "counted", "word"
]  # fmt: skip
"""Bare `digits`; a `number` word; digits written as an `amount`, a time or a date; one `typed` by what it is written
with, as money; a `label` of letters and few digits; perhaps a `zero`; what stands between numbers, or behind them."""

NUMERIC: frozenset[Sort] = frozenset({"digits", "number", "amount", "label"})


Piece: TypeAlias = str | tuple[Deed, int]
"""Digits as they are written, or what a number word does."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One word's; numeric ones have `pieces`, in order."""

    sort: Sort
    pieces: tuple[Piece, ...] = ()


WORD = Reading("word")
GAP = Reading("gap")
_LINK = Reading("link")
_MEASURE = Reading("measure")
_COUNTED = Reading("counted")
_ZERO = Reading("zero", ("0",))
_KNOWN = {
    **dict.fromkeys(COUNTED, _COUNTED),
    **dict.fromkeys(MEASURES, _MEASURE),
    **dict.fromkeys(LINKS, _LINK),
    **dict.fromkeys(GAPS, GAP),
    **dict.fromkeys(ZEROS, _ZERO),
    **{word: Reading("number", (deed,)) for word, deed in NUMBER_WORDS.items()},
}
"""Words that say something; of one that may say two things the last counts."""

_PARTS = re.compile(r"[^\W_]+")
_GLUED = re.compile(r"[-–—/.,:·_]")
_BARE = re.compile(r"[+(]*\d[\d\W_]*")
_LONG = 4
"""Digits with letters around them that are more than a label."""

_YEAR = r"(?:19|20)\d\d"
_TYPED = re.compile(
    r"(?:rp|idr|usd|[$€£¥])\.?[-+]?\d[\d.,–-]*(?:k|rb|jt|m|bn|b|t)?"
    r"|[-+−]?\d[\d.,–-]{0,8}(?:%|°[cf]?|km(?:/(?:h|jam))?|mph|kg|cm|mm|mg|ml|m|g|ha|mb|gb|kw|w|x|k|st|nd|rd|th|am|pm)"
    r"|ke-\d{1,3}"
    rf"|{_YEAR}(?:-an|'?s)",
)
_UNSURE = re.compile(r"\d+[a-z]+")
"""A long number with letters behind it, and no mark in it: "4111m" may be "4111, M..."."""

_AMOUNT = re.compile(
    r"[-+−]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,2})?|[-+−]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,2})?"
    r"|[-+−]?(?:0|[1-9]\d{0,2})[.,]\d{1,2}"
    r"|(?:[01]?\d|2[0-4])[.:][0-5]\d(?:[.:][0-5]\d)?"
    r"|\d{1,2}/\d{1,2}"
    rf"|[0-3]?\d([/.-])[01]?\d\1(?:{_YEAR}|\d\d)|{_YEAR}-[01]\d-[0-3]\d"
    rf"|\d{{1,3}}–\d{{1,3}}|{_YEAR}[–-]{_YEAR}"
)


def read(text: str) -> list[Reading]:
    """Return what the words of a text say; marks around a word say nothing."""
    return [_read(word) for word in text.split()]


def _read(word: str) -> Reading:
    key = word.strip(LEADING_MARKS + TRAILING_MARKS).casefold() or word
    if not key.isascii():
        key = _ascii_digits(key)
    known = _KNOWN.get(key)
    if known is not None:
        return known
    if key.isalpha():
        return WORD
    if any(map(str.isdigit, key)):
        return _written(key)
    return _glued_words(key) if _GLUED.search(key) else WORD


def _written(key: str) -> Reading:
    digits = "".join(filter(str.isdecimal, key))
    pieces = (digits,)
    if _TYPED.fullmatch(key) and (len(digits) < _LONG or not _UNSURE.fullmatch(key)):
        return Reading("typed", pieces)
    if _AMOUNT.fullmatch(key):
        return Reading("amount", pieces)
    if _BARE.fullmatch(key):
        return Reading("digits", pieces)
    glued = _glued_words(key)
    if glued is not WORD:
        return glued
    return Reading("digits" if len(digits) >= _LONG else "label", pieces)


def _glued_words(key: str) -> Reading:
    """Read "satu-dua-4" as the number words that it is made of."""
    pieces = [part if part.isdecimal() else NUMBER_WORDS.get(part) for part in _PARTS.findall(key)]
    known = tuple(piece for piece in pieces if piece is not None)
    return Reading("number", known) if known and len(known) == len(pieces) else WORD


def _ascii_digits(text: str) -> str:
    """Return a text with every script's digits as our own; Chinese numerals only among themselves: 一起 is a word."""
    found = ""
    for among_numerals, characters in groupby(text, _is_numeral):
        run = "".join(characters)
        numerals = among_numerals and (len(run) >= _LONG or len(run) == len(text))
        found += "".join(map(_ascii_digit if numerals or not among_numerals else str, run))
    return found


def _is_numeral(character: str) -> bool:
    """Tell whether a character is a number of a script that has no digits, or whose digits are letters: 四, Ⅳ."""
    return unicodedata.digit(character, None) is None and _value(character) is not None


def _ascii_digit(character: str) -> str:
    value = unicodedata.digit(character, None)
    value = _value(character) if value is None else value
    return character if value is None else str(value)


def _value(character: str) -> int | None:
    value = unicodedata.numeric(character, None)
    return int(value) if value is not None and value.is_integer() else None
