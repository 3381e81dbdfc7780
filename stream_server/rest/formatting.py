"""`POST /v1/format_transcript`: text, or what was kept of a session, as people read it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.durations import exact_seconds
from stream_server.errors import InvalidConfiguration, MessageTooLarge
from stream_server.protocol.fields import Fields
from stream_server.protocol.formatting import read_formatting, refuse_unknown
from stream_server.protocol.start import read_language
from stream_server.rest.records import PRIVATE, require_sight
from stream_server.rest.usage import presented_key
from stream_server.store.exports import export
from stream_server.store.records import RecordStore, SegmentWord, Transcript
from stream_server.store.reworded import reworded
from stream_server.text.formatter import join
from stream_server.text.rewording import TimedWord, reword, reword_text

SOURCES = ("text", "words", "record_id")
"""What may be formatted: one of these is given."""

LONGEST_WORD = 100
"""Characters of a word in plain text, on average at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatTranscript:
    """The handler. Texts of more than `max_words` are refused; one is formatted at a time, beside the event loop."""

    authenticator: Authenticator
    records: RecordStore
    max_words: int
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def routes(self) -> list[web.RouteDef]:
        """Return where this is."""
        return [web.post("/v1/format_transcript", self.format)]

    async def format(self, request: web.Request) -> web.Response:
        """Answer with the text and its words."""
        principal = await self.authenticator.authorise(presented_key(request), "transcribe")
        body = read_body(await request.read())
        wanted = read_formatting(body.inner("options"))
        language, raw = read_language(body.text("language"), "language"), body.boolean("raw")
        given = [name for name in SOURCES if body.has(name)]
        if len(given) != 1:
            raise InvalidConfiguration(f"one of {', '.join(SOURCES)} is needed, and no other of them")
        match given[0]:
            case "text":
                text = body.text("text", longest=LONGEST_WORD * self.max_words) or ""
                count, work = len(text.split()), lambda: write_text(reword_text(text, wanted, language, raw=raw))
            case "words":
                words = read_words(body)
                count, work = len(words), lambda: write_words(reword(words, wanted, language, raw=raw))
            case _:
                kept = await self._find(principal, body.text("record_id") or "")
                count = sum(len(segment.words) for segment in kept.segments)
                work = lambda: write_record(reworded(kept, wanted, language, raw=raw))  # noqa: E731 # as the others
        refuse_unknown(body)
        if count > self.max_words:
            raise MessageTooLarge(f"at most {self.max_words} words are formatted at once (max_formatted_words)")
        async with self.turn:
            answer = await asyncio.to_thread(work)
        return web.json_response(answer, headers=PRIVATE)

    async def _find(self, principal: Principal, record_id: str) -> Transcript:
        transcript = await self.records.find_transcript(principal.organisation, record_id)
        require_sight(principal, transcript.record)
        return transcript


def read_body(body: bytes) -> Fields:
    """Return the request's JSON object; raises `InvalidConfiguration`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidConfiguration("the body must be JSON") from None
    if not isinstance(value, dict):
        raise InvalidConfiguration("the body must be an object")
    return Fields(value)


def read_words(body: Fields) -> list[TimedWord]:
    """Return words with their times, in order; raises `InvalidConfiguration` that names the field."""
    words = [_read_word(each) for each in body.objects("words") or ()]
    times = [at for word in words for at in (word.start, word.end) if at is not None]
    if any(after < before for before, after in pairwise(times)):
        raise InvalidConfiguration("words must be in the order of time, each with its start before its end")
    return words


def _read_word(values: Fields) -> TimedWord:
    text = values.text("text")
    if not text or text.split() != [text]:
        raise InvalidConfiguration("words.text must be one word")
    start, end = values.number("start"), values.number("end")
    return TimedWord(text=text, spoken=text, start=start, end=end, speaker=values.integer("speaker"))


def write_text(lines: list[list[TimedWord]]) -> dict[str, Any]:
    """Return what is answered for plain text: its lines stay lines."""
    text = "\n".join(join(word.text for word in line) for line in lines)
    return {"text": text, "words": [_word_json(word) for line in lines for word in line]}


def write_words(words: list[TimedWord]) -> dict[str, Any]:
    """Return what is answered for words: a line for each turn."""
    return write_text([list(turn) for _, turn in groupby(words, key=lambda word: word.speaker)])


def write_record(transcript: Transcript) -> dict[str, Any]:
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
