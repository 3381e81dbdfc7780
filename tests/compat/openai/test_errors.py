"""Every error of ours has a form that the vendor's clients turn into the right exception."""

from __future__ import annotations

import json

import pytest

from stream_server import errors
from stream_server.compat.openai.errors import MissingParameter, NoSuchModel, close_code, close_reason, http_answer
from stream_server.errors import StreamServerError

ALL = [cls for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "code")]


@pytest.mark.parametrize("cls", ALL)
def test_every_error_has_the_shape(cls: type[StreamServerError]) -> None:
    """Message, type, param and code; whose fault it is shows in the type; close frames have room for the reason."""
    error = cls.__new__(cls)
    StreamServerError.__init__(error, "why")
    answer = http_answer(error, "r1")
    body = json.loads(answer.body)["error"]
    assert set(body) == {"message", "type", "param", "code"}
    assert (body["type"] == "server_error") == (answer.status >= 500)
    assert answer.headers["x-request-id"] == "r1"
    assert 1000 <= close_code(error) < 4000
    assert len(close_reason(error)) <= 123


@pytest.mark.parametrize(
    ("error", "status", "kind", "code", "again"),
    [
        (errors.InvalidKey("no"), 401, "invalid_request_error", "invalid_api_key", False),
        (errors.QuotaExceeded("no"), 429, "insufficient_quota", "insufficient_quota", False),
        (errors.RateLimited("no"), 429, "rate_limit_error", "rate_limit_exceeded", True),
        (errors.UnsupportedAudio("no"), 400, "invalid_request_error", "unsupported_audio", False),
        (errors.MessageTooLarge("no"), 413, "invalid_request_error", "message_too_large", False),
        (errors.ServerFull("no"), 503, "server_error", "server_full", True),
        (NoSuchModel("no"), 404, "invalid_request_error", "model_not_found", False),
    ],
)
def test_the_vendors_own_words(error: StreamServerError, status: int, kind: str, code: str, again: bool) -> None:
    """Clients try again what may work later, and are told not to where it will not."""
    answer = http_answer(error, "r1")
    body = json.loads(answer.body)["error"]
    assert (answer.status, body["type"], body["code"]) == (status, kind, code)
    assert ("x-should-retry" not in answer.headers) == again


def test_a_parameter_is_named() -> None:
    """Which one, and what is wrong with it in the vendor's word."""
    answer = http_answer(MissingParameter("no file", param="file"), "r1")
    body = json.loads(answer.body)["error"]
    assert (answer.status, body["param"], body["code"]) == (400, "file", "missing_required_parameter")
