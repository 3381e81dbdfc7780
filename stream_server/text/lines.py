"""Words to the lines of a cue of subtitles. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from stream_server.text.breaks import Break, judge
from stream_server.text.formatter import join

LINE_CHARACTERS = 42
"""Of a line: Netflix's timed text style guide for English ("42 characters per line"); the BBC has 37 for teletext."""

CUE_LINES = 2
"""More would hide the picture: the same guide, "Maximum two lines"."""

_WORST_BREAK = {Break.SENTENCE: 0, Break.CLAUSE: 10, Break.PHRASE: 20, Break.ANYWHERE: 45, Break.CLINGING: 90}
"""In characters of imbalance that a better place is worth: all the room of a line separates the worst from the best."""

_LONE_WORD = 60
"""A line of one word, in the same measure: better than a break that tears apart, worse than any other."""


class Ruler:
    """Tells of a run of words which stretches fit into a cue, without joining each stretch anew.

    `label` stands before the first word of every cue; "" for none.
    """

    def __init__(self, words: Sequence[str], label: str = "") -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._label = len(label) + 1 if label else 0
        place, before = 0, ""
        for word in words:
            space = len(join([before, word])) - len(before) - len(word) if before else 0
            self._starts.append(place + space)
            place += space + len(word)
            self._ends.append(place)
            before = word[-1:]

    def length(self, first: int, behind: int) -> int:
        """Return how many characters a stretch has, its label included."""
        return self._label + self._ends[behind - 1] - self._starts[first]

    def fits(self, first: int, behind: int) -> bool:
        """Tell whether the words from `first` up to `behind` fit into the lines of a cue."""
        room = self._starts[first] + LINE_CHARACTERS - self._label
        second = bisect_right(self._ends, room, first, behind)
        return second == behind or self._ends[behind - 1] - self._starts[second] <= LINE_CHARACTERS


def break_lines(words: Sequence[str]) -> list[str]:
    """Return one line if the words fit in it, else the best two: a good place to break is worth more than balance.

    The lower line may be the longer one. Words that do not fit into two lines get as many as they need.
    """
    words = [word for word in words if word]
    whole = join(words)
    if len(whole) <= LINE_CHARACTERS:
        return [whole]
    pairs = [(join(words[:place]), join(words[place:])) for place in range(1, len(words))]
    fitting = [place for place, pair in enumerate(pairs, 1) if max(map(len, pair)) <= LINE_CHARACTERS]
    if not fitting:
        return _fill(words)
    best = min(fitting, key=lambda place: _cost(words, place, pairs[place - 1]))
    return list(pairs[best - 1])


def pieces(text: str) -> list[str]:
    """Return the words of a text, those cut up that no line would hold, as text without spaces is."""
    return [
        word[first : first + LINE_CHARACTERS] for word in text.split() for first in range(0, len(word), LINE_CHARACTERS)
    ]


def _cost(words: Sequence[str], place: int, lines: tuple[str, str]) -> int:
    upper, lower = map(len, lines)
    imbalance = 2 * (upper - lower) if upper > lower else lower - upper
    lone = _LONE_WORD if place == 1 or place == len(words) - 1 else 0
    return _WORST_BREAK[judge(words[place - 1], words[place])] + imbalance + lone


def _fill(words: Sequence[str]) -> list[str]:
    lines = [words[0]]
    for before, word in pairwise(words):
        longer = lines[-1] + join([before[-1:], word])[len(before[-1:]) :]
        if len(longer) <= LINE_CHARACTERS:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
