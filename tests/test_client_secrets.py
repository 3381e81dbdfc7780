"""Client secrets act for a key until they end, and cannot be made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.client_secrets import ClientSecrets
from stream_server.compat.openai.client_secret import session_of
from stream_server.errors import InvalidKey
from stream_server.store.keys import digest

NOW = 1_000_000.0


def test_a_secret_acts_for_its_key_until_it_ends() -> None:
    """Within its time it is known by the key's digest, on every server with that key file."""
    value, expires = ClientSecrets(b"k" * 32, lambda: NOW).issue("KEY", 60, {"type": "transcription"})
    assert expires == NOW + 60
    assert ClientSecrets(b"k" * 32, lambda: NOW + 59).digest_of(value) == digest("KEY")
    with pytest.raises(InvalidKey):
        ClientSecrets(b"k" * 32, lambda: NOW + 60).digest_of(value)
    assert session_of(value) == {"type": "transcription"}
    assert "KEY" not in value


def test_a_secret_of_another_server_is_an_unknown_key() -> None:
    """So is one that somebody changed."""
    value, _ = ClientSecrets(b"k" * 32, lambda: NOW).issue("KEY", 60, {})
    assert ClientSecrets(b"o" * 32, lambda: NOW).digest_of(value) == digest(value)
    changed = value.replace("ek_e", "ek_f", 1)
    assert ClientSecrets(b"k" * 32, lambda: NOW).digest_of(changed) == digest(changed)


@given(st.text() | st.text().map(lambda text: f"ek_{text}") | st.text("ab._-").map(lambda text: f"ek_{text}.x"))
def test_whatever_is_presented_has_a_digest(key: str) -> None:
    """A key that is none is unknown, never a failure."""
    assert ClientSecrets(b"k" * 32, lambda: NOW).digest_of(key) == digest(key)
    assert session_of(key) == {}
