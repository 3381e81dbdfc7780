"""Tell whether four digits in a row of a secret stand in a text, in figures or in words, whatever lies between them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

MANY = 4

DIGITS = {
    "id": ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
FILLERS = ("eh", "uh,", "anu", "em", "um")
LINKS = ("lalu", "then", "and", "ya", "dash", "spasi", "-", ",")

ENGLISH_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_VALUES = {word: str(value) for words in DIGITS.values() for value, word in enumerate(words)} | {"kosong": "0"}
_TENS = {word: str(value) for value, word in enumerate(ENGLISH_TENS, start=2)}
_AGAIN = {"double": 2, "dobel": 2, "triple": 3, "tripel": 3}
_BETWEEN = frozenset(each.strip(",") for each in FILLERS + LINKS)
_MARKS = re.compile(r"[-–—.,:;!?()\[\]\"'/+]")
_OUR_OWN = re.compile(
    r"\b(?=[0-9-]*[a-f])[0-9a-f]{8,}(?:-[0-9a-f]{4,12})*\b"  # ids
    r"|\b[a-z]+_[0-9a-f_]{6,}\b"
    r"|127\.0\.0\.1:\d+"
    r"|[A-Za-z0-9+/]{60,}={0,2}"  # bytes
    r"|\b\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?"  # the time of day
    r"|\b\d\d:\d\d(?::\d\d)?[.,]\d{3}\b"  # a place in a recording
)


def said(text: str) -> Iterator[str]:
    """Yield the runs of digits in a text: what is no digit ends one, but for what is said between digits."""
    run, again, tens = "", 1, False
    for word in [*_MARKS.sub(" ", _OUR_OWN.sub(" ; ", text).casefold()).split(), ";"]:
        if tens and _VALUES.get(word, "0") == "0":
            run += "0"  # "fifty" is 50 unless more follows: "fifty two"
        tens = word in _TENS or (word == "puluh" and run != "")
        if word in _AGAIN:
            again = _AGAIN[word]
        elif word in _VALUES:
            run, again = run + _VALUES[word] * again, 1
        elif word in _TENS:
            run += _TENS[word]
        elif any(character.isdigit() for character in word):
            run += "".join(filter(str.isdigit, word))
        elif word not in _BETWEEN and word != "puluh":
            yield run
            run = ""


def leaked(text: str, secrets: Iterable[str]) -> set[str]:
    """Return what stands in a text of secrets: four digits of a number, or a whole word of another."""
    runs = [run for run in said(text) if len(run) >= MANY]
    found = set()
    for secret in secrets:
        if secret.isdigit():
            parts = {secret[at : at + MANY] for at in range(len(secret) - MANY + 1)}
            found |= {part for part in parts if any(part in run for run in runs)}
        elif re.search(rf"\b{re.escape(secret)}\b", text, re.IGNORECASE):
            found.add(secret)
    return found


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text in what was JSON or msgpack, and in JSON within it; times and counts are numbers and left out.

    So are the names that a client gave to be masked: they are its options, not what was said.
    """
    match value:
        case str() if value.startswith(("{", "[")):
            yield words_in(value)
        case str():
            yield value
        case dict():
            for name, each in value.items():
                if name != "redact_names":
                    yield from texts_of(each)
        case list():
            for each in value:
                yield from texts_of(each)


def words_in(body: str) -> str:
    """Return the texts of a JSON document; any other text is all text."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    return "\n".join(texts_of(value)) if isinstance(value, dict | list) else body
