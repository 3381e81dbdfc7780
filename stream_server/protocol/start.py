"""The `start` message: from a client's object to validated `SessionOptions`, and back for clients of ours; `resume`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from stream_server.errors import InvalidConfiguration, UnexpectedMessage
from stream_server.protocol.codec import Message
from stream_server.protocol.fields import Fields
from stream_server.protocol.formatting import read_formatting, write_formatting
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.text.formatting import Formatting

_LANGUAGE = re.compile(r"([a-z]{2,3})([-_][a-z0-9]+)*", re.IGNORECASE)


def read_start(message: Message, *, carries_tracks: bool) -> tuple[SessionOptions, tuple[str, ...]]:
    """Return the options and the names of fields that mean nothing to us.

    Absent and null fields take the defaults of `SessionOptions`. Raises `InvalidConfiguration` naming the field.
    """
    fields = Fields({name: value for name, value in message.items() if name != "type"})
    values: dict[str, Any] = {
        "audio": read_audio(fields.inner("audio")),
        "tracks": fields.texts("tracks"),
        "shared_tracks": fields.texts("shared_tracks"),
        "independent_tracks": fields.boolean("independent_tracks"),
        "model": fields.text("model"),
        "label": fields.text("label"),
        "meeting_id": fields.text("meeting_id"),
        "language": read_language(fields.text("language"), "language"),
        "languages": _read_languages(fields),
        "partials": fields.boolean("partials"),
        "partial_interval_ms": fields.integer("partial_interval_ms"),
        "endpointing_ms": fields.integer("endpointing_ms"),
        "silence_ms": fields.integer("silence_ms"),
        "idle_seconds": fields.number("idle_seconds"),
        "max_utterance_seconds": fields.number("max_utterance_seconds"),
        "hotwords": fields.text_or_texts("hotwords", longest=1_000),
        "context": fields.text("context", longest=2_000),
        "translate": fields.boolean("translate"),
        "formatting": _read_formatting(fields),
        "diarize": fields.boolean("diarize"),
        "speaker_count": fields.integer("speaker_count"),
        "max_speakers": fields.integer("max_speakers"),
        "keep_audio": fields.boolean("keep_audio"),
        "resumable": fields.boolean("resumable"),
    }
    if values["independent_tracks"] and not carries_tracks:
        raise InvalidConfiguration("independent_tracks needs the subprotocol stream-server.v1.msgpack")
    if len(set(values["tracks"] or ())) < len(values["tracks"] or ()):
        raise InvalidConfiguration("tracks must have different names")
    return SessionOptions(**_present(values)), fields.unknown


def read_resume(message: Message) -> tuple[str, str, int]:
    """Return a session's id, the token that opens it, and the last durable sequence that was seen."""
    fields = Fields(message)
    session_id, token = fields.text("session_id"), fields.text("resume_token")
    sequence = fields.integer("last_sequence")
    if not session_id or not token or sequence is None or sequence < 0:
        raise UnexpectedMessage("resume needs session_id, resume_token and last_sequence, a whole number from 0")
    return session_id, token, sequence


def read_audio(fields: Fields) -> AudioFormat:
    """Return the declared format from the object `audio`."""
    values: dict[str, Any] = {
        "encoding": fields.text("encoding"),
        "sample_rate": fields.integer("sample_rate"),
        "channels": fields.integer("channels"),
    }
    return AudioFormat(**_present(values))


def read_language(value: str | None, name: str) -> str | None:
    """Return the primary code of a language tag ("id-ID" is "id"); None for None and "auto"."""
    if value is None or value == "auto":
        return None
    match = _LANGUAGE.fullmatch(value)
    if match is None:
        raise InvalidConfiguration(f"{name} must be a language code such as en or id")
    return match[1].lower()


def write_start(options: SessionOptions) -> Message:
    """Return the `start` message that asks for these options; what is default is left out."""
    default = SessionOptions()
    audio = {
        "encoding": options.audio.encoding,
        "sample_rate": options.audio.sample_rate,
        "channels": options.audio.channels,
    }
    message: Message = {"type": "start", "audio": _present(audio)}
    for name in SessionOptions.__dataclass_fields__:
        value = getattr(options, name)
        if name == "formatting":
            message |= _present({"formatting": write_formatting(value) or None})
        elif name != "audio" and value != getattr(default, name):
            message[name] = list(value) if isinstance(value, tuple) else value
    return message


def _read_languages(fields: Fields) -> tuple[str, ...] | None:
    codes = [read_language(value, "languages") for value in fields.texts("languages") or ()]
    return tuple(code for code in codes if code is not None)


def _read_formatting(fields: Fields) -> Formatting:
    """Return how words are to be written; `include_filler` stands beside the rest, as before there was any."""
    formatting = read_formatting(fields.inner("formatting"))
    return formatting if fields.boolean("include_filler") in (None, True) else replace(formatting, fillers=False)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
