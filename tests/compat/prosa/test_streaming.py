"""What the golden conversations cannot show: laws over all frames, and the ways to end."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.compat.prosa.streaming import ProsaDialect
from stream_server.errors import ServerStopping, SessionTooLong, StreamServerError
from stream_server.events import Closed, Ready, Usage
from stream_server.protocol.dialect import Authenticate, Close, Configure, Handshake


def configured(**message: Any) -> ProsaDialect:
    """Return a dialect whose client has sent its configuration."""
    dialect = ProsaDialect(max_duration_seconds=60)
    dialect.decode(json.dumps({"model": "stt-general", **message}))
    return dialect


@given(st.lists(st.text() | st.binary(), max_size=8))
def test_no_frame_raises_anything_but_an_error_of_ours(frames: list[str | bytes]) -> None:
    """Whatever is sent, the dialect answers with inputs or with an error from the tree."""
    dialect = ProsaDialect()
    for frame in frames:
        with contextlib.suppress(StreamServerError):
            dialect.decode(frame)


def test_a_configuration_without_any_key_asks_to_be_let_in() -> None:
    """In open mode a client may begin with its configuration; whether that is allowed is not the wire's business."""
    first, second = ProsaDialect().decode('{"model": "stt-general"}')
    assert first == Authenticate(key=None)
    assert isinstance(second, Configure)


def test_token_and_configuration_may_share_a_message() -> None:
    """A message with both is both."""
    first, second = ProsaDialect().decode('{"model": "stt-general", "token": "KEY"}')
    assert first == Authenticate(key="KEY")
    assert isinstance(second, Configure)


def test_a_token_after_the_header_changes_nothing() -> None:
    """The key of the handshake counts; the configuration may follow."""
    dialect = ProsaDialect()
    assert dialect.open(Handshake(path="/", headers={"x-api-key": "A"})) == [Authenticate(key="A")]
    assert dialect.decode('{"token": "B"}') == []
    assert len(dialect.decode('{"model": "stt-general"}')) == 1


def test_an_empty_header_is_no_key() -> None:
    """A client with a null key may still send a token."""
    dialect = ProsaDialect()
    assert dialect.open(Handshake(path="/", headers={"x-api-key": ""})) == []
    assert dialect.decode('{"token": "B"}') == [Authenticate(key="B")]


def test_created_comes_before_in_progress() -> None:
    """The LiveKit plugin waits for `created`; nothing may come between it and the audio."""
    ready = Ready(session_id="s", clock_rate=8_000, tracks=("a",), model="m", engine="e", language=None)
    messages = [json.loads(str(frame)) for frame in configured().encode(ready)]
    assert [message.get("status", message["type"]) for message in messages] == ["created", "created", "in_progress"]


def test_the_longest_duration_is_told_by_metadata() -> None:
    """A session that became too long is complete as far as it went, and says so."""
    dialect = configured()
    dialect.encode(Usage(sequence=1, session=960_000, tracks=960_000, speech=0, last=True))
    metadata, complete, close = dialect.encode(Closed(error=SessionTooLong("60 s"), at=960_000))
    assert json.loads(str(metadata)) == {
        "type": "metadata",
        "duration": 60.0,
        "quota_used": 60.0,
        "max_reached": True,
        "max_duration": 60.0,
    }
    assert json.loads(str(complete))["status"] == "complete"
    assert isinstance(close, Close)
    assert close.code == 1000


def test_a_stopping_server_does_not_claim_to_be_complete() -> None:
    """Audio that the client still wanted to send is missing: `complete` would be a lie."""
    (close,) = configured().encode(Closed(error=ServerStopping("later"), at=0))
    assert close == Close(code=1012, reason="server_stopping: later")


@pytest.mark.parametrize("asked", [True, False, None])
def test_partials_come_only_when_asked_for(asked: bool | None) -> None:
    """Prosa documents no default; ours is that of its REST sibling."""
    (_, configure) = ProsaDialect().decode(json.dumps({"model": "stt-general", "include_partial": asked}))
    assert isinstance(configure, Configure)
    assert configure.options.partials is bool(asked)
