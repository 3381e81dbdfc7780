"""A transcription as a stream of server-sent events: words are appended as they become final, never changed."""

from __future__ import annotations

import json
from typing import Any

from stream_server.compat.openai.form import Wanted
from stream_server.compat.openai.realtime_messages import logprobs
from stream_server.compat.openai.transcriptions import diarized_segment, spoken_parts
from stream_server.events import Event, Final
from stream_server.store.records import Segment, Transcript, append_of
from stream_server.text.formatter import join

AUDIO_TOKEN_RATE = 50
"""A second: what Whisper's encoder makes of it."""


class TranscriptEvents:
    """Turns a session's events into those of one answer; joined deltas are the whole text."""

    def __init__(self, wanted: Wanted, clock_rate: int) -> None:
        self._wanted = wanted
        self._rate = clock_rate
        self._text = ""
        self._words = 0
        self._names: dict[int, str | None] = {}
        self._parts = 0
        self._logprobs: list[dict[str, Any]] = []

    def hear(self, event: Event) -> list[str]:
        """Return what a final adds, as lines to send."""
        if not isinstance(event, Final) or not event.text:
            return []
        append = append_of(event)
        self._names.update(append.names)
        before, self._text = self._text, join([self._text, event.text])
        self._words += sum(bool(word.text) for word in event.words)
        delta: dict[str, Any] = {"type": "transcript.text.delta", "delta": self._text[len(before) :]}
        if self._wanted.logprobs:
            delta["logprobs"] = logprobs(event.words)
            self._logprobs += delta["logprobs"]
        segments = self._segments(append.segment) if self._wanted.response_format == "diarized_json" else []
        if segments:
            delta["segment_id"] = segments[0]["id"]
        return [as_line(each) for each in (delta, *segments)]

    def end(self, transcript: Transcript) -> list[str]:
        """Return the end: the whole text and what was used."""
        seconds = (transcript.record.end_sample or 0) / transcript.record.clock_rate
        heard = round(seconds * AUDIO_TOKEN_RATE)
        usage = {
            "type": "tokens",
            "input_tokens": heard,
            "output_tokens": self._words,
            "total_tokens": heard + self._words,
            "input_token_details": {"audio_tokens": heard, "text_tokens": 0},
        }
        done: dict[str, Any] = {"type": "transcript.text.done", "text": self._text, "usage": usage}
        if self._wanted.logprobs:
            done["logprobs"] = self._logprobs
        return [as_line(done), "data: [DONE]\n\n"]

    def _segments(self, segment: Segment) -> list[dict[str, Any]]:
        written = []
        for part in spoken_parts(segment):
            name = None if part.speaker is None else self._names.get(part.speaker)
            written.append(diarized_segment(self._parts, part, name, self._rate))
            self._parts += 1
        return written


def as_line(message: dict[str, Any]) -> str:
    """Return an event as it is sent."""
    return f"data: {json.dumps(message, ensure_ascii=False)}\n\n"
