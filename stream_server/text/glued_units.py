"""Digits that are written in one word with their unit get a space between: *64GB* is 64 GB. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from stream_server.text.rewriting import Part, Reader, Rule

_SHAPES = {
    language: re.compile(
        rf"(\d{{1,3}}(?:{mark}\d{{1,2}})?)(km/h|km/jam|mph|km|cm|mm|kg|mg|ml|kb|mb|gb|tb|kw)", re.ASCII
    )
    for language, mark in {"en": r"\.", "id": ","}.items()
}
"""By ISO 639-1 code. Of one letter 5m may be five million, and 4G what telephones speak."""


def glued_units(language: str) -> Rule:
    """Return a rule that writes numbers of a language and their units apart."""
    return partial(_apart, shape=_SHAPES[language])


def _apart(reader: Reader, *, shape: re.Pattern[str]) -> Sequence[Part] | None:
    key = reader.key()
    found = shape.fullmatch(key) if "0" <= key[:1] <= "9" and key[-1:].isalpha() else None
    token = reader.peek()
    if found is None or token is None or _is_number(reader.key(-1)) or _is_number(reader.key(1)):
        return None
    return [Part(1, f"{token.lead}{found[1]} {token.core[len(found[1]) :]}{token.trail}")]


def _is_number(key: str) -> bool:
    return any(map(str.isdigit, key))
