"""A whole transcript to read: paragraphs by speaker, subtitles as SubRip and WebVTT. Pure.

Positions are samples of one clock, whose rate comes with them.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from stream_server.text.formatter import join

LINE_CHARACTERS = 42
"""Of a line of subtitles: what the style guides of broadcasters and streaming services agree on."""

CUE_LINES = 2
"""More would hide the picture, by the same guides."""

CUE_SECONDS = 7
"""The longest that a cue stands, by the same guides; two full lines are read in six."""

PAUSE_SECONDS = 2
"""After such a silence the next words begin a cue of their own."""


@dataclass(frozen=True, slots=True)
class SaidWord:
    """One word, when it was said and by whom; `speaker` is what to call them, "" if there is nothing to say."""

    text: str
    start: int
    end: int
    speaker: str


@dataclass(frozen=True, slots=True)
class Passage:
    """What one speaker said without a break: a paragraph, or a cue."""

    speaker: str
    text: str
    start: int
    end: int


def paragraphs(utterances: Iterable[Sequence[SaidWord]]) -> list[Passage]:
    """Join what a speaker says until somebody else speaks; where nobody is named, each utterance stands alone."""
    passages: list[Passage] = []
    for utterance in utterances:
        for run in _runs(utterance):
            passage = _passage(run)
            if passages and passage.speaker and passage.speaker == passages[-1].speaker:
                before = passages.pop()
                text = join([before.text, passage.text])
                passage = Passage(before.speaker, text, before.start, max(before.end, passage.end))
            passages.append(passage)
    return passages


def cues(utterances: Iterable[Sequence[SaidWord]], clock_rate: int) -> list[Passage]:
    """Break utterances into cues: at a change of speaker, at a pause, and before one grows too long to read."""
    found = [
        _passage(words) for utterance in utterances for run in _runs(utterance) for words in _split(run, clock_rate)
    ]
    return sorted(found, key=lambda cue: (cue.start, cue.end))


def as_text(passages: Iterable[Passage]) -> str:
    """Return a line for each passage, "Speaker 1: …"."""
    return "".join(f"{_named(passage)}\n" for passage in passages)


def as_srt(passages: Iterable[Passage], clock_rate: int) -> str:
    """Return SubRip: numbered cues, times with a comma; the speaker before the words."""
    blocks = [
        [str(number), _times(cue, clock_rate, ","), *wrap(_named(cue)), ""] for number, cue in enumerate(passages, 1)
    ]
    return "\n".join("\n".join(block) for block in blocks)


def as_vtt(passages: Iterable[Passage], clock_rate: int) -> str:
    """Return WebVTT; the speaker is a voice span, as https://www.w3.org/TR/webvtt1/ has it."""
    blocks = [["WEBVTT", ""]]
    for cue in passages:
        voice = f"<v {html.escape(_flat(cue.speaker), quote=False)}>" if cue.speaker else ""
        first, *others = (html.escape(line, quote=False) for line in wrap(_flat(cue.text)))
        blocks.append([_times(cue, clock_rate, "."), voice + first, *others, ""])
    return "\n".join("\n".join(block) for block in blocks)


def wrap(text: str) -> list[str]:
    """Break text at spaces into lines of `LINE_CHARACTERS`, and inside what is longer, as text without spaces is."""
    lines = [""]
    for word in (piece for whole in text.split() for piece in _pieces(whole)):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > LINE_CHARACTERS:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def _pieces(word: str) -> list[str]:
    return [word[first : first + LINE_CHARACTERS] for first in range(0, len(word), LINE_CHARACTERS)]


def timestamp(samples: int, clock_rate: int, point: str) -> str:
    """Return HH:MM:SS and milliseconds behind `point`; part of one counts as nothing."""
    milliseconds = samples * 1000 // clock_rate
    seconds = milliseconds // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{milliseconds % 1000:03}"


def _runs(utterance: Sequence[SaidWord]) -> Iterator[list[SaidWord]]:
    for _, run in groupby(utterance, key=lambda word: word.speaker):
        yield list(run)


def _passage(words: Sequence[SaidWord]) -> Passage:
    text = join(word.text for word in words)
    return Passage(words[0].speaker, text, words[0].start, max(word.end for word in words))


def _split(run: Sequence[SaidWord], clock_rate: int) -> Iterator[list[SaidWord]]:
    """Yield one speaker's words by cues; a word that fits into none has one of its own."""
    cue: list[SaidWord] = []
    text = ""
    for word in run:
        longer = join([text, word.text])
        if cue and not (_follows(cue, word, clock_rate) and _is_short(word.speaker, longer)):
            yield cue
            cue, longer = [], word.text
        cue.append(word)
        text = longer
    if cue:
        yield cue


def _follows(cue: Sequence[SaidWord], word: SaidWord, clock_rate: int) -> bool:
    """Tell whether a word comes soon enough behind a cue, and the cue stays short with it."""
    pause, length = word.start - cue[-1].end, word.end - cue[0].start
    return pause < PAUSE_SECONDS * clock_rate and length <= CUE_SECONDS * clock_rate


def _is_short(speaker: str, text: str) -> bool:
    """Tell whether a cue's lines are not too many."""
    named = _named(Passage(speaker, text, 0, 0))
    return len(named) <= LINE_CHARACTERS or len(wrap(named)) <= CUE_LINES


def _named(passage: Passage) -> str:
    text = _flat(passage.text)
    return f"{_flat(passage.speaker)}: {text}" if passage.speaker else text


def _flat(text: str) -> str:
    """Return text in one line, for a line break would end a cue; and without the arrow that begins a cue's times."""
    return " ".join(text.split()).replace("-->", "→")


def _times(cue: Passage, clock_rate: int, point: str) -> str:
    """Return the line with a cue's times; it stands for a millisecond at least."""
    end = max(cue.end, cue.start + -(-clock_rate // 1000))
    return f"{timestamp(cue.start, clock_rate, point)} --> {timestamp(end, clock_rate, point)}"
