"""What a stream of server-sent events is made of (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from stream_server.rest.openapi.operation import closed

EVENT_STREAM = "text/event-stream"


@closed
class ServerSentEvent(TypedDict):
    """An event; a stream is a row of them."""

    event: NotRequired[str]
    """What it is called."""
    data: NotRequired[str]
    """As JSON."""
