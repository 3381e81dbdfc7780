"""Two spellings of the native wire: JSON text with binary audio, or one msgpack map per frame.

Both turn a frame into the same message, a dict with a `type`; binary audio beside JSON becomes an `audio` message.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import msgpack

from stream_server.errors import MessageTooLarge, UnexpectedMessage
from stream_server.protocol.dialect import Frame

Message: TypeAlias = dict[str, Any]

LONGEST_TEXT = 256 * 1024
"""Characters of a text message. Ours have a few thousand; a parser held up by many more would hold up everybody.

Likewise the bytes of a msgpack message that may have any shape; a longer one is audio, a flat map.
"""

AUDIO_FIELDS = 16
"""Fields that an audio map may have; it needs four."""


class Codec(Protocol):
    """One spelling. `carries_tracks` says whether audio frames can name their track."""

    subprotocol: str
    carries_tracks: bool

    def decode(self, frame: Frame) -> Message:
        """Return the message in a client's frame; raise `UnexpectedMessage` for what is none."""
        ...

    def encode(self, message: Message) -> Frame:
        """Return the frame of a message."""
        ...


class JsonCodec:
    """Text frames are JSON objects; binary frames are audio."""

    subprotocol = "stream-server.v1.json"
    carries_tracks = False

    def decode(self, frame: Frame) -> Message:
        """Return the object, or the audio as `{"type": "audio", "samples": bytes}`."""
        if isinstance(frame, bytes):
            return {"type": "audio", "samples": frame}
        return decode_json_object(frame)

    def encode(self, message: Message) -> str:
        """Return compact JSON; floats that are no numbers are a bug of ours and raise."""
        return encode_json(message)


class MsgpackCodec:
    """Every frame is binary and holds one msgpack map."""

    subprotocol = "stream-server.v1.msgpack"
    carries_tracks = True

    def decode(self, frame: Frame) -> Message:
        """Return the map; audio samples stay bytes."""
        if isinstance(frame, str):
            raise UnexpectedMessage("this subprotocol takes binary messages only, each one msgpack map")
        try:
            message = msgpack.unpackb(frame) if len(frame) <= LONGEST_TEXT else _unpack_flat(frame)
        except (ValueError, msgpack.UnpackException) as error:
            raise UnexpectedMessage("the message is not one msgpack map") from error
        if not isinstance(message, dict) or not all(isinstance(name, str) for name in message):
            raise UnexpectedMessage("the message is not one msgpack map with text keys")
        return message

    def encode(self, message: Message) -> bytes:
        """Return the packed map."""
        packed: bytes = msgpack.packb(message)
        return packed


def _unpack_flat(frame: bytes) -> object:
    """Unpack one map without maps or lists inside: a frame of many small values would cost fifty times its size."""
    seen = 0

    def only_one(values: dict[object, object]) -> dict[object, object]:
        nonlocal seen
        seen += 1
        if seen > 1:
            raise ValueError("a map within a map")
        return values

    return msgpack.unpackb(
        frame,
        object_hook=only_one,
        max_map_len=AUDIO_FIELDS,
        max_array_len=0,
        max_ext_len=0,
        max_str_len=LONGEST_TEXT,
        max_bin_len=len(frame),
    )


SUBPROTOCOLS: tuple[str, ...] = (MsgpackCodec.subprotocol, JsonCodec.subprotocol)
"""What we speak, in the order of preference when a client offers both."""


def select_subprotocol(offered: Sequence[str]) -> str | None:
    """Return the subprotocol to answer a handshake with; None (JSON) if ours are not among the offered ones.

    A `bearer.KEY` that is offered beside them is never echoed.
    """
    return next((ours for ours in SUBPROTOCOLS if ours in offered), None)


def codec_for(subprotocol: str | None) -> Codec:
    """Return the codec of a negotiated subprotocol; JSON when none was."""
    return MsgpackCodec() if subprotocol == MsgpackCodec.subprotocol else JsonCodec()


def decode_json_object(text: str, longest: int = LONGEST_TEXT) -> Message:
    """Return the JSON object in a text frame; raise `UnexpectedMessage` for anything else, whatever its depth.

    Raises `MessageTooLarge` for one too long to be looked at.
    """
    if len(text) > longest:
        raise MessageTooLarge(f"a text message may have {longest} characters")
    try:
        value = json.loads(text)
        if "\\ud" in text.lower():
            encode_json(value).encode()  # a lone surrogate could never be sent back
    except (ValueError, RecursionError) as error:
        raise UnexpectedMessage("text messages must be JSON objects") from error
    if not isinstance(value, dict):
        raise UnexpectedMessage("text messages must be JSON objects")
    return value


def encode_json(value: object) -> str:
    """Return compact JSON with plain Unicode."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
