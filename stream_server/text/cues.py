"""Divide what was said into the cues of subtitles. Pure.

The rules are Netflix's timed text style guide, general requirements (https://partnerhelp.netflixstudios.com/hc/en-us/
articles/215758617) and that for English (…/217350977), with the BBC's on where to break. Nobody's words ever stand in
the cue of somebody else, and a cue begins when its first word does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, pairwise

from stream_server.text.breaks import Break, judge
from stream_server.text.formatter import join
from stream_server.text.lines import LINE_CHARACTERS, Ruler, pieces
from stream_server.text.transcripts import SaidWord

SHORTEST_SECONDS = Fraction(5, 6)
"""That a cue stands: "Minimum duration: 5/6 second per subtitle event"."""

LONGEST_SECONDS = 7
"""That a cue stands: "Maximum duration: 7 seconds per subtitle event"."""

PAUSE_SECONDS = 2
"""After such a silence the next words begin a cue of their own: nothing stands for long while nobody speaks."""

BREATH_SECONDS = 0.5
"""Such a silence is as good a place to break as a comma."""

_PRICE_OF_A_CUE = 10
_PRICE_OF_A_BREAK = {Break.SENTENCE: 0, Break.CLAUSE: 6, Break.PHRASE: 12, Break.ANYWHERE: 20, Break.CLINGING: 40}
_PRICE_OF_A_FLASH = 30
"""Of a cue that cannot stand for `SHORTEST_SECONDS`."""
_PRICE_OF_A_LONE_WORD = 1_000_000
"""More than whole runs divided badly: a cue of one word is there only where that word fits nowhere else."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What one speaker says while it stands; `start` and `end` are samples."""

    speaker: str
    words: tuple[str, ...]
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words in one line."""
        return join(self.words)


def called(speaker: str) -> str:
    """Return a speaker's name as it is written: in one line, of which it leaves room."""
    name = _plain(" ".join(speaker.split()))
    return name if len(name) < LINE_CHARACTERS else f"{name[: LINE_CHARACTERS - 2]}…"


def label(speaker: str) -> str:
    """Return what stands before the words of somebody, as "Ann:"; "" for nobody."""
    return f"{called(speaker)}:" if speaker else ""


def divide(utterances: Iterable[Sequence[SaidWord]], clock_rate: int) -> list[Cue]:
    """Return the cues in the order in which they begin; each ends with its last word."""
    cues = [
        Cue(words[0].speaker, tuple(word.text for word in words), words[0].start, max(word.end for word in words))
        for run in _runs(utterances, clock_rate)
        for words in _divide_run(run, clock_rate)
    ]
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


def _runs(utterances: Iterable[Sequence[SaidWord]], clock_rate: int) -> Iterator[list[SaidWord]]:
    """Yield what one speaker says without a pause; where nobody is named, an utterance never goes on in the next."""
    run: list[SaidWord] = []
    for utterance in utterances:
        for speaker, said in groupby(utterance, key=lambda word: word.speaker):
            words = [piece for word in said for piece in _pieces(word)]
            if run and not (speaker and speaker == run[-1].speaker):
                yield run
                run = []
            for word in words:
                if run and word.start - run[-1].end >= PAUSE_SECONDS * clock_rate:
                    yield run
                    run = []
                run.append(word)
        if run and not run[-1].speaker:
            yield run
            run = []
    if run:
        yield run


def _pieces(word: SaidWord) -> Iterator[SaidWord]:
    """Yield a word in pieces that a line can hold; they share its time by their letters. Nothing, if it has none."""
    texts = pieces(_plain(word.text))
    total, place = sum(map(len, texts)), 0
    for text in texts:
        start, place = word.start + (word.end - word.start) * place // total, place + len(text)
        yield replace(word, text=text, start=start, end=word.start + (word.end - word.start) * place // total)


def _plain(text: str) -> str:
    """Return text without the arrow that stands between a cue's times."""
    return text.replace("-->", "→")


def _divide_run(run: Sequence[SaidWord], clock_rate: int) -> list[Sequence[SaidWord]]:
    """Return the cheapest division of a run into cues that fit: the best one up to each word builds on earlier ones."""
    ruler = Ruler([word.text for word in run], label(run[0].speaker))
    prices = [*(_price_of_break(*pair, clock_rate) for pair in pairwise(run)), 0]
    shortest = int(SHORTEST_SECONDS * clock_rate)
    best, cuts = [0], [0]
    for behind in range(1, len(run) + 1):
        until = run[behind].start if behind < len(run) else None
        costs = {
            first: best[first]
            + _price_of_cue(behind - first, None if until is None else until - run[first].start, shortest)
            for first in _beginnings(run, behind, ruler, clock_rate)
        }
        cut = min(costs, key=lambda first: (costs[first], first))
        best.append(costs[cut] + prices[behind - 1])
        cuts.append(cut)
    cues, behind = [], len(run)
    while behind:
        cues.append(run[cuts[behind] : behind])
        behind = cuts[behind]
    return cues[::-1]


def _beginnings(run: Sequence[SaidWord], behind: int, ruler: Ruler, clock_rate: int) -> Iterator[int]:
    """Yield where a cue up to `behind` may begin; a word that fits into none has one of its own."""
    yield behind - 1
    longest, end = LONGEST_SECONDS * clock_rate, run[behind - 1].end
    for first in range(behind - 2, -1, -1):
        if not ruler.fits(first, behind) or end - run[first].start > longest:
            return
        yield first


def _price_of_cue(words: int, stands: int | None, shortest: int) -> int:
    """Return what a cue of so many words costs; `stands` are the samples until the next begins, None at the end."""
    flash = stands is not None and stands < shortest
    return _PRICE_OF_A_CUE + _PRICE_OF_A_FLASH * flash + _PRICE_OF_A_LONE_WORD * (words == 1)


def _price_of_break(before: SaidWord, after: SaidWord, clock_rate: int) -> int:
    """Return what it costs to break between two words."""
    place = judge(before.text, after.text)
    if after.start - before.end >= BREATH_SECONDS * clock_rate:
        place = min(place, Break.CLAUSE)
    return _PRICE_OF_A_BREAK[place]
