"""Say errors in Deepgram's words: `{"err_code", "err_msg", "request_id"}` and the header `dg-error`; close codes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from stream_server.errors import (
    FetchFailed,
    Forbidden,
    ForbiddenAddress,
    IdleTimeout,
    InvalidConfiguration,
    InvalidKey,
    InvalidUrl,
    MessageTooLarge,
    NotFound,
    QuotaExceeded,
    RateLimited,
    RecordingTooLong,
    ServerStopping,
    StreamServerError,
    TooManyJobs,
    TooManySessions,
    TooManyUploads,
    UnexpectedMessage,
    UnsupportedAudio,
)
from stream_server.protocol.closing import LONGEST_REASON
from stream_server.protocol.dialect import Close, HttpAnswer

LISTEN = "/v1/listen"
PROJECTS = "/v1/projects"

PREFIXES = (LISTEN, PROJECTS)
"""Of every path where this is the form of errors."""

REQUEST_ID_HEADER = "dg-request-id"

CORRUPT = "Bad Request: failed to process audio: corrupt or unsupported data"


WORDS: Mapping[type[StreamServerError], tuple[int, str]] = {
    FetchFailed: (400, "REMOTE_CONTENT_ERROR"),
    InvalidUrl: (400, "REMOTE_CONTENT_ERROR"),
    ForbiddenAddress: (400, "REMOTE_CONTENT_ERROR"),
    InvalidConfiguration: (400, "INVALID_QUERY_PARAMETER"),
    UnexpectedMessage: (400, "Bad Request"),
    UnsupportedAudio: (400, "Bad Request"),
    InvalidKey: (401, "INVALID_AUTH"),
    QuotaExceeded: (402, "ASR_PAYMENT_REQUIRED"),
    Forbidden: (403, "INSUFFICIENT_PERMISSIONS"),
    NotFound: (404, "NOT_FOUND"),
    IdleTimeout: (408, "SLOW_UPLOAD"),
    MessageTooLarge: (413, "PAYLOAD_TOO_LARGE"),
    RecordingTooLong: (413, "PAYLOAD_TOO_LARGE"),
    RateLimited: (429, "TOO_MANY_REQUESTS"),
    TooManyJobs: (429, "TOO_MANY_REQUESTS"),
    TooManySessions: (429, "TOO_MANY_REQUESTS"),
    TooManyUploads: (429, "TOO_MANY_REQUESTS"),
}
"""HTTP status and `err_code`; the others keep their status, and their code in capitals."""

CLOSINGS: Mapping[type[StreamServerError], tuple[int, str]] = {
    IdleTimeout: (1011, "NET-0001"),
    UnsupportedAudio: (1008, "DATA-0000"),
    InvalidConfiguration: (1008, "DATA-0000"),
    QuotaExceeded: (1008, "ASR_PAYMENT_REQUIRED"),
    ServerStopping: (1012, "NET-0000"),
}
"""Of a stream that has begun. All but a clean end make clients connect again, where they can be told more."""


def request_id(session_id: str) -> str:
    """Return a session's id as clients know it: a UUID with its hyphens."""
    return str(uuid.UUID(session_id))


def answer(error: StreamServerError, session_id: str) -> HttpAnswer:
    """Return an error as HTTP."""
    status, code = _find(WORDS, error) or (error.http_status, error.code.upper())
    message = _message(error)
    body = {"err_code": code, "err_msg": message, "request_id": request_id(session_id)}
    headers = {REQUEST_ID_HEADER: body["request_id"], "dg-error": _header(message)}
    return HttpAnswer(status=status, body=json.dumps(body).encode(), headers=headers)


def farewell(error: StreamServerError, session_id: str) -> bytes:
    """Return what an answer ends with whose status is out, and said that all is well.

    JSON would be taken for a transcript, and broken off nobody would know why: the vendor's generated clients
    raise or return what is no JSON with all of its text.
    """
    return b"error: " + answer(error, session_id).body


def closing(error: StreamServerError | None) -> Close:
    """Return how a stream ends."""
    if error is None:
        return Close(code=1000)
    code, word = _find(CLOSINGS, error) or (1011, "NET-0000")
    reason = f"{word}: {error.message}".encode()[:LONGEST_REASON].decode(errors="ignore")
    return Close(code=code, reason=reason)


def _find(table: Mapping[type[StreamServerError], tuple[int, str]], error: StreamServerError) -> tuple[int, str] | None:
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)


def _message(error: StreamServerError) -> str:
    """Return the sentence, in the vendor's own words where clients look for them."""
    if isinstance(error, InvalidKey):
        return "Invalid credentials."
    return f"{CORRUPT}: {error.message}" if isinstance(error, UnsupportedAudio) else error.message


def _header(message: str) -> str:
    """Return a sentence as a header may carry it."""
    return " ".join(message.encode("ascii", "replace").decode().split())
