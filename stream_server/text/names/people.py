"""The names of those who take part, as far as their words are no ordinary ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from stream_server.text.names.titles import NOT_NAMES, TITLES

_EVERY_DAY = """
    will mark may art bill hope grant chase rose grace faith joy frank rich dean miles guy king long young day park an
    so do to in speaker user host guest admin moderator agent customer room meeting team guru
    pembicara peserta tamu tim indah cahaya bintang agung teguh setia bunga putri putra baik untung selamat jaya eka tri
    besar kecil baru sari
"""
_ORDINARY = frozenset(_EVERY_DAY.split())
"""Names that are words of every day: written with a capital only as part of the whole name."""

_SHORTEST = 3


def names_of(participants: Iterable[str]) -> dict[str, str]:
    """Return how each name is written, by its key: the whole one, and its words where they are nothing else."""
    names: dict[str, str] = {}
    for participant in participants:
        words = participant.split()
        whole = " ".join(words)
        names[whole.casefold()] = whole
        for word in words:
            key = word.casefold()
            if len(word) >= _SHORTEST and word.isalpha() and word != key and not _is_ordinary(key):
                names[key] = word
    return {key: name for key, name in names.items() if key not in _ORDINARY}


def _is_ordinary(key: str) -> bool:
    if key in _ORDINARY:
        return True
    return any(key in table for table in (*TITLES.values(), *NOT_NAMES.values()))
