"""The client's half of the native wire: what to send, how to read; pure, shared by our client and our tests."""

from __future__ import annotations

from stream_server.errors import UnexpectedMessage
from stream_server.protocol.codec import Codec, JsonCodec, Message
from stream_server.protocol.dialect import Frame
from stream_server.protocol.start import write_start
from stream_server.session.options import SessionOptions

_JSON = JsonCodec()


def authenticate_message(key: str, codec: Codec = _JSON) -> Frame:
    """Return the first message of a client that cannot set headers."""
    return codec.encode({"type": "authenticate", "key": key})


def start_message(options: SessionOptions, codec: Codec = _JSON) -> Frame:
    """Return the message that asks for a session."""
    return codec.encode(write_start(options))


def resume_message(session_id: str, token: str, last_sequence: int, codec: Codec = _JSON) -> Frame:
    """Return the message that asks to go on with a session, behind the last durable sequence that was seen."""
    return codec.encode(
        {"type": "resume", "session_id": session_id, "resume_token": token, "last_sequence": last_sequence}
    )


def audio_message(
    samples: bytes, codec: Codec = _JSON, *, track: int | str | None = None, sequence: int | None = None
) -> Frame:
    """Return a frame of audio. With JSON it is the bytes themselves; only msgpack carries `track` and `sequence`."""
    if not codec.carries_tracks:
        return samples
    message: Message = {"type": "audio", "samples": samples}
    if track is not None:
        message["track"] = track
    if sequence is not None:
        message["sequence"] = sequence
    return codec.encode(message)


def flush_message(flush_id: str, codec: Codec = _JSON) -> Frame:
    """Return the message that asks for everything up to here to become final."""
    return codec.encode({"type": "flush", "id": flush_id})


def keep_alive_message(codec: Codec = _JSON) -> Frame:
    """Return the message of a client that has no audio now."""
    return codec.encode({"type": "keep_alive"})


def look_again_message(codec: Codec = _JSON) -> Frame:
    """Return the message that asks for all voices to be compared again."""
    return codec.encode({"type": "look_again"})


def finish_message(codec: Codec = _JSON) -> Frame:
    """Return the message after the last audio."""
    return codec.encode({"type": "finish"})


def read_message(frame: Frame, codec: Codec = _JSON) -> Message:
    """Return a server's message as a dict with a `type`; ignore types you do not know.

    Raises `UnexpectedMessage` for a frame that is none.
    """
    message = codec.decode(frame)
    if not isinstance(message.get("type"), str) or message["type"] == "audio":
        raise UnexpectedMessage("the server's message has no type")
    return message
