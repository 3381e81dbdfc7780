"""Where a key may be, and what is echoed of the subprotocols."""

from __future__ import annotations

from typing import Any

import pytest

from stream_server.compat.openai.credentials import (
    is_beta,
    key_of_handshake,
    reads_http_errors,
    select_subprotocol,
)
from stream_server.protocol.dialect import Handshake

BROWSER = ("realtime", "openai-insecure-api-key.KEY", "openai-beta.realtime-v1")


@pytest.mark.parametrize(
    "handshake",
    [
        {"headers": {"authorization": "Bearer KEY"}},
        {"headers": {"authorization": "bearer KEY"}},
        {"headers": {"authorization": "Token KEY "}},
        {"headers": {"x-api-key": "KEY"}},
        {"offered_subprotocols": BROWSER},
        {"headers": {"authorization": "Bearer KEY"}, "offered_subprotocols": ("openai-insecure-api-key.OTHER",)},
    ],
)
def test_a_key_is_found(handshake: dict[str, Any]) -> None:
    """The header comes first, whatever the scheme's case, then the subprotocols."""
    assert key_of_handshake(Handshake(path="/", **handshake)) == "KEY"


@pytest.mark.parametrize("authorization", ["", "Basic KEY", "Bearer", "Bearer "])
def test_what_is_no_key_is_none(authorization: str) -> None:
    """Another scheme, or nothing behind it, presents none."""
    assert key_of_handshake(Handshake(path="/", headers={"authorization": authorization})) is None


def test_one_subprotocol_is_echoed_and_never_the_key() -> None:
    """Browsers fail without an echo; programs offer nothing and get nothing."""
    assert select_subprotocol(BROWSER) == "realtime"
    assert select_subprotocol(BROWSER[1:]) is None


def test_browsers_are_told_by_what_they_offer() -> None:
    """They see no HTTP error; the beta is named in a header or among the offers."""
    browser, program = Handshake(path="/", offered_subprotocols=BROWSER), Handshake(path="/")
    assert (reads_http_errors(browser), reads_http_errors(program)) == (False, True)
    assert (is_beta(browser), is_beta(program)) == (True, False)
    assert is_beta(Handshake(path="/", headers={"openai-beta": "realtime=v1"}))
