"""Put the HTTP routes together."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from stream_server.rest.errors import errors_as_json


def make_application(routes: Iterable[web.RouteDef], *, max_body_bytes: int) -> web.Application:
    """Return aiohttp's application with our errors."""
    application = web.Application(client_max_size=max_body_bytes, middlewares=[errors_as_json])
    application.add_routes(routes)
    return application
