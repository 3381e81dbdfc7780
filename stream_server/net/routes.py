"""Say which dialect speaks on which path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from stream_server.compat.prosa.streaming import ProsaDialect
from stream_server.errors import StreamServerError
from stream_server.protocol.codec import select_subprotocol
from stream_server.protocol.dialect import Dialect, Handshake, HttpAnswer
from stream_server.protocol.native import PATH as NATIVE_PATH
from stream_server.protocol.native import NativeDialect


def no_subprotocol(offered: Sequence[str]) -> str | None:
    """Choose none of the subprotocols that a client offers."""
    del offered
    return None


def never(handshake: Handshake) -> bool:
    """Judge nothing at the handshake."""
    del handshake
    return False


def no_headers(request_id: str) -> Mapping[str, str]:
    """Add nothing to the answer to a handshake."""
    del request_id
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One websocket path.

    `always_upgrade`: this wire's clients cannot read an HTTP error, so a full server says so inside the websocket.
    `at_handshake` tells of those who can whether the key, the options and the quota are judged before the upgrade.
    `refuse` writes a refusal and `welcome` the headers of the upgrade; both are given an id of the request, which is
    the session's where there is one. `refuse` None: in our own form.
    """

    dialect: Callable[[], Dialect]
    select_subprotocol: Callable[[Sequence[str]], str | None] = no_subprotocol
    always_upgrade: bool = False
    at_handshake: Callable[[Handshake], bool] = never
    refuse: Callable[[StreamServerError, str], HttpAnswer] | None = None
    welcome: Callable[[str], Mapping[str, str]] = no_headers


def make_routes(*, prosa_models: Sequence[str], max_session_seconds: float) -> dict[str, Route]:
    """Return every websocket path; vendors' limits are told in their own messages."""
    native = Route(dialect=NativeDialect, select_subprotocol=select_subprotocol)
    prosa = Route(
        dialect=lambda: ProsaDialect(prosa_models, max_duration_seconds=max_session_seconds), always_upgrade=True
    )
    return {NATIVE_PATH: native, "/v2/speech/stt": prosa, "/v2/speech/stt/streaming": prosa}
