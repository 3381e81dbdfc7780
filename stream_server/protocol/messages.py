"""Events as messages of the native wire; `docs/protocol.md` shows one of each.

Times stand twice: exact as samples of the session clock (`*_sample`, `*_samples`), and as seconds rounded to
a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stream_server.errors import StreamServerError
from stream_server.events import (
    Acknowledged,
    Closed,
    Event,
    Failed,
    Final,
    Flushed,
    LagChanged,
    LoadChanged,
    NothingSaid,
    Partial,
    Ready,
    Resumed,
    Revised,
    Silence,
    Speaker,
    SpeechEnded,
    SpeechStarted,
    Usage,
    Warned,
    Word,
)
from stream_server.protocol.codec import Message

MESSAGE_TYPES: tuple[str, ...] = (
    "ready",
    "resumed",
    "acknowledged",
    "partial",
    "final",
    "nothing_said",
    "revision",
    "flushed",
    "speech_started",
    "speech_ended",
    "silence",
    "usage",
    "lag",
    "load",
    "warning",
    "error",
    "closed",
)


def write_event(event: Event, rate: int) -> Message:
    """Return the message that says what happened; `rate` is the session clock's."""
    return _WRITERS[type(event)](event, rate)


def write_warning(code: str, message: str) -> Message:
    """Return a `warning` message."""
    return {"type": "warning", "code": code, "message": message}


def _ready(event: Ready, _rate: int) -> Message:
    message: Message = {"type": "ready", **_session(event)}
    if event.resume_token is not None:
        message |= {"resume_token": event.resume_token, "resume_seconds": event.resume_seconds}
    return message


def _resumed(event: Resumed, rate: int) -> Message:
    return {
        "type": "resumed",
        **_session(event),
        "resume_seconds": event.resume_seconds,
        **_time("from", event.at, rate),
        "recognised_again": event.again,
    }


def _session(event: Ready | Resumed) -> Message:
    return {
        "session_id": event.session_id,
        "sample_rate": event.clock_rate,
        "tracks": list(event.tracks),
        "engine": event.engine,
        "model": event.model,
        "language": event.language,
    }


def _acknowledged(event: Acknowledged, rate: int) -> Message:
    return {"type": "acknowledged", **_time("at", event.at, rate), "sequence": event.sequence}


def _partial(event: Partial, rate: int) -> Message:
    return {
        "type": "partial",
        "last_sequence": event.sequence,
        "track": event.track,
        "speaker": _speaker(event.speaker),
        "utterance_id": event.utterance_id,
        **_time("start", event.start, rate),
        **_time("end", event.end, rate),
        "stable_text": event.stable_text,
        "tentative_text": event.tentative_text,
        "stable": [_word(word, rate) for word in event.stable],
        "tentative": [_word(word, rate) for word in event.tentative],
        "language": event.language,
        "lag_ms": event.lag_ms,
    }


def _nothing_said(event: NothingSaid, _rate: int) -> Message:
    return {"type": "nothing_said", "track": event.track, "utterance_id": event.utterance_id}


def _final(event: Final, rate: int) -> Message:
    return {
        "type": "final",
        "sequence": event.sequence,
        "track": event.track,
        "speaker": _speaker(event.speaker),
        "utterance_id": event.utterance_id,
        **_time("start", event.start, rate),
        **_time("end", event.end, rate),
        "text": event.text,
        "words": [_word(word, rate) for word in event.words],
        "language": event.language,
        "lag_ms": event.lag_ms,
    }


def _word(word: Word, rate: int) -> Message:
    message: Message = {"text": word.text}
    if word.spoken != word.text:
        message["spoken"] = word.spoken
    if word.start is not None and word.end is not None:
        message |= {**_time("start", word.start, rate), **_time("end", word.end, rate)}
    message["confidence"] = round(word.confidence, 3)
    if word.speaker is not None:
        message["speaker"] = _speaker(word.speaker)
    if word.overlap:
        message["overlap"] = True
    return message


