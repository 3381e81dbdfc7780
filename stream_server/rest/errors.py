"""Answer every error with JSON: `{"error": {"code", "message"}}`, or on a vendor's paths in that vendor's form."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from stream_server.compat.deepgram import errors as deepgram
from stream_server.compat.openai import errors as openai
from stream_server.compat.prosa import errors as prosa
from stream_server.errors import (
    InternalError,
    InvalidConfiguration,
    MessageTooLarge,
    NotFound,
    StreamServerError,
    UnexpectedMessage,
)
from stream_server.net.admission import error_body, retry_headers
from stream_server.protocol.dialect import HttpAnswer

log = structlog.get_logger(__name__)

Form = Callable[[StreamServerError, str], HttpAnswer]
"""Says an error in somebody's words, given an id of the request."""

FORMS: tuple[tuple[str, Form], ...] = (
    (prosa.PREFIX, prosa.answer),
    *((prefix, deepgram.answer) for prefix in deepgram.PREFIXES),
    *((prefix, openai.http_answer) for prefix in openai.PREFIXES),
)
"""How errors are said at the paths that begin so; everywhere else in our own form."""


def our_form(error: StreamServerError, request_id: str) -> HttpAnswer:
    """Return an error in our own form."""
    del request_id
    return HttpAnswer(status=error.http_status, body=error_body(error))


def form_of(path: str) -> Form:
    """Return how errors are said at a path."""
    return next((form for prefix, form in FORMS if path.startswith(prefix)), our_form)


def error_response(
    error: StreamServerError, headers: dict[str, str] | None = None, *, form: Form = our_form
) -> web.Response:
    """Return an error as HTTP; `headers` are added."""
    said = form(error, uuid.uuid4().hex)
    return web.Response(
        status=said.status,
        body=said.body,
        content_type="application/json",
        headers={**retry_headers(error), **said.headers, **(headers or {})},
    )


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into an answer."""
    form = form_of(request.path)
    try:
        return await handler(request)
    except Exception as error:  # the boundary between one request and everybody else's
        if not _has_begun(request):
            return _answer_of(error, request, form)
        # An answer is under way: another would be taken for its rest. The connection ends, so that nobody believes it.
        log.info("answer broken off", path=request.path, error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
        raise


def _has_begun(request: web.Request) -> bool:
    """Tell whether the head of an answer has left."""
    return request.writer.output_size > 0


def _answer_of(error: Exception, request: web.Request, form: Form) -> web.StreamResponse:
    """Return an error as an answer."""
    if isinstance(error, StreamServerError):
        log.info("request refused", path=request.path, error=error.code, reason=error.message)
        return error_response(error, form=form)
    if isinstance(error, web.HTTPException):
        log.info("request refused", error=type(error).__name__, status=error.status)
        return _from_aiohttp(error, form)
    if isinstance(error, HttpProcessingError | web.RequestPayloadError):  # a body that is not what its headers say
        log.info("request refused", path=request.path, error=type(error).__name__)
        return error_response(InvalidConfiguration("the request is malformed"), form=form)
    log.error("request failed", path=request.path, error=type(error).__name__, exc_info=error)
    return error_response(InternalError("something went wrong on our side"), form=form)


def _from_aiohttp(error: web.HTTPException, form: Form) -> web.StreamResponse:
    """Say in our words what aiohttp's router and parser refuse; let redirects pass."""
    match error.status:
        case 404:
            return error_response(NotFound("there is nothing at this path"), form=form)
        case 413:
            return error_response(MessageTooLarge("the body is larger than this server accepts"), form=form)
        case 405:
            refused = error_response(UnexpectedMessage("this path does not know the method"), form=form)
            refused.set_status(405)
            refused.headers["Allow"] = error.headers.get("Allow", "GET")
            return refused
        case status if status >= 500:
            return error_response(InternalError("something went wrong on our side"), form=form)
        case status if status >= 400:
            refused = error_response(InvalidConfiguration("the request is malformed"), form=form)
            refused.set_status(status)
            return refused
    raise error
