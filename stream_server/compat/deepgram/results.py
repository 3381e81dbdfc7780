"""From what was heard on a channel to the message that tells it: seconds, speakers, languages as clients have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stream_server.compat.deepgram.channel import Heard
from stream_server.compat.deepgram.errors import request_id
from stream_server.compat.deepgram.messages import (
    Model,
    Place,
    Result,
    write_metadata,
    write_result,
    write_speech_started,
    write_utterance_end,
)
from stream_server.compat.deepgram.parameters import Listen
from stream_server.compat.deepgram.words import Spoken, is_written, language_code, with_every_speaker
from stream_server.events import Ready, Word
from stream_server.protocol.codec import encode_json
from stream_server.protocol.dialect import Frame


class Results:
    """Writes the results of one stream; remembers who spoke last on each channel."""

    def __init__(self, ready: Ready, listen: Listen) -> None:
        self.request_id = request_id(ready.session_id)
        self._rate = ready.clock_rate
        self._model = Model(name=ready.model, engine=ready.engine)
        self._listen = listen
        self._speakers = [0] * len(ready.tracks)

    def result(self, track: int, heard: Heard, *, from_finalize: bool = False) -> Frame:
        """Return a `Results` message."""
        words = self._spoken(track, heard)
        code = language_code(heard.language) if self._listen.multilingual and words else None
        result = Result(
            start=heard.start / self._rate,
            end=heard.end / self._rate,
            words=[replace(word, language=code) for word in words],
            is_final=heard.is_final,
            speech_final=heard.speech_final,
            from_finalize=from_finalize,
            languages=[code] if code else [],
        )
        place, formatted = self._place(track), self._listen.formatted
        return encode_json(write_result(result, place, self.request_id, self._model, formatted=formatted))

    def speech_started(self, track: int, at: int) -> Frame:
        """Return a `SpeechStarted` message."""
        return encode_json(write_speech_started(self._place(track), at / self._rate))

    def utterance_end(self, track: int, last_word_end: int) -> Frame:
        """Return an `UtteranceEnd` message."""
        return encode_json(write_utterance_end(self._place(track), last_word_end / self._rate))

    def metadata(self, end: int, *, sha256: str, created: float) -> Frame:
        """Return the `Metadata` message."""
        metadata = write_metadata(
            request_id=self.request_id,
            sha256=sha256,
            created=created,
            duration=end / self._rate,
            channels=len(self._speakers),
            model=self._model,
        )
        return encode_json({"type": "Metadata", **metadata})

    def _place(self, track: int) -> Place:
        return Place(channel=track, channels=len(self._speakers))

    def _spoken(self, track: int, heard: Heard) -> list[Spoken]:
        """Return the words that are written, in seconds; with their speakers, if these are wanted."""
        words = [
            Spoken(
                text=word.text,
                start=start / self._rate,
                end=end / self._rate,
                confidence=word.confidence,
                speaker=word.speaker.id - 1 if self._listen.diarize and word.speaker else None,
            )
            for word, start, end in timed(heard)
            if is_written(word.text)
        ]
        if not self._listen.diarize or not words:
            return words
        words = with_every_speaker(words, self._speakers[track])
        if heard.is_final:
            self._speakers[track] = words[-1].speaker or 0
        return words


def timed(heard: Heard) -> Iterator[tuple[Word, float, float]]:
    """Yield each word with its place; words that have none yet share the time behind those that have, by length."""
    at: float = max(heard.start, heard.said_from)
    untimed = [word for word in heard.words if word.start is None or word.end is None]
    letters = sum(len(word.text) for word in untimed)
    for word in heard.words:
        if word.start is not None and word.end is not None:
            at = word.end
            yield word, word.start, word.end
        else:
            share = (heard.end - at) * len(word.text) / max(1, letters)
            letters -= len(word.text)
            yield word, at, at + share
            at += share
