from __future__ import annotations

from typing import Any

import pytest

from stream_server.protocol.credentials import native_key
from stream_server.protocol.dialect import Handshake

PLACES: list[dict[str, Any]] = [
    {"headers": {"authorization": "Bearer KEY"}},
    {"headers": {"authorization": "bearer  KEY "}},
    {"headers": {"x-api-key": "KEY"}},
    {"offered_subprotocols": ["stream-server.v1.json", "bearer.KEY"]},
    {"query": {"token": "KEY"}},
    {"query": {"key": "KEY"}},
    {"headers": {"authorization": "Basic abc", "x-api-key": ""}, "query": {"key": "KEY"}},
]


@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_found_wherever_a_client_can_put_it(place: dict[str, Any]) -> None:
    """Headers, subprotocols and the query may carry the key."""
    assert native_key(Handshake(path="/v1/stream", **place)) == "KEY"


@pytest.mark.parametrize("place", [{}, {"headers": {"authorization": "Basic KEY"}}, {"query": {"token": ""}}])
def test_no_key_is_none(place: dict[str, Any]) -> None:
    """An empty key, or another scheme, is no key."""
    assert native_key(Handshake(path="/v1/stream", **place)) is None


def test_the_header_comes_first() -> None:
    """Of several keys the one that is hardest to leak counts."""
    handshake = Handshake(path="/", headers={"authorization": "Bearer A", "x-api-key": "B"}, query={"key": "C"})
    assert native_key(handshake) == "A"
