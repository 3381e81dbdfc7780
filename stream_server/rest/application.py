"""Put the HTTP routes together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiohttp import web

from stream_server.rest.cors import let_pages_in
from stream_server.rest.errors import errors_as_json


def make_application(
    routes: Iterable[web.RouteDef], *, max_body_bytes: int, allowed_origins: Sequence[str] = ()
) -> web.Application:
    """Return aiohttp's application with our errors, for programs and for pages of these origins."""
    application = web.Application(client_max_size=max_body_bytes, middlewares=[errors_as_json])
    application.add_routes(routes)
    let_pages_in(application, allowed_origins)
    return application
