"""English number words, one at a time: what a word, or a written number, adds to a number. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache

from stream_server.text.numerals import ENGLISH


class Kind(Enum):
    """Where a word may stand in a number."""

    ZERO = auto()
    UNIT = auto()
    """One to nine."""
    TEEN = auto()
    """Ten to nineteen, and what a hyphen makes whole: twenty-five."""
    TENS = auto()
    HUNDRED = auto()
    SCALE = auto()
    DIGITS = auto()
    """A number that is written already."""


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word of a number."""

    kind: Kind
    value: Decimal


UNITS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
ZEROS = {"zero", "oh", "o", "nought"}
"""Words for the digit 0 within a string of digits; only the first also is a number."""
DIGIT_WORDS = (
    {word: str(value) for word, value in UNITS.items()}
    | dict.fromkeys(ZEROS, "0")
    | {digit: digit for digit in "0123456789"}
)
"""One digit, said or written."""

_WORDS = (
    {"zero": Lexeme(Kind.ZERO, Decimal(0)), "hundred": Lexeme(Kind.HUNDRED, Decimal(100))}
    | {word: Lexeme(Kind.UNIT, Decimal(value)) for word, value in UNITS.items()}
    | {word: Lexeme(Kind.TEEN, Decimal(value)) for word, value in TEENS.items()}
    | {word: Lexeme(Kind.TENS, Decimal(value)) for word, value in TENS.items()}
    | {word: Lexeme(Kind.SCALE, Decimal(value)) for word, value in SCALES.items()}
)
_BEGINNINGS = frozenset({"minus", "negative", "point", "a", "double", "triple", *DIGIT_WORDS})
"""Of numbers, besides their own words."""
_MOST_DIGITS = 20
"""Of a written number: more are no amount of anything."""
_WRITTEN = re.compile(r"[0-9][0-9,]*(\.[0-9]+)?")


@lru_cache(maxsize=4096)
def lexeme(key: str) -> Lexeme | None:
    """Return what a word, given without regard to case, is in a number; None: nothing."""
    known = _WORDS.get(key)
    if known or not key:
        return known
    if "0" <= key[0] <= "9":
        value = ENGLISH.read(key) if len(key) <= _MOST_DIGITS and _WRITTEN.fullmatch(key) else None
        return None if value is None else Lexeme(Kind.DIGITS, value)
    return _hyphenated(key)


def may_begin(key: str) -> bool:
    """Tell whether a number may begin with a word: with most none does."""
    return key in _BEGINNINGS or "0" <= key[:1] <= "9" or lexeme(key) is not None


def _hyphenated(key: str) -> Lexeme | None:
    """Return what twenty-five or one-hundred is."""
    front, hyphen, back = key.partition("-")
    first, second = _WORDS.get(front), _WORDS.get(back)
    if not (hyphen and first and second):
        return None
    match first.kind, second.kind:
        case Kind.TENS, Kind.UNIT:
            return Lexeme(Kind.TEEN, first.value + second.value)
        case ((Kind.UNIT | Kind.TEEN | Kind.TENS), (Kind.HUNDRED | Kind.SCALE)):
            return Lexeme(Kind.DIGITS, first.value * second.value)
        case _:
            return None
