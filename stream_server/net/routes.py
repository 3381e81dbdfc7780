"""Say which dialect speaks on which path."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from stream_server.compat.deepgram import credentials as deepgram
from stream_server.compat.deepgram.errors import REQUEST_ID_HEADER, answer, request_id
from stream_server.compat.deepgram.streaming import IDLE_SECONDS, SHORTEST_ENDPOINTING_MS, DeepgramDialect
from stream_server.compat.deepgram.streaming import PATH as DEEPGRAM_PATH
from stream_server.compat.openai import credentials as openai
from stream_server.compat.openai.errors import http_answer
from stream_server.compat.openai.realtime import PATH as REALTIME_PATH
from stream_server.compat.openai.realtime import RealtimeDialect
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


def make_routes(
    *,
    prosa_models: Sequence[str],
    max_session_seconds: float,
    deepgram_idle_seconds: float = IDLE_SECONDS,
    deepgram_endpointing_ms: int = SHORTEST_ENDPOINTING_MS,
) -> dict[str, Route]:
    """Return every websocket path; vendors' limits are told in their own messages."""
    native = Route(dialect=NativeDialect, select_subprotocol=select_subprotocol)
    prosa = Route(
        dialect=lambda: ProsaDialect(prosa_models, max_duration_seconds=max_session_seconds), always_upgrade=True
    )
    realtime = Route(
        dialect=lambda: RealtimeDialect(expires_at=round(time.time() + max_session_seconds)),
        select_subprotocol=openai.select_subprotocol,
        at_handshake=openai.reads_http_errors,
        refuse=http_answer,
        welcome=lambda request_id: {"x-request-id": request_id},
    )
    listen = Route(
        dialect=lambda: DeepgramDialect(
            idle_seconds=deepgram_idle_seconds, shortest_endpointing_ms=deepgram_endpointing_ms, clock=time.time
        ),
        select_subprotocol=deepgram.select_subprotocol,
        at_handshake=lambda _: True,
        refuse=answer,
        welcome=lambda session_id: {REQUEST_ID_HEADER: request_id(session_id)},
    )
    return {
        NATIVE_PATH: native,
        "/v2/speech/stt": prosa,
        "/v2/speech/stt/streaming": prosa,
        DEEPGRAM_PATH: listen,
        REALTIME_PATH: realtime,
    }
