"""What the labels of a punctuation model mean: there are as many spellings as models. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Capitals: TypeAlias = Literal["none", "first", "all"]

MARKS = ".,?!:;"

_MARK_NAMES = {
    "PERIOD": ".",
    "FULLSTOP": ".",
    "COMMA": ",",
    "QUESTION": "?",
    "QUESTIONMARK": "?",
    "EXCLAMATION": "!",
    "EXCLAMATIONMARK": "!",
    "COLON": ":",
    "SEMICOLON": ";",
}

_CAPITALS: dict[str, Capitals] = {"U": "first", "Upper": "first", "CAP": "first", "UPPER": "all", "CAPS": "all"}
_SMALL = frozenset(("O", "LOWER", "lower"))

_PAIR = re.compile(r"([^A-Za-z0-9\s]|O)([UO])")
"""A mark, or "O" for none, and "U" or "O" for a capital or none: felflare's models label words so."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a word gets: a mark behind it or "", and its capitals; None if the label says nothing of these."""

    mark: str
    capitals: Capitals | None


def read_label(text: str) -> Label:
    """Return what a label means: "0", ".", "period", "Upper_," and "?U" are all such; an unknown one means nothing."""
    if pair := _PAIR.fullmatch(text):
        return Label(pair[1] if pair[1] in MARKS else "", "first" if pair[2] == "U" else "none")
    mark = next((character for character in text if character in MARKS), "")
    parts = re.findall(r"[A-Za-z]+", text)
    mark = next((_MARK_NAMES[part.upper()] for part in parts if part.upper() in _MARK_NAMES), mark)
    capitals = next((_CAPITALS[part] for part in parts if part in _CAPITALS), None)
    if capitals is None and _SMALL.intersection(parts):
        capitals = "none"
    return Label(mark, capitals)
