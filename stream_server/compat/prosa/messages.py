"""Messages of Prosa's streaming API: the configuration a client sends, what it is answered, and the close codes.

Every client seen ignores fields and types it does not know, casts numbers without looking, and some fail on a null:
hence strings and floats only, nothing empty.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from stream_server.diarize.turns import SpokenTurn, spoken_turns
from stream_server.errors import (
    BacklogExceeded,
    Forbidden,
    IdleTimeout,
    InvalidConfiguration,
    InvalidKey,
    MessageTooLarge,
    QuotaExceeded,
    RateLimited,
    ServerFull,
    ServerStopping,
    SessionTooLong,
    SlowClient,
    StoreUnavailable,
    StreamServerError,
    TooManySessions,
    UnexpectedMessage,
    UnknownModel,
    UnsupportedAudio,
)
from stream_server.events import Final, Partial, Speaker, Word
from stream_server.protocol.codec import Message
from stream_server.protocol.fields import Fields
from stream_server.session.options import MOST_SPEAKERS, AudioFormat, SessionOptions
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting

DOCUMENTED_MODELS = frozenset({"stt-general-online", "asr-general-online", "stt-general", "asr-general"})
"""Model names that public clients and pages of Prosa use."""

_ENCODINGS = {
    "s16le": "pcm_s16le",
    "s24le": "pcm_s24le",
    "s32le": "pcm_s32le",
    "f32le": "pcm_f32le",
    "mulaw": "pcm_mulaw",
    "ulaw": "pcm_mulaw",
    "alaw": "pcm_alaw",
}
"""Headerless formats, less an optional `pcm_`. Any other name is a container, which its first bytes tell better."""

_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
"""What clients write for them."""

_CLOSE_CODES: dict[type[StreamServerError], int] = {
    InvalidKey: 4000,
    Forbidden: 4000,
    InvalidConfiguration: 4001,
    UnexpectedMessage: 4001,
    UnsupportedAudio: 4001,
    UnknownModel: 4002,
    QuotaExceeded: 4005,
    RateLimited: 4029,
    TooManySessions: 4029,
    ServerFull: 4029,
    BacklogExceeded: 4029,
    SessionTooLong: 1000,
    MessageTooLarge: 1009,
    IdleTimeout: 1008,
    SlowClient: 1008,
    ServerStopping: 1012,
    StoreUnavailable: 1013,
}


def close_code(error: StreamServerError | None) -> int:
    """Return the close code that Prosa's clients understand; 1011 for what is our fault or unknown to them."""
    return 1000 if error is None else _CLOSE_CODES.get(type(error), 1011)


class LenientFields(Fields):
    """Fields of clients that send booleans and numbers as strings."""

    def boolean(self, name: str) -> bool | None:
        """Return true or false, also from the words and from 1 and 0."""
        value = self._values.get(name)
        if (meant := _BOOLEANS.get(str(value).strip().lower())) is not None:
            self._known.add(name)
            return meant
        return super().boolean(name)

    def integer(self, name: str) -> int | None:
        """Return a whole number, also from its digits."""
        value = self._values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            self._known.add(name)
            return int(value)
        return super().integer(name)


def read_configuration(message: Message, models: Collection[str]) -> SessionOptions:
    """Return the options of a configuration message; unknown fields mean nothing.

    Partials and fillers are off unless asked for, like their REST counterparts. Raises `InvalidConfiguration` and, for
    a model that is not among `models`, `UnknownModel`.
    """
    fields = LenientFields(message)
    model = fields.text("model")
    if not model:
        raise InvalidConfiguration("model must be given")
    if model not in models:
        raise UnknownModel("this model is not offered here")
    return SessionOptions(
        audio=_read_audio(fields.inner("audio")),
        label=fields.text("label", longest=1_000),
        partials=fields.boolean("include_partial") or False,
        formatting=Formatting(fillers=fields.boolean("include_filler") or False),
        speaker_count=read_speaker_count(message.get("speaker_count")),
    )


def read_speaker_count(value: object) -> int | None:
    """Return how many speak: a hint, never a reason to refuse. One is sent by clients who do not know."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:4])
    return value if isinstance(value, int) and 2 <= value <= MOST_SPEAKERS else None


def _read_audio(fields: Fields) -> AudioFormat:
    encoding = _ENCODINGS.get((fields.text("format") or "").lower().removeprefix("pcm_"))
    rate, channels = fields.integer("sample_rate"), fields.integer("channels")
    if encoding is None and rate is not None and not 8_000 <= rate <= 48_000:
        rate = None  # a container knows its own rate
    return AudioFormat(encoding=encoding, sample_rate=rate or 16_000, channels=channels or 1)


def write_created(session_id: str) -> Message:
    """Return the message that says: ready to accept audio."""
    return {"type": "created", "id": session_id}


def write_status(status: str) -> Message:
    """Return a `status` message: created, in_progress or complete; never `failed` on a connection that stays open."""
    return {"type": "status", "status": status}


def write_partial(event: Partial) -> Message | None:
    """Return the sentence being spoken; None if there are no words yet."""
    transcript = f"{event.stable_text} {event.tentative_text}".strip()
    if not transcript:
        return None
    return {"type": "partial", "transcript": transcript, **_voice(event.track, event.speaker)}


def write_results(event: Final, rate: int) -> list[Message]:
    """Return a finished sentence, in pieces where its speaker changes; none if it has no words."""
    if not event.text.strip():
        return []
    turns = spoken_turns(event.words)
    if len(turns) <= 1:
        speaker = next((turn.speaker for turn in turns), None) or event.speaker
        return [_result(event, event.start, event.end, SpokenTurn(speaker, event.words), rate)]
    return [_result(event, *_extent(event, turn), turn, rate) for turn in turns]


def _extent(event: Final, turn: SpokenTurn) -> tuple[int, int]:
    first, last = turn.words[0].start, turn.words[-1].end
    return event.start if first is None else first, event.end if last is None else last


def _result(event: Final, start: int, end: int, turn: SpokenTurn, rate: int) -> Message:
    """Return one result; `time_start` and `time_end` are seconds."""
    return {
        "type": "result",
        "transcript": join(word.text for word in turn.words) if len(turn.words) < len(event.words) else event.text,
        **_span(start, end, rate),
        **_voice(event.track, turn.speaker),
        "words": [_word(word, rate) for word in turn.words if word.text],
    }


def write_metadata(duration: float, quota_used: float, max_duration: float, max_reached: bool) -> Message:
    """Return the closing message; seconds, none of them null."""
    return {
        "type": "metadata",
        "duration": float(duration),
        "quota_used": float(quota_used),
        "max_reached": max_reached,
        "max_duration": float(max_duration),
    }


def _word(word: Word, rate: int) -> Message:
    message: Message = {"text": word.text, "confidence": round(word.confidence, 3)}
    if word.start is not None and word.end is not None:
        message |= _span(word.start, word.end, rate)
    return message


def _span(start: int, end: int, rate: int) -> dict[str, Any]:
    return {"time_start": round(start / rate, 3), "time_end": round(end / rate, 3)}


def _voice(track: int, speaker: Speaker | None) -> dict[str, Any]:
    """Return channel, counted from 0, and speaker, counted from 1; a speaker nobody knows is left out."""
    return {"channel": track} if speaker is None else {"channel": track, "speaker_tag": speaker.id}
