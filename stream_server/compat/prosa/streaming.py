"""Prosa's streaming dialect, `/v2/speech/stt` and `/v2/speech/stt/streaming`; `docs/compat.md` tells what works."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

from stream_server.compat.prosa.messages import (
    DOCUMENTED_MODELS,
    close_code,
    read_configuration,
    write_created,
    write_metadata,
    write_partial,
    write_results,
    write_status,
)
from stream_server.errors import InvalidKey, UnexpectedMessage
from stream_server.events import Closed, Event, Final, Finish, Partial, Ready, Usage
from stream_server.protocol.closing import close_reason
from stream_server.protocol.codec import Message, decode_json_object, encode_json
from stream_server.protocol.dialect import AudioData, Authenticate, Close, Configure, Frame, Handshake, Input, Output

PATHS: tuple[str, ...] = ("/v2/speech/stt", "/v2/speech/stt/streaming")


class _Phase(Enum):
    CONNECTED = "no key was presented yet"
    AUTHENTICATED = "a key was presented, or its absence accepted; the configuration comes next"
    CONFIGURED = "audio may come"
    FINISHED = "the empty frame has come"


class ProsaDialect:
    """Frames of Prosa's clients to inputs, events to the messages that they know.

    `models` are the accepted model names; they all mean this server's own model. `max_duration_seconds` is what the
    closing `metadata` tells.
    """

    name = "prosa"
    partials_replace = True

    def __init__(
        self, models: Collection[str] = DOCUMENTED_MODELS, *, max_duration_seconds: float = 4 * 3_600.0
    ) -> None:
        self._models = models
        self._max_duration_seconds = max_duration_seconds
        self._phase = _Phase.CONNECTED
        self._partials = False
        self._rate = 16_000
        self._used = 0

    def open(self, handshake: Handshake) -> list[Input]:
        """Authenticate if the handshake carries a key: the header `x-api-key`, or a query of that name."""
        key = handshake.headers.get("x-api-key", "").strip() or handshake.query.get("x-api-key", "").strip()
        if not key:
            return []
        self._phase = _Phase.AUTHENTICATED
        return [Authenticate(key=key)]

    def decode(self, frame: Frame) -> list[Input]:
        """Turn one message into inputs; an empty binary one ends the audio, and nothing counts after it."""
        if self._phase is _Phase.FINISHED:
            return []
        if isinstance(frame, bytes):
            return self._audio(frame)
        if self._phase is _Phase.CONFIGURED:
            raise UnexpectedMessage("text after the configuration; audio is binary")
        message = decode_json_object(frame)
        token_only = "model" not in message and ("token" in message or self._expects_token(message))
        inputs = self._token(message)
        return inputs if token_only else [*inputs, self._configure(message)]

    def encode(self, event: Event) -> list[Output]:
        """Turn an event into the messages that Prosa has for it."""
        match event:
            case Ready():
                self._rate = event.clock_rate
                return _frames(write_created(event.session_id), write_status("created"), write_status("in_progress"))
            case Partial() if self._partials:
                return _frames(write_partial(event))
            case Final():
                return _frames(*write_results(event, self._rate))
            case Usage():
                self._used = event.session
                return []
            case Closed():
                return self._close(event)
            case _:
                return []

    def _audio(self, frame: bytes) -> list[Input]:
        if self._phase is not _Phase.CONFIGURED:
            raise UnexpectedMessage("audio before the configuration")
        if frame:
            return [AudioData(data=frame)]
        self._phase = _Phase.FINISHED
        return [Finish()]

    def _expects_token(self, message: Message) -> bool:
        """Tell `{}`, the first message of a client whose key is null, from a configuration that lacks everything."""
        return self._phase is _Phase.CONNECTED and not message

    def _token(self, message: Message) -> list[Input]:
        """Take the key of `{"token": KEY}`, or its absence; a key that was presented before wins."""
        if self._phase is _Phase.AUTHENTICATED:
            return []
        key = message.get("token")
        if key is not None and not isinstance(key, str):
            raise InvalidKey("token must be a string")
        self._phase = _Phase.AUTHENTICATED
        return [Authenticate(key=key or None)]

    def _configure(self, message: Message) -> Input:
        options = read_configuration(message, self._models)
        self._partials = options.partials
        self._rate = options.audio.sample_rate
        self._phase = _Phase.CONFIGURED
        return Configure(options=options)

    def _close(self, event: Closed) -> list[Output]:
        """End as Prosa does: `complete` only when everything that was asked for was done, else the code alone."""
        code = close_code(event.error)
        closing: list[Output] = []
        if code == 1000:
            duration, used = event.at / self._rate, (self._used or event.at) / self._rate
            metadata = write_metadata(duration, used, self._max_duration_seconds, max_reached=event.error is not None)
            closing += _frames(metadata, write_status("complete"))
        return [*closing, Close(code=code, reason=close_reason(event.error))]


def _frames(*messages: Message | None) -> list[Output]:
    return [encode_json(message) for message in messages if message is not None]
