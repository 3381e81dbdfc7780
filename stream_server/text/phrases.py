"""Find phrases among words, however many there are: each word is looked up once, from the first one on. Pure.

Case and the marks around words do not matter. A hyphen may be a space or nothing, on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from stream_server.text.tokens import Token

Value = TypeVar("Value")

Words: TypeAlias = Callable[[int], Token | None]
"""Gives the word so many places ahead; None where there is none."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A phrase of so many words, what it stands for, and the ending that the last word had besides."""

    count: int
    value: Value
    ending: str = ""


@dataclass(slots=True)
class _Node(Generic[Value]):
    """Where the words read so far have led: to more words, to a phrase's end, or both."""

    words: dict[str, _Node[Value]] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)


class Phrases(Generic[Value]):
    """Phrases and what each stands for; of the same phrase the first one counts.

    `endings` are those that the last word of a phrase may have besides, if it is no shorter than their number says.
    """

    def __init__(self, phrases: Iterable[tuple[str, Value]], endings: Sequence[tuple[str, int]] = ()) -> None:
        self._root: _Node[Value] = _Node()
        self._endings = endings
        for text, value in phrases:
            for steps in _ways(text):
                node = self._root
                for step in steps:
                    node = node.words.setdefault(step, _Node())
                if not node.values:
                    node.values.append(value)

    def find(self, words: Words) -> Found[Value] | None:
        """Return the longest phrase that begins here; no word is read that cannot be part of one."""
        best: Found[Value] | None = None
        front, count = [self._root], 0
        while front:
            word = words(count)
            if word is None or not word.key or (count and word.lead):
                break
            count += 1
            best = self._ended(front, word.key, count) or best
            front = [node for node in _after(front, word.key + word.trail) if node.words]
        return best

    def _ended(self, front: Iterable[_Node[Value]], key: str, count: int) -> Found[Value] | None:
        """Return the phrase that a word ends, as it is or but for an ending."""
        for node in _after(front, key):
            if node.values:
                return Found(count, node.values[0])
        for ending, least in self._endings:
            if key.endswith(ending) and len(key) >= len(ending) + least:
                for node in _after(front, key.removesuffix(ending)):
                    if node.values:
                        return Found(count, node.values[0], ending)
        return None


def _after(front: Iterable[_Node[Value]], key: str) -> Iterator[_Node[Value]]:
    """Yield where a word leads; one with hyphens may be several."""
    for node in front:
        for steps in _readings(key):
            here: _Node[Value] | None = node
            for step in steps:
                here = here.words.get(step) if here else None
            if here is not None:
                yield here


def _readings(key: str) -> tuple[tuple[str, ...], ...]:
    if "-" not in key.strip("-"):
        return ((key,),)
    return tuple(key.split("-")), (key.replace("-", ""),)


def _ways(text: str) -> Iterable[tuple[str, ...]]:
    """Return the steps of a phrase: hyphens as spaces or as nothing, words within with the marks they have and without.

    Most phrases have neither, and one way.
    """
    words = [Token(word, 0, 1) for word in text.split()]
    plain = tuple(word.key for word in words)
    marked = (*(word.key + word.trail for word in words[:-1]), *plain[-1:])
    if "-" not in text and marked == plain:
        return (plain,)
    ways = [[_readings(key)[-place] for key in keys] for keys in (plain, marked) for place in (0, 1)]
    return dict.fromkeys(tuple(step for steps in way for step in steps) for way in ways)
