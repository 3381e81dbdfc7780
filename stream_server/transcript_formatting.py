"""What `POST /v1/format_transcript` is asked for, and what it answers. Pure; `rest.formatting` carries it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from stream_server.durations import exact_seconds
from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.protocol.formatting import read_formatting, refuse_unknown
from stream_server.protocol.start import read_language
from stream_server.store.exports import export
from stream_server.store.records import SegmentWord, Transcript
from stream_server.store.reworded import reworded
from stream_server.store.vocabularies import Vocabulary
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting
from stream_server.text.pipeline import Formatter
from stream_server.text.rewording import TimedWord, formatter_for, reword, reword_text

SOURCES = ("text", "words", "record_id")
"""What may be formatted: one of these is given."""

LONGEST_WORD = 100
"""Characters of a word in plain text, on average at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something to format: a text, words, or a record by its id; and how. The others are None."""

    text: str | None
    words: list[TimedWord] | None
    record_id: str | None
    formatting: Formatting
    language: str | None
    raw: bool | None

    def with_vocabulary(self, vocabulary: Vocabulary) -> Request:
        """Return this with an organisation's vocabulary behind its own."""
        formatting = self.formatting.with_vocabulary(vocabulary.terms, vocabulary.replacements)
        return replace(self, formatting=formatting)

    def count(self, transcript: Transcript | None) -> int:
        """Return how many words that is; `transcript` is the record that is asked for."""
        if transcript is not None:
            return sum(len(segment.words) for segment in transcript.segments)
        return len((self.text or "").split() if self.words is None else self.words)


def answer(request: Request, transcript: Transcript | None) -> bytes:
    """Return the answer to a request as JSON; `transcript` is the record that is asked for."""
    return json.dumps(_answer(request, transcript)).encode()


def read_request(body: Fields, max_words: int) -> Request:
    """Return what a request's object asks for; raises `InvalidConfiguration` that names the field."""
    if sum(map(body.has, SOURCES)) != 1:
        raise InvalidConfiguration(f"one of {', '.join(SOURCES)} is needed, and no other of them")
    request = Request(
        text=body.text("text", longest=LONGEST_WORD * max_words),
        words=_read_words(body) if body.has("words") else None,
        record_id=body.text("record_id"),
        formatting=read_formatting(body.inner("options")),
        language=read_language(body.text("language"), "language"),
        raw=body.boolean("raw"),
    )
    refuse_unknown(body)
    return request


def _read_words(body: Fields) -> list[TimedWord]:
    """Return words with their times, in order; raises `InvalidConfiguration` that names the field.

    Where two people speak at once one word begins before the other ends.
    """
    words = [_read_word(each) for each in body.objects("words") or ()]
    starts = [word.start for word in words if word.start is not None]
    lengths = [word.end - word.start for word in words if word.start is not None and word.end is not None]
    if any(after < before for before, after in pairwise(starts)) or min(lengths, default=0) < 0:
        raise InvalidConfiguration("words must be in the order of time, each with its start before its end")
    return words


def _read_word(values: Fields) -> TimedWord:
    text = values.text("text")
    if not text or text.split() != [text]:
        raise InvalidConfiguration("words.text must be one word")
    start, end = values.number("start"), values.number("end")
    return TimedWord(text=text, spoken=text, start=start, end=end, speaker=values.integer("speaker"))


def _answer(request: Request, transcript: Transcript | None) -> dict[str, Any]:
    wanted, language, raw = request.formatting, request.language, request.raw
    if transcript is not None:
        return _write_record(reworded(transcript, wanted, language, raw=raw))
    if request.words is not None:
        formatter = formatter_for(wanted, [word.text for word in request.words], raw=raw)
        return _write_turns(request.words, formatter, language)
    return _write_lines(reword_text(request.text or "", wanted, language, raw=raw))


def _write_lines(lines: list[list[TimedWord]]) -> dict[str, Any]:
    """Return what is answered for plain text: its lines stay lines."""
    text = "\n".join(join(word.text for word in line) for line in lines)
    return {"text": text, "words": [_word_json(word) for line in lines for word in line]}


def _write_turns(words: list[TimedWord], formatter: Formatter, language: str | None) -> dict[str, Any]:
    """Return what is answered for words: a line for each turn, which is a text of its own.

    Unlike a record's, they are whole conversations: no utterance tells that a sentence goes on.
    """
    turns = groupby(words, key=lambda word: word.speaker)
    return _write_lines([reword(list(turn), formatter, language) for _, turn in turns])


def _write_record(transcript: Transcript) -> dict[str, Any]:
    """Return what is answered for a record: its paragraphs, and its words in seconds."""
    rate = transcript.record.clock_rate
    words = [_kept_json(word, rate) for segment in transcript.segments for word in segment.words]
    return {"text": export(transcript, "txt"), "words": words}


def _word_json(word: TimedWord) -> dict[str, Any]:
    given = {"start": word.start, "end": word.end, "speaker": word.speaker}
    present = {name: value for name, value in given.items() if value is not None}
    return {"text": word.text, "spoken": word.spoken, **present}


def _kept_json(word: SegmentWord, clock_rate: int) -> dict[str, Any]:
    start, end = exact_seconds(word.start, clock_rate), exact_seconds(word.end, clock_rate)
    speaker = {} if word.speaker is None else {"speaker": word.speaker}
    return {"text": word.text, "spoken": word.spoken, "start": float(start), "end": float(end), **speaker}
