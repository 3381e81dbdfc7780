"""Tokens act for a key until they end, and cannot be made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.errors import InvalidKey
from stream_server.store.keys import digest
from stream_server.tokens import Tokens

NOW = 1_000_000.0


def tokens(*, at: float = NOW, key: bytes = b"k") -> Tokens:
    """Return a server's tokens at a time."""
    return Tokens(key * 32, lambda: at)


def test_a_token_acts_for_its_key_until_it_ends() -> None:
    """Within its time it says whose it is, on every server with that key file."""
    text, token = tokens().issue("KEY", 60, ("transcribe",), session={"type": "transcription"})
    assert (token.digest, token.expires) == (digest("KEY"), NOW + 60)
    assert tokens(at=NOW + 59).find(text) == token
    with pytest.raises(InvalidKey):
        tokens(at=NOW + 60).find(text)
    assert "KEY" not in text


def test_a_token_of_another_server_is_an_unknown_key() -> None:
    """So is one that somebody changed, be it the letters that it begins with."""
    text, _ = tokens().issue("KEY", 60, ("transcribe",))
    assert tokens(key=b"o").find(text) is None
    assert tokens().find(text.replace("st_e", "st_f", 1)) is None
    assert tokens().find(text.replace("st_", "ek_", 1)) is None
    assert tokens().find(text + "A") is None


def test_a_token_is_renewed_while_it_is_good_and_no_longer_than_was_said() -> None:
    """The key was shown once: that it was counts for the row of tokens together."""
    first, token = tokens().issue("KEY", 60, ("transcribe",), renewable_seconds=100)
    second, renewed = tokens(at=NOW + 50).issue(first, 60, ("transcribe",), renewable_seconds=100)
    assert (renewed.digest, renewed.expires) == (token.digest, NOW + 100)
    _, last = tokens(at=NOW + 90).issue(second, 60, ("transcribe",), renewable_seconds=100)
    assert last.expires == last.renewable_until == NOW + 100


def test_a_token_that_is_not_to_be_renewed_is_not_outlasted() -> None:
    """What it is exchanged for ends when it does."""
    text, token = tokens().issue("KEY", 60, ("transcribe",))
    assert tokens(at=NOW + 30).issue(text, 600, ("transcribe",), renewable_seconds=6_000)[1].expires == token.expires


@given(st.text() | st.text("ab._-").map(lambda text: f"st_{text}.x"))
def test_whatever_is_presented_is_looked_at(key: str) -> None:
    """A key that is no token is none, never a failure."""
    assert tokens().find(key) is None
    assert tokens().find(None) is None
