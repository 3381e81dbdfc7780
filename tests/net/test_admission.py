"""Which handshakes are refused, and how."""

from __future__ import annotations

import json

import pytest

from stream_server.errors import Forbidden, InvalidKey, NotFound, ServerFull, StartupError
from stream_server.net.admission import (
    check_host,
    check_open_access,
    find_route,
    origin_allowed,
    refusal,
    retry_headers,
)
from stream_server.net.routes import Route, make_routes
from stream_server.protocol.dialect import Handshake
from stream_server.protocol.native import NativeDialect

ROUTES = {
    "/open": Route(dialect=NativeDialect),
    "/vendor": Route(dialect=NativeDialect, always_upgrade=True),
}


def shake(path: str = "/open", **headers: str) -> Handshake:
    """Make a handshake."""
    return Handshake(path=path, headers={"host": "here.example:8765", **headers})


@pytest.mark.parametrize(
    ("origin", "allowed", "expected"),
    [
        (None, (), True),
        ("http://here.example:8765", (), True),
        ("https://HERE.example:8765", (), True),
        ("http://here.example", (), False),
        ("https://foe.example", (), False),
        ("null", (), False),
        ("http://[::1", (), False),
        ("https://foe.example", ("*",), True),
        ("https://friend.example", ("https://friend.example",), True),
        ("https://friend.example.foe", ("https://friend.example",), False),
    ],
)
def test_origins(origin: str | None, allowed: tuple[str, ...], expected: bool) -> None:
    """Programs and pages of the server's own host may connect; others only if they are named."""
    assert origin_allowed(shake(**({"origin": origin} if origin else {})), allowed) is expected


@pytest.mark.parametrize("host", [None, "127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765"])
def test_a_server_without_keys_answers_to_its_own_names(host: str | None) -> None:
    """This machine may be named in any way, or not at all."""
    check_host(host)


@pytest.mark.parametrize("host", ["foe.example:8765", "127.0.0.1.foe.example", "192.168.1.7", "[::1", ""])
def test_a_server_without_keys_answers_to_no_other_name(host: str) -> None:
    """A page whose host name was bound anew to this machine is turned away."""
    with pytest.raises(Forbidden):
        check_host(host)


def test_refusals_of_a_handshake() -> None:
    """An unknown path, a foreign page and a full server each have their error."""
    full = ServerFull("no room")
    with pytest.raises(NotFound):
        find_route(shake("/x"), ROUTES, allowed_origins=(), unavailable=None)
    with pytest.raises(Forbidden):
        find_route(shake(origin="https://foe.example"), ROUTES, allowed_origins=(), unavailable=None)
    with pytest.raises(ServerFull):
        find_route(shake(), ROUTES, allowed_origins=(), unavailable=full)
    assert find_route(shake("/vendor"), ROUTES, allowed_origins=(), unavailable=full) is ROUTES["/vendor"]
    assert find_route(shake(), ROUTES, allowed_origins=(), unavailable=None) is ROUTES["/open"]


def test_refusal_is_json_with_its_status() -> None:
    """The answer says what went wrong and, where it helps, when to come again."""
    answer = refusal(ServerFull("no room", retry_after_seconds=7.4))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert json.loads(answer.body) == {"error": {"code": "server_full", "message": "no room"}}
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert "Retry-After" not in refusal(InvalidKey("no")).headers


def test_retry_is_at_least_a_second() -> None:
    """`Retry-After: 0` would make clients hammer."""
    assert retry_headers(ServerFull("no", retry_after_seconds=0.2)) == {"Retry-After": "1"}
    assert retry_headers(ServerFull("no")) == {"Retry-After": "5"}


def test_every_wire_has_its_path() -> None:
    """The native wire may answer HTTP errors, Prosa's never; each connection gets a dialect of its own."""
    routes = make_routes(prosa_models=("m",), max_session_seconds=60)
    assert {path: (route.dialect().name, route.always_upgrade) for path, route in routes.items()} == {
        "/v1/stream": ("native", False),
        "/v1/listen": ("deepgram", False),
        "/v1/realtime": ("openai", False),
        "/v2/speech/stt": ("prosa", True),
        "/v2/speech/stt/streaming": ("prosa", True),
    }
    assert routes["/v1/stream"].dialect() is not routes["/v1/stream"].dialect()
    assert routes["/v1/stream"].select_subprotocol(["bearer.x", "stream-server.v1.msgpack"])
    assert routes["/v2/speech/stt"].select_subprotocol(["anything"]) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_open_access_on_loopback(host: str) -> None:
    """Without keys this machine itself may connect."""
    check_open_access(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org"])
def test_no_open_access_elsewhere(host: str) -> None:
    """Without keys nobody else may."""
    with pytest.raises(StartupError, match="keys create"):
        check_open_access(host)
