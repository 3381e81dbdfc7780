"""Names that are to be masked, whole or in part: who is called "Budi Santoso" is "Budi" too. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from stream_server.text.formatter import comparable
from stream_server.text.redaction.lexicon import words
from stream_server.text.rewriting import Reader

SHORTEST_PART = 3
"""Letters of a part of a name that is masked by itself; shorter ones are particles ("de", "al")."""

NO_NAMES = words(
    "dr drs dra prof ir mr mrs ms miss pak bapak ibu mas mbak bang kak haji hajah sir bin binti van von der den "
    "the and dan will may mark april june august bill grace hope rose art track speaker"
)
"""Titles, particles and words: masked only together with the name they are part of."""

_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SUFFIXES = ("'s", "’s", "nya")


class Names:
    """Finds names among words."""

    def __init__(self, names: Sequence[str]) -> None:
        wholes = {tuple(_said(name)) for name in names} - {()}
        self._wholes: dict[str, list[tuple[str, ...]]] = {}
        for name in sorted(wholes, key=len, reverse=True):
            self._wholes.setdefault(name[0], []).append(name)
        every = [word for name in wholes for word in name if len(word) >= SHORTEST_PART]
        self._parts = {word for word in every if word not in NO_NAMES}
        self._known = self._parts.union(self._wholes)
        self._every = sorted(set(every))

    def may_begin(self, text: str) -> bool:
        """Tell whether a name, or a part of one, may begin with a text: with most none does."""
        return not self._known.isdisjoint([form for word in _said(text) for form in _forms(word)])

    def found(self, reader: Reader) -> int:
        """Return how many tokens from here on are a name, or parts of one in a row."""
        count = 0
        while (more := self._at(reader, count)) > 0:
            count += more
            last = reader.peek(count - 1)
            if last is None or last.trail:
                break
        return count

    def cut(self, reader: Reader, is_last: Callable[[int], bool]) -> int:
        """Return how many tokens from here on begin a name, nothing behind them (`is_last`); 0 if none do."""
        token = reader.peek()
        said = _said(token.text) if token is not None else []
        wholes = [whole for form in _forms(said[0]) for whole in self._wholes.get(form, ())] if said else []
        if not wholes:
            return 0
        for length in range(max(map(len, wholes)) - 1, 0, -1):
            for beginning in {whole[:length] for whole in wholes if len(whole) > length}:
                if (count := _tokens_of(beginning, reader, 0)) and is_last(count):
                    return count
        return 0

    def is_beginning(self, text: str) -> bool:
        """Tell whether a text that may go on ends as a name begins."""
        said = _said(text)
        return bool(said) and (said[-1] in self._wholes or self._goes_on(said[-1]))

    def _goes_on(self, beginning: str) -> bool:
        if len(beginning) < SHORTEST_PART:
            return False
        place = bisect_right(self._every, beginning)
        return place < len(self._every) and self._every[place].startswith(beginning)

    def _at(self, reader: Reader, ahead: int) -> int:
        """Return how many tokens the name takes that begins so far ahead; 0 if none does."""
        token = reader.peek(ahead)
        said = _said(token.text) if token is not None else []
        if not said:
            return 0
        for first in _forms(said[0]):
            for whole in self._wholes.get(first, ()):
                if count := _tokens_of(whole, reader, ahead):
                    return count
        return 1 if any(form in self._parts for word in said for form in _forms(word)) else 0


def _said(text: str) -> list[str]:
    """Return the words of a text as they compare, however Unicode spells them."""
    if text.isascii() and text.isalpha():
        return [text.lower()]
    return _WORDS.findall(" ".join(map(comparable, text.split())))


def _forms(word: str) -> tuple[str, ...]:
    """Return a word, and it without what may be put behind a name."""
    if word.endswith(_SUFFIXES):
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) > len(suffix):
                return word, word[: -len(suffix)]
    return (word,)


def _tokens_of(whole: tuple[str, ...], reader: Reader, ahead: int) -> int:
    """Return how many tokens say these words; 0 if they do not."""
    said: list[str] = []
    count = 0
    while len(said) < len(whole):
        token = reader.peek(ahead + count)
        if token is None:
            return 0
        said += _said(token.text)
        count += 1
        if not all(name in _forms(word) for name, word in zip(whole, said, strict=False)):
            return 0
    return count
