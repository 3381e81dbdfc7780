"""Colloquial spellings of Indonesian words, written as the dictionary does. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.rewriting import Part, Reader

STANDARD = {
    "kalo": "kalau", "sampe": "sampai", "pake": "pakai", "dateng": "datang", "bener": "benar", "denger": "dengar",
    "inget": "ingat", "temen": "teman", "seneng": "senang", "rame": "ramai", "cuman": "cuma",
    "sebenernya": "sebenarnya", "benernya": "benarnya", "temennya": "temannya",
}  # fmt: skip
"""Words that only sound another way; those with a tone of their own, *gitu*, *nggak*, *udah*, stay."""


def spelling(reader: Reader) -> Sequence[Part] | None:
    """Return a word in its standard spelling; both halves of a doubled one."""
    token = reader.peek()
    if token is None:
        return None
    key = token.key
    if key in STANDARD:
        return [Part(1, f"{token.lead}{_like(token.core, STANDARD[key])}{token.trail}")]
    if "-" not in key:
        return None
    halves = key.split("-")
    if not any(half in STANDARD for half in halves):
        return None
    core = "-".join(_like(half, STANDARD.get(half.casefold(), half)) for half in token.core.split("-"))
    return [Part(1, f"{token.lead}{core}{token.trail}")]


def _like(word: str, standard: str) -> str:
    """Return the standard spelling with the capitals of the word."""
    if word.isupper() and len(word) > 1:
        return standard.upper()
    return standard[0].upper() + standard[1:] if word[:1].isupper() else standard
