"""The operations of `rest.front`."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from stream_server.errors import NotFound
from stream_server.rest.assets import CONTENT_TYPES
from stream_server.rest.openapi.operation import Answer, Content, Operation, closed

GROUP = "The server"


@closed
class Pointer(TypedDict):
    """Where things are."""

    name: str
    version: str
    model: str
    docs: str
    """Where this document is a page."""
    openapi: str
    websockets: list[str]
    """Paths of websockets."""


KEPT = {"ETag": "Sent back as `If-None-Match` it gets 304 while nothing has changed."}

SAME = Answer(text="The browser has it as it is.", status=304)


def shape(content_type: str) -> Any:
    """Return what a file of this type is."""
    if content_type == "application/json":
        return Any
    return str if content_type.startswith("text/") else bytes


FILES: Content = {each.partition(";")[0]: shape(each) for each in CONTENT_TYPES.values()}

OPERATIONS = (
    Operation(
        method="GET",
        path="/",
        group=GROUP,
        summary="Find the way",
        text="Browsers, which ask for `text/html`, get a page to transcribe with.",
        scope=None,
        answers=(
            Answer(text="Where things are.", content={"application/json": Pointer, "text/html": str}, headers=KEPT),
            SAME,
        ),
        errors=(NotFound,),
    ),
    Operation(
        method="GET",
        path="/page/{name}",
        group=GROUP,
        summary="Load a part of the page",
        scope=None,
        places={"name": "The file."},
        answers=(Answer(text="The file.", content=FILES, headers=KEPT), SAME),
        errors=(NotFound,),
    ),
    Operation(
        method="GET",
        path="/client/{name}",
        group=GROUP,
        summary="Load a module of the JavaScript package",
        text="Pages of every origin may: `index.js` is the whole of it, `live-captions.js` the element.",
        scope=None,
        places={"name": "The file."},
        answers=(Answer(text="The file.", content=FILES, headers=KEPT), SAME),
        errors=(NotFound,),
    ),
)
