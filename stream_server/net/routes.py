"""Say which dialect speaks on which path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stream_server.compat.prosa.streaming import ProsaDialect
from stream_server.protocol.codec import select_subprotocol
from stream_server.protocol.dialect import Dialect
from stream_server.protocol.native import PATH as NATIVE_PATH
from stream_server.protocol.native import NativeDialect


def no_subprotocol(offered: Sequence[str]) -> str | None:
    """Choose none of the subprotocols that a client offers."""
    del offered
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One websocket path.

    `always_upgrade`: this wire's clients cannot read an HTTP error, so a full server says so inside the websocket.
    """

    dialect: Callable[[], Dialect]
    select_subprotocol: Callable[[Sequence[str]], str | None] = no_subprotocol
    always_upgrade: bool = False


def make_routes(*, prosa_models: Sequence[str], max_session_seconds: float) -> dict[str, Route]:
    """Return every websocket path; vendors' limits are told in their own messages."""
    native = Route(dialect=NativeDialect, select_subprotocol=select_subprotocol)
    prosa = Route(
        dialect=lambda: ProsaDialect(prosa_models, max_duration_seconds=max_session_seconds), always_upgrade=True
    )
    return {NATIVE_PATH: native, "/v2/speech/stt": prosa, "/v2/speech/stt/streaming": prosa}
