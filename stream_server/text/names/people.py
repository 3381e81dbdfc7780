"""The names of those who take part, as far as their words are no ordinary ones. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from stream_server.text.formatter import tidy
from stream_server.text.names.titles import NOT_NAMES, TITLES
from stream_server.text.repetitions import REPETITIONS

_EVERY_DAY = """
    will mark may art bill hope grant chase rose grace faith joy frank rich dean miles guy king long young day park an
    so do to in speaker user host guest admin moderator agent customer room meeting team guru caller client doctor
    patient teacher student interviewer participant unknown anonymous phone laptop mic left right one self myself mine
    gue lo elu
    pembicara peserta tamu tim indah cahaya bintang agung teguh setia bunga putri putra baik untung selamat jaya eka tri
    besar kecil baru sari
"""
_ORDINARY = frozenset(_EVERY_DAY.split())
"""Names that are words of every day: written with a capital only as part of the whole name."""

_SMALL = frozenset(("too", "also", "all", "semua")).union(
    *TITLES.values(), *NOT_NAMES.values(), *(each.function | each.meant for each in REPETITIONS.values())
)
"""Titles, pronouns and the like; no name is made of them alone."""

_SHORTEST = 3

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")

_DEGREE = re.compile(r"(?:\S*\.\S*|jr|sr|ph\.?d|md|mba)", re.IGNORECASE)


def names_of(participants: Iterable[str]) -> dict[str, str]:
    """Return how each name is written, by its key: the whole one, and its words where they are nothing else."""
    names: dict[str, str] = {}
    for participant in participants:
        words = _as_spoken(participant)
        keys = [word.casefold() for word in words]
        if len(words) > 1 and not _SMALL.issuperset(keys):
            names[" ".join(keys)] = " ".join(words)
        names |= {key: word for key, word in zip(keys, words, strict=True) if _is_name(word, key)}
    return names


def _as_spoken(participant: str) -> Sequence[str]:
    """Return a name's words in the order in which they are said: "Smith, John" is John Smith; degrees are not said.

    A stop at its end is none: it would close the sentence.
    """
    text = unicodedata.normalize("NFC", " ".join(tidy(participant.split()))).replace("’", "'")
    front, *behind = ([*part.split()] for part in text.split(","))
    given = [word for part in behind for word in part if not _DEGREE.fullmatch(word)]
    return " ".join([*given, *front]).rstrip(".").split()


def _is_name(word: str, key: str) -> bool:
    """Tell whether a word is a name by itself: it has a capital, and is neither an initial nor an ordinary word."""
    is_known = len(word) < _SHORTEST or key in _ORDINARY or key in _SMALL
    return not is_known and word != key and _WORD.fullmatch(word) is not None
