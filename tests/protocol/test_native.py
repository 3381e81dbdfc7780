"""What the golden conversations cannot show: laws over all events, errors and frames."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server import errors
from stream_server.errors import StreamServerError
from stream_server.events import Closed, Failed
from stream_server.protocol.client_messages import (
    audio_message,
    authenticate_message,
    finish_message,
    flush_message,
    keep_alive_message,
    look_again_message,
    read_message,
    resume_message,
    start_message,
)
from stream_server.protocol.codec import Codec, JsonCodec, MsgpackCodec
from stream_server.protocol.dialect import Authenticate, Close, Handshake, Resume
from stream_server.protocol.native import CLIENT_MESSAGE_TYPES, NativeDialect
from stream_server.session.options import SessionOptions

CODES = [cls for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "code")]


@pytest.mark.parametrize("cls", CODES, ids=lambda cls: cls.__name__)
def test_every_error_is_told_once_and_closes_with_its_code(cls: type[StreamServerError]) -> None:
    """An error gives one `error`, one `closed` and its own close code, whether or not `Failed` came before."""
    for announced in (True, False):
        dialect, error = NativeDialect(), cls("why")
        outputs = dialect.encode(Failed(error=error, at=0)) if announced else []
        outputs += dialect.encode(Closed(error=error, at=0))
        first, second, close = outputs
        assert isinstance(first, str)
        assert json.loads(first)["type"] == "error"
        assert isinstance(second, str)
        assert json.loads(second)["error"] == cls.code
        assert close == Close(code=cls.close_code, reason=f"{cls.code}: why")


@given(st.lists(st.text() | st.binary(), max_size=8))
def test_no_frame_raises_anything_but_an_error_of_ours(frames: list[str | bytes]) -> None:
    """Whatever is sent, the dialect answers with inputs or with an error from the tree."""
    for subprotocol in (None, "stream-server.v1.msgpack"):
        dialect = NativeDialect()
        dialect.open(Handshake(path="/v1/stream", subprotocol=subprotocol))
        for frame in frames:
            with contextlib.suppress(StreamServerError):
                dialect.decode(frame)


@pytest.mark.parametrize("codec", [JsonCodec(), MsgpackCodec()], ids=["json", "msgpack"])
def test_our_client_speaks_every_message(codec: Codec) -> None:
    """Each message of the client's half is understood by the server's half."""
    dialect = NativeDialect()
    dialect.open(Handshake(path="/v1/stream", subprotocol=codec.subprotocol))
    frames = [
        authenticate_message("KEY", codec),
        start_message(SessionOptions(), codec),
        audio_message(b"\0\0", codec, sequence=4),
        flush_message("f", codec),
        keep_alive_message(codec),
        look_again_message(codec),
        finish_message(codec),
    ]
    assert len(frames) == len(CLIENT_MESSAGE_TYPES) - 1  # all but resume, which stands in the place of start
    names = [type(item).__name__ for frame in frames for item in dialect.decode(frame)]
    assert names == ["Authenticate", "Configure", "AudioData", "Flush", "KeepAlive", "LookAgainNow", "Finish"]
    closed = dialect.encode(Closed(error=None, at=0))[0]
    assert not isinstance(closed, Close)
    assert read_message(closed, codec)["type"] == "closed"


@pytest.mark.parametrize("codec", [JsonCodec(), MsgpackCodec()], ids=["json", "msgpack"])
def test_our_client_can_go_on_with_a_session(codec: Codec) -> None:
    """What the client says to resume is understood, and presents no key if none was presented before."""
    dialect = NativeDialect()
    dialect.open(Handshake(path="/v1/stream", subprotocol=codec.subprotocol))
    inputs = dialect.decode(resume_message("s-1", "secret", 3, codec))
    assert inputs == [Authenticate(key=None), Resume(session_id="s-1", token="secret", sequence=3)]
    assert "secret" not in repr(inputs)


def test_unknown_fields_are_listed_up_to_a_limit() -> None:
    """A thousand unknown fields give one short warning."""
    dialect = NativeDialect()
    message = {"type": "start", **{f"field {number:04}": 1 for number in range(1_000)}}
    reply = dialect.decode(json.dumps(message))[-1]
    text = json.loads(reply.frame)["message"]  # type: ignore[union-attr]
    assert text.endswith("and 990 more")
    assert len(text) < 400
