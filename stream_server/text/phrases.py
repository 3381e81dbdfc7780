"""Find phrases among words, however many there are: letters are looked up, and then where they are parted. Pure.

Case, the marks around words and how Unicode spells a character do not matter. A hyphen may be a space or nothing, on
either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from stream_server.text.formatter import comparable, tidy_text
from stream_server.text.tokens import Token

Value = TypeVar("Value")

Words: TypeAlias = Callable[[int], Token | None]
"""Gives the word so many places ahead; None where there is none."""

MOST_SPACINGS = 32
"""Ways of parting the same letters that are told apart; of more the first count, lest one word have to try them all."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A phrase of so many words, what it stands for, and the ending that the last word had besides."""

    count: int
    value: Value
    ending: str = ""

    def ending_of(self, last: Token) -> str:
        """Return the ending as the last word has it, in its own case."""
        text = tidy_text(last.core)
        return text[len(text) - len(self.ending) :]


class _Line(NamedTuple):
    """Words as their letters alone, and of the places between these, as bits, where they are parted.

    `spaces` part words, `hyphens` may do so or not; `marks` are those in front of a space, by their places.
    """

    letters: str = ""
    spaces: int = 0
    hyphens: int = 0
    marks: frozenset[tuple[int, str]] = frozenset()

    def word(self, key: str) -> _Line:
        """Return the line with a word behind it; hyphens at its ends belong to it."""
        body = key.strip("-")
        if "-" not in body:
            return _Line(self.letters + key, *self[1:])
        in_front, behind = key.split(body)
        first, *others = filter(None, body.split("-"))
        letters, hyphens = self.letters + in_front + first, self.hyphens
        for piece in others:
            hyphens |= 1 << len(letters)
            letters += piece
        return _Line(letters + behind, self.spaces, hyphens, self.marks)

    def space(self, mark: str) -> _Line:
        """Return the line with a space behind it, and maybe a mark in front of that."""
        place = len(self.letters)
        marks = self.marks | {(place, mark)} if mark else self.marks
        return _Line(self.letters, self.spaces | 1 << place, self.hyphens, marks)

    def beginnings(self) -> Iterable[_Line]:
        """Yield the line up to each place where it may be parted, that included."""
        parted = self.spaces | self.hyphens
        while parted:
            place = parted.bit_length() - 1
            parted ^= 1 << place
            within = (2 << place) - 1
            marks = self.marks and frozenset(mark for mark in self.marks if mark[0] <= place)
            yield _Line(self.letters[:place], self.spaces & within, self.hyphens & within, marks)

    def says(self, phrase: _Line) -> bool:
        """Tell whether a phrase of the same letters is parted alike: a mark that it has may be missing."""
        missing = phrase.spaces & ~(self.spaces | self.hyphens) | self.spaces & ~(phrase.spaces | phrase.hyphens)
        return not missing and self.marks <= phrase.marks


class Phrases(Generic[Value]):
    """Phrases and what each stands for; of those that the same words say the first one counts.

    `endings` are those that the last word of a phrase may have besides, if it is no shorter than their number says.
    """

    def __init__(self, phrases: Iterable[tuple[str, Value]], endings: Sequence[tuple[str, int]] = ()) -> None:
        self._endings = (("", 0), *endings)
        self._written_endings = tuple(ending for ending, _ in endings)
        self._phrases: dict[str, list[tuple[_Line, Value]]] = {}
        """By their letters."""
        self._beginnings: dict[str, list[_Line]] = {}
        """Where phrases may go on, by their letters up to there; who has more than `MOST_SPACINGS` always may."""
        for text, value in phrases:
            line = _line_of(text)
            same = self._phrases.setdefault(line.letters, [])
            if not line.letters or len(same) == MOST_SPACINGS or any(line == known for known, _ in same):
                continue
            same.append((line, value))
            for beginning in line.beginnings():
                known = self._beginnings.setdefault(beginning.letters, [])
                if len(known) <= MOST_SPACINGS and beginning not in known:
                    known.append(beginning)

    def may_begin(self, word: Token | None) -> bool:
        """Tell whether a phrase may begin with a word: with most none does, which is told by its letters alone."""
        key = "" if word is None else comparable(word.key)
        if "-" in key or key in self._beginnings or key in self._phrases:
            return True
        if not key.endswith(self._written_endings):
            return False
        return any(key.endswith(ending) and key.removesuffix(ending) in self._phrases for ending, _ in self._endings)

    def find(self, words: Words) -> Found[Value] | None:
        """Return the longest phrase that begins here; no word is read that cannot be part of one."""
        if not self.may_begin(words(0)):
            return None
        best: Found[Value] | None = None
        said, count, goes_on = _Line(), 0, True
        while goes_on:
            word = words(count)
            key = "" if word is None else comparable(word.key)
            if word is None or not key or (count and (word.lead or word.turn)):
                break
            count += 1
            best = self._ended(said, key, count) or best
            said = said.word(key)
            known = self._beginnings.get(said.letters)
            if known is None:
                break
            said = said.space(word.trail)
            goes_on = len(known) > MOST_SPACINGS or any(map(said.says, known))
        return best

    def _ended(self, said: _Line, key: str, count: int) -> Found[Value] | None:
        """Return the phrase that a word ends, as it is or but for an ending."""
        for ending, least in self._endings:
            if not key.endswith(ending) or len(key) < len(ending) + least:
                continue
            line = said.word(key.removesuffix(ending))
            for phrase, value in self._phrases.get(line.letters, ()):
                if line.says(phrase):
                    return Found(count, value, ending)
        return None


def _line_of(text: str) -> _Line:
    """Return the line of a phrase; what is around it does not belong to it."""
    words = text.split()
    if text.isascii() and all(map(str.isalnum, words)):  # as most are, and of a vocabulary there may be thousands
        places = accumulate(map(len, words[:-1]))
        return _Line("".join(words).lower(), sum(1 << place for place in places))
    line, mark = _Line(), ""
    for word in (Token(word, 0, 1) for word in words):
        if key := comparable(word.key):
            line = line.space(mark).word(key) if line.letters else line.word(key)
            mark = word.trail
    return line
