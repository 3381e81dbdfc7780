"""E-mail addresses and URLs that were said aloud: john dot smith at example dot com, www dot prosa dot ai. Pure.

Which words stand for the marks is a parameter: each language has its own, and says the English ones too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from stream_server.text.rewriting import Part, Reader, Rule
from stream_server.text.runs import Run
from stream_server.text.spoken_marks import SpokenMarks
from stream_server.text.top_level_domains import TOP_LEVEL_DOMAINS

Digits: TypeAlias = Callable[[Run, int], tuple[str, int] | None]
"""Reads a number of a language in digits, and says where it ends."""

_LABEL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAILBOX = re.compile(r"[a-z0-9]+([._+-][a-z0-9]+)*")
_HOST = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*")
_PATH = re.compile(r"[a-z0-9]+([._/-][a-z0-9]+)*")
MOST_WORDS = 24
"""Of an address: nobody says a longer one."""
_BETWEEN = {".", "_", "-"}
_SCHEMES = {"http", "https"}


def spoken_addresses(marks: SpokenMarks, digits: Digits | None = None) -> Rule:
    """Return a rule that writes addresses said with these marks; `digits` reads numbers in a mailbox."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for words, mark in marks.words.items():
        first, *rest = words.split()
        table.setdefault(first, []).append((tuple(rest), mark))
    for entries in table.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return partial(_address, table=table, never=marks.never, digits=digits)


_Table: TypeAlias = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]


def _address(reader: Reader, *, table: _Table, never: frozenset[str], digits: Digits | None) -> Sequence[Part] | None:
    """Write the address that begins here; what may begin one is told by the word behind it."""
    first = reader.key()
    token = reader.peek()
    if token is None or token.trail or not ("a" <= first[:1] <= "z" or "0" <= first[:1] <= "9") or first in table:
        return None
    if first in never and not (len(first) == 1 == len(reader.key(1))) and not _is_joined(reader.key(1), table):
        return None
    said = _Saying(Run(reader), table, digits)
    if not said.begins():
        return None
    found = said.mail() or said.site()
    return None if found is None else [said.run.write(*found)]


def _is_joined(key: str, table: _Table) -> bool:
    """Whether a mark is said that no sentence has between two of its words, unlike at and dot: my dash company."""
    return any(not rest and mark in {"-", "_"} for rest, mark in table.get(key, ()))


@dataclass(frozen=True, slots=True)
class _Saying:
    """An address as it is said: its words, and what they stand for."""

    run: Run
    table: _Table
    digits: Digits | None

    def begins(self) -> bool:
        """Return whether a mark is said behind the first word, which may be spelled or end in a number."""
        at = 1
        if len(self.run.key(0)) == 1:
            while at < MOST_WORDS and len(self.run.key(at)) == 1 and self._mark(at) is None:
                at += 1
        if self.run.key(at) in self.table:
            return True
        number = self.digits(self.run, at) if self.digits is not None and self.run.key(at) else None
        return number is not None and self.run.key(number[1]) in self.table

    def mail(self) -> tuple[str, int] | None:
        """Return a mailbox, the sign and a host."""
        box = self._joined(0, _MAILBOX, _BETWEEN, numbers=True)
        sign = None if box is None else self._mark(box[1])
        if box is None or sign is None or sign[0] != "@":
            return None
        host = self._host(sign[1])
        return None if host is None else (f"{box[0]}@{host[0]}", host[1])

    def site(self) -> tuple[str, int] | None:
        """Return a host and the path behind it."""
        scheme, at = self._scheme()
        host = self._host(at)
        if host is None or (host[1] == at + 1 and not scheme and self._slash(host[1]) is None):
            return None  # a site that is written already
        text, behind = scheme + host[0], host[1]
        while (slash := self._slash(behind)) is not None:
            path = self._joined(slash, _PATH, _BETWEEN)
            if path is None:
                return f"{text}/", slash
            text, behind = f"{text}/{path[0]}", path[1]
        return text, behind

    def _slash(self, at: int) -> int | None:
        mark = self._mark(at)
        return mark[1] if mark is not None and mark[0] == "/" else None

    def _scheme(self) -> tuple[str, int]:
        """Return https colon slash slash, and where it ends."""
        if self.run.key(0) not in _SCHEMES:
            return "", 0
        text, at = self.run.key(0), 1
        for wanted in (":", "/", "/"):
            mark = self._mark(at)
            if mark is None or mark[0] != wanted:
                return "", 0
            text, at = text + wanted, mark[1]
        return text, at

    def _host(self, at: int) -> tuple[str, int] | None:
        """Return labels with dots between them, as far as one is a known top-level domain."""
        place, text, best = at, "", None
        while place < MOST_WORDS:
            label = self._joined(place, _HOST if not text else _LABEL, {"-"})
            if label is None:
                break
            text, place = text + label[0], label[1]
            _, dot, last = text.rpartition(".")
            if dot and last in TOP_LEVEL_DOMAINS:
                best = text, place
            mark = self._mark(place)
            if mark is None or mark[0] != ".":
                break
            text, place = f"{text}.", mark[1]
        return best

    def _joined(
        self, at: int, shape: re.Pattern[str], between: set[str], *, numbers: bool = False
    ) -> tuple[str, int] | None:
        """Return words with marks between them, and numbers, as one."""
        first = self._word(at, shape)
        if first is None:
            return None
        text, place = first
        while place < MOST_WORDS:
            mark = self._mark(place)
            if mark is not None and mark[0] in between:
                more = self._word(mark[1], shape)
                if more is None:
                    break
                text, place = f"{text}{mark[0]}{more[0]}", more[1]
                continue
            number = self.digits(self.run, place) if numbers and mark is None and self.digits is not None else None
            if number is None or not number[0].isdigit():
                break
            text, place = text + number[0], number[1]
        return text, place

    def _word(self, at: int, shape: re.Pattern[str]) -> tuple[str, int] | None:
        """Return a word of an address, letters that are spelled or a number."""
        key = self.run.key(at)
        number = self.digits(self.run, at) if self.digits is not None and key else None
        if number is not None and number[0].isdigit():
            return number
        if not shape.fullmatch(key) or key in self.table:
            return None
        behind = at + 1
        while len(key) == behind - at and self._is_letter(behind):
            key, behind = key + self.run.key(behind), behind + 1
        return key, behind

    def _is_letter(self, at: int) -> bool:
        """Whether a letter is spelled there, and no mark begins with it: a keong."""
        key = self.run.key(at)
        return len(key) == 1 and key.isalpha() and self._mark(at) is None

    def _mark(self, at: int) -> tuple[str, int] | None:
        for rest, mark in self.table.get(self.run.key(at), ()):
            if not rest or self.run.keys(at + 1, len(rest)) == rest:
                return mark, at + 1 + len(rest)
        return None
