"""A whole transcript to read: paragraphs by speaker, pause and length, as plain text and as Markdown. Pure.

Positions are samples of one clock, whose rate comes with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from stream_server.durations import clock_face
from stream_server.text.formatter import join

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>&#|~])")
"""Characters that mean something to Markdown wherever they stand; a backslash takes that away (CommonMark 2.4)."""

_MARKDOWN_BLOCK = re.compile(r"^(\d{0,9})([-+=.)])")
"""What begins a list or underlines a heading where a paragraph begins."""


PARAGRAPH_SECONDS = 2
"""Of silence that begin another paragraph, behind a sentence."""

PARAGRAPH_CHARACTERS = 500
"""Of a paragraph; with the sentence that passes them it ends."""

_SENTENCE_END = re.compile(r"[.?!…。？！]['\"”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class SaidWord:
    """One word, when it was said and by whom; `speaker` is what to call them, "" if there is nothing to say."""

    text: str
    start: int
    end: int
    speaker: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph: what one speaker said without a break."""

    speaker: str
    text: str
    start: int
    end: int


def paragraphs(utterances: Iterable[Sequence[SaidWord]], clock_rate: int) -> list[Passage]:
    """Join what a speaker says until somebody else speaks, or a sentence ends that a pause follows or that is enough.

    Where an utterance has no marks, its end is its sentence's.
    """
    passages: list[Passage] = []
    words: list[SaidWord] = []
    length, closed, silent_from = 0, False, 0
    for word, closes in _with_ends(utterances):
        if not word.text:
            silent_from = max(silent_from, word.end)  # it shows nothing, but it is no silence
            continue
        paused = word.start - silent_from >= PARAGRAPH_SECONDS * clock_rate
        enough = length > PARAGRAPH_CHARACTERS
        if words and (word.speaker != words[-1].speaker or (closed and (paused or enough))):
            passages.append(_passage(words))
            words, length = [], 0
        words.append(word)
        length += len(word.text) + (length > 0)
        closed, silent_from = closes, max(silent_from, word.end)
    return [*passages, _passage(words)] if words else passages


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


def _with_ends(utterances: Iterable[Sequence[SaidWord]]) -> Iterator[tuple[SaidWord, bool]]:
    """Return every word, and whether it closes a sentence."""
    for utterance in utterances:
        closing = [_SENTENCE_END.search(word.text) is not None for word in utterance]
        shown = [place for place, word in enumerate(utterance) if word.text]
        if shown and not any(closing):
            closing[shown[-1]] = True
        yield from zip(utterance, closing, strict=True)


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
