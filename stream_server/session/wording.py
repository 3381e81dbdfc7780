"""From the words heard in an utterance to those shown: formatted, on the session clock, and how many of them stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import structlog

from stream_server.events import Word
from stream_server.session.clock import TrackClock
from stream_server.session.options import SessionOptions
from stream_server.session.spans import Span, spans_of
from stream_server.session.utterance import Utterance
from stream_server.text.formatter import join, tidy
from stream_server.text.marks import ends_sentence
from stream_server.text.pipeline import Formatter
from stream_server.text.redaction.kinds import MASKS
from stream_server.text.tokens import Passage, Token, passage_of
from stream_server.work import ENGINE_RATE, HypothesisWord

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """Words as they are shown, and where each lies on its track; `stable` of them, the first, stay as they are."""

    words: tuple[Word, ...]
    spans: list[Span]
    stable: int


class Wording:
    """How a session's words are written; who has a track of their own takes part.

    Silences tell where marks belong only if the engine does not: what is shown of another's words is the same whether
    they were timed or not.
    """

    def __init__(self, session_id: str, options: SessionOptions, *, punctuates: bool) -> None:
        formatting = options.formatting.with_participants(options.participants)
        self._session_id = session_id
        self._formatter = Formatter(formatting, raw=not punctuates)
        self._translate = options.translate
        self._raw = not punctuates
        self._mask = MASKS[formatting.redact[0]] if formatting.redact else None
        self._has_failed = False

    def partial(
        self,
        utterance: Utterance,
        clock: TrackClock,
        heard: Sequence[HypothesisWord],
        *,
        committed: int,
        timed: int,
        language: str | None,
        end: int,
    ) -> Shown:
        """Return what is shown of an utterance that goes on; what is stable is noted down with it.

        The first `committed` words will not be heard otherwise. Times stand in the first `timed`, others' may change.
        """
        kept = _kept(heard, utterance, end)
        settled = sum(each.place < committed for each in kept)
        passage = self._format(utterance, kept, language, settled)
        utterance.shown = passage.tokens[: passage.settled]
        words, spans = _placed([token for token in passage.tokens if not token.held], kept, utterance, clock, timed)
        return Shown(words, spans, sum(not token.held for token in utterance.shown))

    def final(
        self,
        utterance: Utterance,
        clock: TrackClock,
        heard: Sequence[HypothesisWord],
        *,
        language: str | None,
        end: int,
    ) -> Shown:
        """Return what is shown of an utterance that has ended: it begins with what was shown as stable."""
        kept = _kept(heard, utterance, end)
        passage = self._format(utterance, kept, language, None)
        words, spans = _placed(passage.tokens, kept, utterance, clock, len(heard))
        return Shown(words, spans, len(words))

    def _format(
        self, utterance: Utterance, kept: Sequence[_Kept], language: str | None, settled: int | None
    ) -> Passage:
        words = passage_of(
            [each.text for each in kept],
            _pauses(kept) if self._raw else (),
            settled=settled,
            ended=settled is None,
            continues=utterance.continues,
            cut=utterance.cut,
        )
        language = "en" if self._translate else language
        passage = self._written(words, language)
        shown = utterance.shown
        if len(passage.tokens) >= len(shown) and all(map(_reads_alike, shown, passage.tokens)):
            return passage
        rest = self._written(_behind(words, shown), language)
        return replace(rest, tokens=(*shown, *rest.tokens), settled=len(shown) + rest.settled)

    def _written(self, words: Passage, language: str | None) -> Passage:
        """Return the words formatted; if that fails, as they were heard, for a session is worth more than its marks.

        Where secrets are masked every word is one then: nobody has looked. None of these stand before the end.
        """
        try:
            return self._formatter.format(words, language)
        except Exception as error:  # noqa: BLE001  # whatever breaks in a stage
            self._tell_failure(type(error).__name__)
        tokens = words.tokens
        if self._mask is not None:
            tokens = tuple(replace(token, text=self._mask, masked=True) for token in tokens)
        return replace(words, tokens=tokens, settled=len(tokens) if words.ended else 0)

    def _tell_failure(self, error: str) -> None:
        """Say in the log that formatting fails, once; not where: a message or a traceback may have words in it."""
        if not self._has_failed:
            self._has_failed = True
            log.error("formatting failed", session_id=self._session_id, error=error)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A word of which something is left to show, its place among those heard, and where it lies on the track."""

    place: int
    text: str
    word: HypothesisWord
    span: Span


def _kept(heard: Sequence[HypothesisWord], utterance: Utterance, end: int) -> list[_Kept]:
    texts, spans = tidy(word.text for word in heard), spans_of(heard, utterance.start, end)
    return [
        _Kept(place, text, word, span)
        for place, (text, word, span) in enumerate(zip(texts, heard, spans, strict=True))
        if text
    ]


def _reads_alike(one: Token, other: Token) -> bool:
    return (one.text, one.first, one.behind) == (other.text, other.first, other.behind)


def _pauses(kept: Sequence[_Kept]) -> list[float | None]:
    """Return the silence in front of each word, in seconds; None where nobody knows."""
    known = ((before.word.end, after.word.start) for before, after in pairwise(kept))
    found = (None if end is None or start is None else max(0, start - end) / ENGINE_RATE for end, start in known)
    return [None, *found] if kept else []


def _behind(words: Passage, shown: Sequence[Token]) -> Passage:
    """Return the words behind those that were shown otherwise than they would be now, and stay so.

    It takes a stage that does not keep its promise, or a silence that is measured anew, for a client to need this.
    """
    place, before = shown[-1].behind, next((token for token in reversed(shown) if token.text), None)
    return replace(
        words,
        tokens=words.tokens[place:],
        settled=max(0, words.settled - place),
        continues=words.continues if before is None else not ends_sentence(before),
    )


def _placed(
    tokens: Sequence[Token], kept: Sequence[_Kept], utterance: Utterance, clock: TrackClock, timed: int
) -> tuple[tuple[Word, ...], list[Span]]:
    """Return tokens as words on the session's clock, those made of the first `timed` words heard with their times."""
    words, spans = [], []
    for token in tokens:
        made_of = kept[token.first : token.behind]
        first, last = made_of[0], made_of[-1]
        start, end = (first.word.start, last.word.end) if last.place < timed else (None, None)
        words.append(
            Word(
                text=token.text,
                spoken=token.text if token.masked else join(each.word.text for each in made_of),
                start=None if start is None else clock.to_session(utterance.start + start),
                end=None if end is None else clock.to_session(utterance.start + end),
                confidence=min(each.word.probability for each in made_of),
            )
        )
        spans.append((first.span[0], last.span[1]))
    return tuple(words), spans
