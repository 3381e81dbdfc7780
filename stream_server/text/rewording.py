"""Format what is written down already: plain text, or words with their times, as if they were heard again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from stream_server.text.formatter import join, tidy
from stream_server.text.formatting import Formatting
from stream_server.text.pipeline import Formatter
from stream_server.text.redaction.kinds import MASK
from stream_server.text.tokens import TRAILING_MARKS, Token, passage_of

WORDS_PER_WRITTEN = 50
"""A text in which fewer words have marks or capitals is raw: even there somebody may say "iPhone" or "p.m."."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWord:
    """A word: `text` is shown, `spoken` was said; `start` and `end` on any clock, None where nobody knows them."""

    text: str
    spoken: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    speaker: int | None = None
    overlap: bool = False


def is_raw(texts: Sequence[str]) -> bool:
    """Tell whether nobody has punctuated these words: hardly any ends in a mark or has a capital.

    Single letters do not count: "I" is one in any text, and a lone letter may be part of a name spelled out. Nor do
    masks: they are written so whatever is around them.
    """
    written = sum(_is_written(text) for text in texts)
    return not written or written * WORDS_PER_WRITTEN < len(texts)


def heard_again(words: Sequence[TimedWord]) -> list[TimedWord]:
    """Return words as they were spoken; those that were joined share their time by their length."""
    return [each for word in words for each in _apart(word)]


def formatter_for(formatting: Formatting, words: Sequence[str], *, raw: bool | None = None) -> Formatter:
    """Return what writes these words; `raw` None: what `is_raw` says of them."""
    return Formatter(formatting, raw=is_raw(words) if raw is None else raw)


def reword(
    words: Sequence[TimedWord],
    formatter: Formatter,
    language: str | None,
    *,
    clock_rate: float = 1.0,
    continues: bool = False,
    cut: bool = False,
) -> list[TimedWord]:
    """Return an utterance's words as people read them, each made of one or more of those given.

    Its sentences go on when the speaker changes, but a number is one person's. Times count `clock_rate` a second.
    `continues` and `cut` are a `Passage`'s. Pauses count where there are no marks, as they do live.
    """
    texts = tidy(word.text for word in words)
    kept = [word for word, text in zip(words, texts, strict=True) if text]
    pauses = _pauses(kept, clock_rate) if formatter.raw else ()
    heard = passage_of([text for text in texts if text], pauses, continues=continues, cut=cut)
    guarded = replace(heard, tokens=tuple(map(_guarded, heard.tokens, _turns(kept))))
    return [_word(token, kept[token.first : token.behind]) for token in formatter.format(guarded, language).tokens]


def reword_text(
    text: str, formatting: Formatting, language: str | None, *, raw: bool | None = None
) -> list[list[TimedWord]]:
    """Return the words of each line of a text; empty lines have none. `raw` None: what the whole text looks like."""
    formatter = formatter_for(formatting, text.split(), raw=raw)
    lines = [[TimedWord(text=word, spoken=word) for word in line.split()] for line in text.split("\n")]
    return [reword(line, formatter, language) for line in lines]


def _is_written(text: str) -> bool:
    if MASK.search(text):
        return False
    return text[-1:] in TRAILING_MARKS or (len(text) > 1 and text != text.lower())


def _guarded(token: Token, speakers: tuple[int | None, int | None]) -> Token:
    """Return a token that knows whether somebody else spoke before; a mask as what no stage reads or rewrites.

    What a mask stands for was not kept.
    """
    before, speaker = speakers
    is_mask, turn = MASK.search(token.text) is not None, before is not None and speaker != before
    return replace(token, masked=is_mask, fixed=is_mask, turn=turn) if is_mask or turn else token


def _turns(words: Sequence[TimedWord]) -> Iterator[tuple[int | None, int | None]]:
    """Yield who speaks before each word, and who says it; of whom nothing is known goes with those before."""
    before = None
    for word in words:
        speaker = before if word.speaker is None else word.speaker
        yield before, speaker
        before = speaker


def _pauses(words: Sequence[TimedWord], clock_rate: float) -> list[float | None]:
    gaps = [
        None if before.end is None or after.start is None else max(0.0, after.start - before.end) / clock_rate
        for before, after in pairwise(words)
    ]
    return [None, *gaps] if words else []


def _word(token: Token, made_of: Sequence[TimedWord]) -> TimedWord:
    sure = [word.confidence for word in made_of if word.confidence is not None]
    return TimedWord(
        text=token.text,
        spoken=token.text if token.masked else join(word.spoken for word in made_of),
        start=made_of[0].start,
        end=made_of[-1].end,
        confidence=min(sure, default=None),
        speaker=next((word.speaker for word in made_of if word.speaker is not None), None),
        overlap=any(word.overlap for word in made_of),
    )


def _apart(word: TimedWord) -> Iterator[TimedWord]:
    spoken = word.spoken.split()
    letters, before = sum(map(len, spoken)), 0
    for each in spoken:
        start = end = None
        if word.start is not None and word.end is not None:
            length = word.end - word.start
            start, end = (word.start + length * at / letters for at in (before, before + len(each)))
        before += len(each)
        yield replace(word, text=each, spoken=each, start=start, end=end)
