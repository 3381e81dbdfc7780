"""What a token says can be read; what is none is only another key."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.protocol.token import LONGEST, Token, read_token

TOKEN = Token(digest="d", scopes=("transcribe",), expires=5, renewable_until=9, session={"type": "transcription"})


def test_a_token_says_what_was_written() -> None:
    """Whatever letters it begins with, in characters that a subprotocol may have."""
    for prefix in ("st_", "ek_"):
        assert read_token(f"{prefix}{TOKEN.payload}.signature") == TOKEN


@given(st.text() | st.text().map(lambda text: f"st_{text}") | st.text("ab._-").map(lambda text: f"st_{text}.x"))
def test_a_key_that_is_no_token_says_nothing(key: str) -> None:
    """Whatever is presented is read or passed over, never a failure."""
    assert read_token(key) is None


def test_no_key_and_one_too_long_say_nothing() -> None:
    """What would not fit a request's head is not looked at."""
    assert read_token(None) is None
    assert read_token(f"st_{TOKEN.payload}.{'s' * LONGEST}") is None


@pytest.mark.parametrize(
    "change",
    [
        {"key": 1},
        {"scopes": "transcribe"},
        {"scopes": [1]},
        {"expires": "5"},
        {"expires": True},
        {"until": None},
        {"session": []},
    ],
)
def test_a_payload_of_another_shape_says_nothing(change: dict[str, object]) -> None:
    """Every field is what it should be, or there is no token."""
    values = {"key": "d", "scopes": ["transcribe"], "expires": 5, "until": 9, "session": {}} | change
    payload = urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    assert read_token(f"st_{payload}.signature") is None
