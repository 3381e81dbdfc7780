"""A whole transcript to read: paragraphs by speaker, as plain text and as Markdown. Pure.

Positions are samples of one clock, whose rate comes with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from stream_server.durations import clock_face
from stream_server.text.formatter import join

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>&#|~])")
"""Characters that mean something to Markdown wherever they stand; a backslash takes that away (CommonMark 2.4)."""

_MARKDOWN_BLOCK = re.compile(r"^(\d{0,9})([-+=.)])")
"""What begins a list or underlines a heading where a paragraph begins."""


@dataclass(frozen=True, slots=True)
class SaidWord:
    """One word, when it was said and by whom; `speaker` is what to call them, "" if there is nothing to say."""

    text: str
    start: int
    end: int
    speaker: str


@dataclass(frozen=True, slots=True)
class Passage:
    """What one speaker said without a break: a paragraph."""

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


def as_text(passages: Iterable[Passage]) -> str:
    """Return a line for each passage, "Speaker 1: …"."""
    return "".join(f"{_named(passage)}\n" for passage in passages)


def as_markdown(title: str, facts: Sequence[str], passages: Iterable[Passage], clock_rate: int) -> str:
    """Return a heading, a list of what is known, and of each passage its speaker and time above its words."""
    parts = [f"# {_literal(title)}", *(["\n".join(f"- {_literal(fact)}" for fact in facts)] if facts else [])]
    for passage in passages:
        face = clock_face(passage.start // clock_rate)
        parts += [f"**{_literal(passage.speaker)}** {face}" if passage.speaker else face, _literal(passage.text)]
    return "\n\n".join(parts) + "\n"


def _runs(utterance: Sequence[SaidWord]) -> Iterator[list[SaidWord]]:
    for _, run in groupby(utterance, key=lambda word: word.speaker):
        yield list(run)


def _passage(words: Sequence[SaidWord]) -> Passage:
    text = join(word.text for word in words)
    return Passage(words[0].speaker, text, words[0].start, max(word.end for word in words))


def _named(passage: Passage) -> str:
    text = _flat(passage.text)
    return f"{_flat(passage.speaker)}: {text}" if passage.speaker else text


def _literal(text: str) -> str:
    """Return text in one line that Markdown shows as it is."""
    return _MARKDOWN_BLOCK.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", _flat(text)))


def _flat(text: str) -> str:
    """Return text in one line, for a line break would begin another passage."""
    return " ".join(text.split())
