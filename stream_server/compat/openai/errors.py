"""Our errors as OpenAI tells them: a type, a code and a status that its clients turn into their exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from stream_server.errors import (
    ClientError,
    Forbidden,
    IdleTimeout,
    InvalidConfiguration,
    InvalidKey,
    MessageTooLarge,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerFull,
    ServerStopping,
    SessionTooLong,
    SlowClient,
    StoreUnavailable,
    StreamServerError,
    TooManySessions,
    TooManyUploads,
    UnexpectedMessage,
    UnknownModel,
    UnsupportedAudio,
)
from stream_server.protocol.codec import Message, encode_json
from stream_server.protocol.dialect import HttpAnswer

INVALID_REQUEST = "invalid_request_error"

PREFIXES = ("/v1/audio/", "/v1/models", "/v1/realtime")
"""Of every path where this is the form of errors."""

REQUEST_ID_HEADER = "x-request-id"

SHORTEST_COMMIT_MS = 100
"""Less audio cannot be committed, by the vendor's rule."""


class InvalidParameter(InvalidConfiguration):
    """A field of a request is wrong; `param` names it, `told` is the code that the vendor has for that."""

    param: str | None = None
    told = "invalid_value"

    def __init__(self, message: str, *, param: str) -> None:
        super().__init__(message)
        self.param = param


class MissingParameter(InvalidParameter):
    """A field of a request is missing."""

    told = "missing_required_parameter"


class NoSuchModel(NotFound):
    """A model is asked about that is not here."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How an error is told; None: as our own does."""

    type: str
    code: str | None = None
    status: int | None = None


_FORMS: dict[type[StreamServerError], _Form] = {
    InvalidKey: _Form(INVALID_REQUEST, "invalid_api_key"),
    Forbidden: _Form(INVALID_REQUEST, "insufficient_permissions"),
    InvalidConfiguration: _Form(INVALID_REQUEST, "invalid_value"),
    UnknownModel: _Form(INVALID_REQUEST, "model_not_found", 404),
    NoSuchModel: _Form(INVALID_REQUEST, "model_not_found"),
    UnsupportedAudio: _Form(INVALID_REQUEST, "unsupported_audio", 400),
    SessionTooLong: _Form(INVALID_REQUEST, "session_expired"),
    # The vendor's own status for an empty purse; its clients' users look for the code.
    QuotaExceeded: _Form("insufficient_quota", "insufficient_quota", 429),
    RateLimited: _Form("rate_limit_error", "rate_limit_exceeded"),
    TooManySessions: _Form("rate_limit_error", "rate_limit_exceeded"),
    TooManyUploads: _Form("rate_limit_error", "rate_limit_exceeded"),
}

_CLOSE_CODES: dict[type[StreamServerError], int] = {
    InvalidKey: 3000,
    Forbidden: 3000,
    InvalidConfiguration: 1008,
    UnexpectedMessage: 1008,
    UnsupportedAudio: 1008,
    IdleTimeout: 1008,
    SlowClient: 1008,
    QuotaExceeded: 1008,
    NotFound: 1008,
    MessageTooLarge: 1009,
    SessionTooLong: 1001,
    ServerStopping: 1001,
    ServerFull: 1013,
    StoreUnavailable: 1013,
    RateLimited: 1013,
    TooManySessions: 1013,
}


def error_object(error: StreamServerError) -> Message:
    """Return the object that every error of the API holds."""
    form = _form(error)
    param = error.param if isinstance(error, InvalidParameter) else None
    return {"message": error.message, "type": form.type, "param": param, "code": form.code or error.code}


def commit_empty(milliseconds: float) -> Message:
    """Return what a client is told that commits less audio than can hold a word."""
    message = (
        f"Error committing input audio buffer: buffer too small. Expected at least {SHORTEST_COMMIT_MS}ms of audio, "
        f"but buffer only has {milliseconds:.2f}ms of audio."
    )
    code = "input_audio_buffer_commit_empty"
    return {"message": message, "type": INVALID_REQUEST, "param": None, "code": code}


def http_status(error: StreamServerError) -> int:
    """Return the status that the vendor would answer with."""
    return _form(error).status or error.http_status


def http_answer(error: StreamServerError, request_id: str) -> HttpAnswer:
    """Return a refusal over HTTP; clients are told not to try again what will not work again."""
    headers = {REQUEST_ID_HEADER: request_id}
    if not error.retryable:
        headers["x-should-retry"] = "false"
    body = encode_json({"error": error_object(error)}).encode()
    return HttpAnswer(status=http_status(error), body=body, headers=headers)


def close_code(error: StreamServerError | None) -> int:
    """Return the close code of a websocket; 1011 for what is our fault."""
    return 1000 if error is None else _CLOSE_CODES.get(type(error), 1011)


def close_reason(error: StreamServerError | None) -> str:
    """Return why a websocket is closed, "type.code", as the vendor writes it."""
    if error is None:
        return ""
    return f"{_form(error).type}.{_form(error).code or error.code}"


def _form(error: StreamServerError) -> _Form:
    if isinstance(error, InvalidParameter):
        return _Form(INVALID_REQUEST, error.told)
    return _FORMS.get(type(error)) or _Form(INVALID_REQUEST if isinstance(error, ClientError) else "server_error")
