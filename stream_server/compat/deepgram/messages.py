"""Messages of Deepgram's streaming API, as every client seen reads them.

No other `type` is sent: one client hands what it does not know to its user as nothing at all, another stops listening.
Every field stands that any of them indexes without looking, so `metadata` is in each result.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stream_server.compat.deepgram.words import Spoken, write_alternative
from stream_server.protocol.codec import Message

VERSION = "1"
"""Of every model: clients want some, and ours have none."""

LONGEST_ECHO = 1_000
"""Characters of a message that was not understood, told back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What recognises; its id is made of its name, so that it is the same everywhere."""

    name: str
    engine: str

    @property
    def uuid(self) -> str:
        """An id in the vendor's form."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.engine}/{self.name}"))

    @property
    def info(self) -> Message:
        """What is told of it."""
        return {"name": self.name, "version": VERSION, "arch": self.engine}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message belongs: which channel of how many."""

    channel: int
    channels: int

    @property
    def index(self) -> list[int]:
        """The pair that messages carry."""
        return [self.channel, self.channels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was understood of a range of a channel, in seconds. What is not `is_final` replaces what was not before."""

    start: float
    end: float
    words: Sequence[Spoken] = ()
    is_final: bool = True
    speech_final: bool = False
    from_finalize: bool = False
    languages: Sequence[str] = ()


def write_result(result: Result, place: Place, request_id: str, model: Model, *, formatted: bool) -> Message:
    """Return a `Results` message."""
    alternative = write_alternative(result.words, formatted=formatted)
    if result.languages:
        alternative["languages"] = list(result.languages)
    start = round(result.start, 3)
    return {
        "type": "Results",
        "channel_index": place.index,
        "start": start,
        "duration": round(max(0.0, round(result.end, 3) - start), 3),
        "is_final": result.is_final,
        "speech_final": result.speech_final,
        "from_finalize": result.from_finalize,
        "channel": {"alternatives": [alternative]},
        "metadata": {"request_id": request_id, "model_uuid": model.uuid, "model_info": model.info},
    }


def write_speech_started(place: Place, at: float) -> Message:
    """Return a `SpeechStarted` message."""
    return {"type": "SpeechStarted", "channel": place.index, "timestamp": round(at, 3)}


def write_utterance_end(place: Place, last_word_end: float) -> Message:
    """Return an `UtteranceEnd` message."""
    return {"type": "UtteranceEnd", "channel": place.index, "last_word_end": round(last_word_end, 3)}


def write_metadata(
    *, request_id: str, sha256: str, created: float, duration: float, channels: int, model: Model
) -> Message:
    """Return what is told of the whole audio; `created` is POSIX seconds. In a stream its `type` is `Metadata`."""
    return {
        "transaction_key": "deprecated",
        "request_id": request_id,
        "sha256": sha256,
        "created": timestamp(created),
        "duration": round(duration, 3),
        "channels": channels,
        "models": [model.uuid],
        "model_info": {model.uuid: model.info},
    }


def write_configured(request_id: str, keyterms: Sequence[str] | None) -> Message:
    """Return the answer to `Configure`."""
    told = {} if keyterms is None else {"keyterms": list(keyterms)}
    return {"type": "ConfigureSuccess", "request_id": request_id, **told}


def write_not_configured(request_id: str, description: str) -> Message:
    """Return the answer to a `Configure` that asks for what cannot be."""
    return {
        "type": "ConfigureFailure",
        "request_id": request_id,
        "code": "CONFIGURE_KEYTERMS_NOT_SUPPORTED",
        "description": description,
    }


def write_misunderstood(description: str, frame: str) -> Message:
    """Return the answer to what is no message of this API; the stream goes on."""
    return {"type": "Error", "variant": "SchemaError", "description": description, "message": frame[:LONGEST_ECHO]}


def timestamp(seconds: float) -> str:
    """Return a moment as ISO 8601, in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_keyterms(message: dict[str, Any]) -> list[str] | None:
    """Return the key terms of a `Configure`, None if it leaves them alone; raises `ValueError` for what are none."""
    keyterms = message.get("keyterms")
    if keyterms is None:
        return None
    if not isinstance(keyterms, list) or not all(isinstance(term, str) for term in keyterms):
        raise ValueError("keyterms must be a list of strings")
    return keyterms
