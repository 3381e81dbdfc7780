"""Reasons for closing a websocket, within the room that a close frame has."""

from __future__ import annotations

import math

from stream_server.errors import StreamServerError

LONGEST_REASON = 123
"""Bytes of UTF-8 (RFC 6455, 5.5: a control frame's payload of 125 less the code)."""


def close_reason(error: StreamServerError | None) -> str:
    """Return "code: message; retry after N s", the message shortened until it all fits; empty for no error."""
    if error is None:
        return ""
    hint = ""
    if error.retry_after_seconds is not None:
        hint = f"; retry after {math.ceil(error.retry_after_seconds)} s"
    room = LONGEST_REASON - len(hint.encode())
    head = f"{error.code}: {error.message}".encode()[:room].decode(errors="ignore")
    return head + hint
