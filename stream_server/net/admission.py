"""Decide who may connect: at the start, whether strangers could; at the handshake, whether a websocket opens.

The answer to a refusal is HTTP.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Response

from stream_server.errors import Forbidden, NotFound, StartupError, StreamServerError
from stream_server.net.routes import Route
from stream_server.protocol.dialect import Handshake, HttpAnswer

RETRY_AFTER_SECONDS = 5.0
"""What a refused client is told when the error itself says nothing."""


def origin_allowed(handshake: Handshake, allowed: Sequence[str]) -> bool:
    """Tell whether a web page of this origin may connect; who sends no origin is no browser.

    A page of the server's own host always may: then `Origin` and `Host` name the same place (RFC 6454 section 7).
    """
    origin = handshake.headers.get("origin")
    if origin is None or "*" in allowed or origin in allowed:
        return True
    with suppress(ValueError):
        return urlsplit(origin).netloc.lower() == handshake.headers.get("host", "").lower()
    return False


def check_host(host: str | None) -> None:
    """Refuse a request that names another host than this machine: how DNS rebinding lets foreign pages in.

    For servers without keys. A program may leave the header out; a browser never does. Raises `Forbidden`.
    """
    with suppress(ValueError):
        if host is None or is_loopback(urlsplit(f"//{host}").hostname or ""):
            return
    raise Forbidden("without API keys this server answers to 127.0.0.1 and localhost only")


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def find_route(
    handshake: Handshake,
    routes: Mapping[str, Route],
    *,
    allowed_origins: Sequence[str],
    unavailable: StreamServerError | None,
) -> Route:
    """Return the route of a handshake.

    `unavailable` says why no session can start now, if so. Raises what the handshake is refused with: `NotFound`,
    `Forbidden`, or `unavailable` itself unless the route always upgrades.
    """
    route = routes.get(handshake.path)
    if route is None:
        raise NotFound("there is no websocket at this path")
    if not origin_allowed(handshake, allowed_origins):
        raise Forbidden("pages of this origin may not connect; the setting allowed_origins names those that may")
    if unavailable is not None and not route.always_upgrade:
        raise unavailable
    return route


def error_body(error: StreamServerError) -> bytes:
    """Return the JSON that every HTTP error of ours carries."""
    return json.dumps({"error": {"code": error.code, "message": error.message}}).encode()


def retry_headers(error: StreamServerError) -> dict[str, str]:
    """Return `Retry-After` in whole seconds if trying again makes sense (RFC 9110 section 10.2.3)."""
    if not error.retryable:
        return {}
    return {"Retry-After": str(max(1, round(error.retry_after_seconds or RETRY_AFTER_SECONDS)))}


def refusal(error: StreamServerError, answer: HttpAnswer | None = None) -> Response:
    """Return the HTTP answer to a handshake that is refused: a vendor's `answer`, else our own."""
    answer = answer or HttpAnswer(status=error.http_status, body=error_body(error))
    headers = Headers(
        {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(answer.body)),
            "Connection": "close",
            **retry_headers(error),
            **answer.headers,
        }
    )
    return Response(answer.status, HTTPStatus(answer.status).phrase, headers, answer.body)


def check_open_access(host: str) -> None:
    """Refuse to serve strangers: without keys only this machine itself may connect."""
    if not is_loopback(host):
        raise StartupError(
            f"no API keys exist, and {host} can be reached from other machines: "
            "make a key with `stream-server keys create`, or listen on 127.0.0.1"
        )
