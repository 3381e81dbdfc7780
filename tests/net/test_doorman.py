"""What a connection's first bytes say."""

from __future__ import annotations

import pytest

from stream_server.net.doorman import asks_for_upgrade, looks_like_http


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade", True),
        (b"GET / HTTP/1.1\r\nupgrade:WebSocket\r\nconnection: keep-alive, upgrade", True),
        (b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade", False),
        (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: close", False),
        (b"GET /?upgrade:websocket HTTP/1.1\r\nHost: x", False),
        (b"GET / HTTP/1.1", False),
    ],
)
def test_upgrades(head: bytes, expected: bool) -> None:
    """Both headers must ask for a websocket, in any case."""
    assert asks_for_upgrade(head) is expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"G", True),
        (b"GET /", True),
        (b"OPTIONS * HTTP/1.1", True),
        (b"get /", False),
        (b"\x16\x03\x01", False),
        (b"ABCDEFGHIJKLMNOPQRST", False),
        (b"", False),
    ],
)
def test_first_bytes(data: bytes, expected: bool) -> None:
    """A request begins with a method in capitals."""
    assert looks_like_http(data) is expected
