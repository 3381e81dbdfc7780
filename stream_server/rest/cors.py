"""Let web pages of other origins in, as far as the operator does: `Access-Control-*` (https://fetch.spec.whatwg.org).

The same pages may open websockets. Keys travel in headers, never in cookies, so no page acts for somebody unasked; for
a server without keys pages that are not let in may change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from stream_server.errors import Forbidden
from stream_server.net.admission import origin_allowed
from stream_server.protocol.dialect import Handshake
from stream_server.rest.errors import error_response, form_of

PREFLIGHT_SECONDS = 7_200
"""How long browsers remember what is allowed: the longest that Chromium does."""

EXPOSED = "Retry-After, Content-Disposition, Content-Range, Accept-Ranges, ETag, X-Next-Before, dg-request-id"
"""Headers of answers that pages may read, besides the usual ones."""

SAFE = (hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS)


def let_pages_in(application: web.Application, allowed_origins: Sequence[str]) -> None:
    """Answer pages of these origins so that browsers let them read the answers; "*" stands for any."""

    async def mark(request: web.Request, response: web.StreamResponse) -> None:
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None:
            response.headers[hdrs.VARY] = ", ".join(filter(None, [response.headers.get(hdrs.VARY), hdrs.ORIGIN]))
            if _is_allowed(request, allowed_origins):
                response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
                response.headers.setdefault(hdrs.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED)

    @web.middleware
    async def judge(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_allowed(request, allowed_origins) and (request.method not in SAFE or _asks_first(request)):
            message = "pages of this origin may not do this; the setting allowed_origins names those that may"
            return error_response(Forbidden(message), form=form_of(request.path))
        return _preflight(request) if _asks_first(request) else await handler(request)

    application.on_response_prepare.append(mark)
    application.middlewares.insert(0, judge)


def _is_allowed(request: web.Request, allowed_origins: Sequence[str]) -> bool:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return origin_allowed(Handshake(path=request.path, headers=headers), allowed_origins)


def _asks_first(request: web.Request) -> bool:
    """Tell whether a browser asks what a page may do before it does it."""
    return request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers


def _preflight(request: web.Request) -> web.Response:
    headers = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: request.headers[hdrs.ACCESS_CONTROL_REQUEST_METHOD],
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS, ""),
        hdrs.ACCESS_CONTROL_MAX_AGE: str(PREFLIGHT_SECONDS),
    }
    return web.Response(status=204, headers=headers)
