"""The front door: at `/` the page for people and the way on for programs, and the files that browsers load.

The page is strict about itself: nothing runs, shows or connects that is not this server's. The JavaScript package at
`/client/` may be loaded by pages of every origin; what they may do here is another matter (`rest.cors`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

from stream_server.rest.assets import answer_file

INDEX = "index.html"

HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?")
"""What a policy can name; it has no way to write an address in brackets, for which 'self' must do."""

EVERYWHERE = {hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Handlers; `page` and `javascript` are the folders of both, `websockets` the paths of those."""

    version: str
    model: str
    websockets: Sequence[str]
    page: Path
    javascript: Path

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.get("/", self.enter),
            web.get("/page/{name:.+}", self.page_file),
            web.get("/client/{name:.+}", self.javascript_file),
        ]

    async def enter(self, request: web.Request) -> web.Response:
        """Show a browser the page; tell a program where things are."""
        if "text/html" in request.headers.get(hdrs.ACCEPT, ""):
            return await answer_file(request, self.page, INDEX, {**page_headers(request.host), hdrs.VARY: hdrs.ACCEPT})
        pointer = {
            "name": "stream-server",
            "version": self.version,
            "model": self.model,
            "docs": "/docs",
            "openapi": "/openapi.json",
            "websockets": list(self.websockets),
        }
        return web.json_response(pointer, headers={hdrs.VARY: hdrs.ACCEPT})

    async def page_file(self, request: web.Request) -> web.Response:
        """Answer with a part of the page."""
        return await answer_file(request, self.page, request.match_info["name"], page_headers(request.host))

    async def javascript_file(self, request: web.Request) -> web.Response:
        """Answer with a module of the JavaScript package."""
        return await answer_file(request, self.javascript, request.match_info["name"], EVERYWHERE)


def page_headers(host: str) -> Mapping[str, str]:
    """Return what keeps the page to itself, asked for at this host.

    It may ask for the microphone and for what the screen plays. No address of it leaves the server.
    """
    return {
        "Content-Security-Policy": policy(host),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), display-capture=(self), camera=(), geolocation=()",
        "Referrer-Policy": "same-origin",
    }


def policy(host: str) -> str:
    """Return the page's Content-Security-Policy; some browsers do not count websockets among 'self'."""
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self'{sockets}",
            "media-src 'self' blob:",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",  # text never becomes HTML, whatever a line of ours may forget
        )
    )
