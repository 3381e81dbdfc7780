"""Describe the HTTP interface: `GET /openapi.json` for programs, `GET /docs` for people."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """Handlers; `websockets` are the paths of those."""

    version: str
    websockets: Sequence[str]

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [web.get("/openapi.json", self.document), web.get("/docs", self.page)]

    async def document(self, request: web.Request) -> web.Response:
        """Answer with the OpenAPI document."""
        del request
        document = await asyncio.to_thread(make, self.version, tuple(self.websockets))
        return web.Response(text=document, content_type="application/json")

    async def page(self, request: web.Request) -> web.Response:
        """Answer with the document as a page."""
        document = await asyncio.to_thread(make, self.version, tuple(self.websockets))
        text, policy = await asyncio.to_thread(show, document, f"{request.scheme}://{request.host}")
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)


@cache
def make(version: str, websockets: tuple[str, ...]) -> str:
    """Return the document as JSON; it is made when it is first wanted, for its parts take a while to import."""
    from stream_server.rest.openapi.document import make_document
    from stream_server.rest.operations.every import OPERATIONS
    from stream_server.rest.operations.websockets import describe

    document: dict[str, Any] = make_document(OPERATIONS, version=version, websockets=describe(websockets))
    return json.dumps(document, ensure_ascii=False)


def show(document: str, server: str) -> tuple[str, str]:
    """Return the page and the policy it is served under; examples name the address that it was asked for at."""
    from stream_server.rest.openapi.page import CONTENT_SECURITY_POLICY, render_page

    return render_page(json.loads(document), server), CONTENT_SECURITY_POLICY
