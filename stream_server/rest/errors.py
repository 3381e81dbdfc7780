"""Answer every error with JSON of one shape: `{"error": {"code", "message"}}`."""

from __future__ import annotations

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from stream_server.errors import (
    InternalError,
    InvalidConfiguration,
    MessageTooLarge,
    NotFound,
    StreamServerError,
    UnexpectedMessage,
)
from stream_server.net.admission import error_body, retry_headers

log = structlog.get_logger(__name__)


def error_response(error: StreamServerError, headers: dict[str, str] | None = None) -> web.Response:
    """Return an error as HTTP; `headers` are added."""
    return web.Response(
        status=error.http_status,
        body=error_body(error),
        content_type="application/json",
        headers={**retry_headers(error), **(headers or {})},
    )


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into an answer."""
    try:
        return await handler(request)
    except StreamServerError as error:
        log.info("request refused", path=request.path, error=error.code, reason=error.message)
        return error_response(error)
    except web.HTTPException as error:
        log.info("request refused", error=type(error).__name__, status=error.status)
        return _from_aiohttp(error)
    except Exception as error:  # the boundary between one request and everybody else's
        log.exception("request failed", path=request.path, error=type(error).__name__)
        return error_response(InternalError("something went wrong on our side"))


def _from_aiohttp(error: web.HTTPException) -> web.StreamResponse:
    """Say in our words what aiohttp's router and parser refuse; let redirects pass."""
    match error.status:
        case 404:
            return error_response(NotFound("there is nothing at this path"))
        case 413:
            return error_response(MessageTooLarge("the body is larger than this server accepts"))
        case 405:
            refused = error_response(UnexpectedMessage("this path does not know the method"))
            refused.set_status(405)
            refused.headers["Allow"] = error.headers.get("Allow", "GET")
            return refused
        case status if status >= 500:
            return error_response(InternalError("something went wrong on our side"))
        case status if status >= 400:
            refused = error_response(InvalidConfiguration("the request is malformed"))
            refused.set_status(status)
            return refused
    raise error
