from __future__ import annotations

import contextlib
import json

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.errors import UnexpectedMessage
from stream_server.protocol.codec import (
    LONGEST_TEXT,
    JsonCodec,
    MsgpackCodec,
    codec_for,
    decode_json_object,
    select_subprotocol,
)

MESSAGES = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(), max_size=5)


@given(MESSAGES)
def test_a_message_survives_both_spellings(message: dict[str, object]) -> None:
    """What is encoded decodes to the same message."""
    assert JsonCodec().decode(JsonCodec().encode(message)) == message
    assert MsgpackCodec().decode(MsgpackCodec().encode(message)) == message


@given(st.binary())
def test_random_bytes_are_a_map_or_an_unexpected_message(frame: bytes) -> None:
    """No bytes make the msgpack spelling raise anything else."""
    with contextlib.suppress(UnexpectedMessage):
        assert isinstance(MsgpackCodec().decode(frame), dict)


@given(st.text())
def test_random_text_is_an_object_or_an_unexpected_message(frame: str) -> None:
    """No text makes the JSON spelling raise anything else."""
    with contextlib.suppress(UnexpectedMessage):
        assert isinstance(decode_json_object(frame), dict)


@pytest.mark.parametrize("frame", ["[" * 100_000, '{"a": ' + "9" * 5_000 + "}", '{"a": "\\uD800"}', "null", ""])
def test_hostile_json_is_refused(frame: str) -> None:
    """Depth, endless digits and lone surrogates are refused like any other mistake."""
    with pytest.raises(UnexpectedMessage):
        decode_json_object(frame)


def test_a_surrogate_pair_is_a_character() -> None:
    """Escaped characters beyond the first plane are legal."""
    assert decode_json_object(json.dumps({"a": "\U0001f600"})) == {"a": "\U0001f600"}


def test_binary_beside_json_is_audio() -> None:
    """A binary frame of the JSON spelling is an audio message."""
    assert JsonCodec().decode(b"\1\2") == {"type": "audio", "samples": b"\1\2"}


def test_msgpack_extensions_do_not_break_the_wire() -> None:
    """A timestamp or an extension type is a value like any other."""
    assert "t" in MsgpackCodec().decode(msgpack.packb({"t": msgpack.ExtType(5, b"x")}))


def test_a_long_msgpack_message_is_flat() -> None:
    """Many small values would cost fifty times their bytes; a long audio message costs its own."""
    audio = {"type": "audio", "samples": bytes(LONGEST_TEXT), "track": 1, "sequence": 7}
    assert MsgpackCodec().decode(msgpack.packb(audio)) == audio
    bombs: list[object] = [
        {"type": "start", "tracks": [{}] * LONGEST_TEXT},
        {"type": "audio", "samples": bytes(LONGEST_TEXT), "more": {"inner": {}}},
        {str(number): bytes(LONGEST_TEXT // 16) for number in range(17)},
    ]
    for bomb in bombs:
        with pytest.raises(UnexpectedMessage):
            MsgpackCodec().decode(msgpack.packb(bomb))


@pytest.mark.parametrize(
    ("offered", "selected"),
    [
        ([], None),
        (["bearer.KEY"], None),
        (["stream-server.v1.json", "bearer.KEY"], "stream-server.v1.json"),
        (["stream-server.v1.json", "stream-server.v1.msgpack"], "stream-server.v1.msgpack"),
        (["chat"], None),
    ],
)
def test_ours_is_selected_and_a_key_never_echoed(offered: list[str], selected: str | None) -> None:
    """Of what a client offers only our own names are ever answered."""
    assert select_subprotocol(offered) == selected


def test_json_is_spoken_unless_msgpack_was_agreed() -> None:
    """No subprotocol means JSON."""
    assert codec_for(None).carries_tracks is False
    assert codec_for("stream-server.v1.msgpack").carries_tracks is True
