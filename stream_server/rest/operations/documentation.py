"""The operations of `rest.documentation`."""

from __future__ import annotations

from typing import Any

from stream_server.rest.openapi.operation import Answer, Operation

GROUP = "The server"

OPERATIONS = (
    Operation(
        method="GET",
        path="/openapi.json",
        group=GROUP,
        summary="Read this document",
        scope=None,
        answers=(Answer(text="As OpenAPI 3.1.", content={"application/json": dict[str, Any]}),),
    ),
    Operation(
        method="GET",
        path="/docs",
        group=GROUP,
        summary="Read this document as a page",
        scope=None,
        answers=(Answer(text="The page; it needs nothing else and runs nothing.", content={"text/html": str}),),
    ),
)