def _speaker(speaker: Speaker | None) -> Message | None:
    if speaker is None:
        return None
    named = {} if speaker.name is None else {"name": speaker.name}
    return {"id": speaker.id, **named, "confidence": round(speaker.confidence, 3)}


def _revision(event: Revised, _rate: int) -> Message:
    return {
        "type": "revision",
        "sequence": event.sequence,
        "reason": event.reason,
        "merged": [{"old": old, "new": new} for old, new in event.merged],
        "changes": [
            {"utterance_id": each.utterance_id, "first": each.first, "stop": each.stop, "speaker": each.speaker}
            for each in event.changes
        ],
        "names": [{"id": speaker, "name": name} for speaker, name in event.names],
    }


def _flushed(event: Flushed, rate: int) -> Message:
    return {"type": "flushed", "sequence": event.sequence, "id": event.flush_id, **_time("at", event.at, rate)}


def _speech_started(event: SpeechStarted, rate: int) -> Message:
    return _speech("speech_started", event, rate)


def _speech_ended(event: SpeechEnded, rate: int) -> Message:
    return _speech("speech_ended", event, rate)


def _speech(kind: str, event: SpeechStarted | SpeechEnded, rate: int) -> Message:
    return {"type": kind, "track": event.track, "utterance_id": event.utterance_id, **_time("at", event.at, rate)}


def _silence(event: Silence, rate: int) -> Message:
    return {
        "type": "silence",
        "track": event.track,
        "utterance_id": event.utterance_id,
        **_time("since", event.since, rate),
        **_time("at", event.at, rate),
    }


def _usage(event: Usage, rate: int) -> Message:
    return {
        "type": "usage",
        "sequence": event.sequence,
        "session_samples": event.session,
        "session_seconds": seconds(event.session, rate),
        "track_samples": event.tracks,
        "track_seconds": seconds(event.tracks, rate),
        "speech_samples": event.speech,
        "speech_seconds": seconds(event.speech, rate),
        "last": event.last,
    }


def _lag(event: LagChanged, _rate: int) -> Message:
    return {"type": "lag", "lag_ms": event.lag_ms, "level": event.level}


def _load(event: LoadChanged, _rate: int) -> Message:
    return {"type": "load", "level": event.level, "partial_interval_ms": event.partial_interval_ms}


def _warning(event: Warned, _rate: int) -> Message:
    return write_warning(event.code, event.message)


def _error(event: Failed, rate: int) -> Message:
    message: Message = {
        "type": "error",
        "code": event.error.code,
        "message": event.error.message,
        "retryable": event.error.retryable,
        **_time("at", event.at, rate),
    }
    if event.error.retry_after_seconds is not None:
        message["retry_after_seconds"] = event.error.retry_after_seconds
    return message


def _closed(event: Closed, rate: int) -> Message:
    return {
        "type": "closed",
        "error": None if event.error is None else event.error.code,
        "close_code": close_code(event.error),
        **_time("at", event.at, rate),
    }


def close_code(error: StreamServerError | None) -> int:
    """Return the websocket's close code; 1000 when all went well."""
    return 1000 if error is None else error.close_code


def seconds(samples: int, rate: int) -> float:
    """Return a sample position as seconds, rounded to a millisecond."""
    return round(samples / rate, 3)


def _time(name: str, sample: int, rate: int) -> Message:
    return {f"{name}_sample": sample, f"{name}_seconds": seconds(sample, rate)}


_WRITERS: dict[type, Callable[[Any, int], Message]] = {
    Ready: _ready,
    Resumed: _resumed,
    Acknowledged: _acknowledged,
    Partial: _partial,
    Final: _final,
    NothingSaid: _nothing_said,
    Revised: _revision,
    Flushed: _flushed,
    SpeechStarted: _speech_started,
    SpeechEnded: _speech_ended,
    Silence: _silence,
    Usage: _usage,
    LagChanged: _lag,
    LoadChanged: _load,
    Warned: _warning,
    Failed: _error,
    Closed: _closed,
}
