"""Every error is said in Deepgram's words."""

from __future__ import annotations

import json

import pytest

from stream_server import errors as ours
from stream_server.compat.deepgram.errors import CORRUPT, answer, closing
from stream_server.errors import StreamServerError

SESSION = "0123456789abcdef0123456789abcdef"
IDENTITY = "01234567-89ab-cdef-0123-456789abcdef"
EVERY = [cls for cls in vars(ours).values() if isinstance(cls, type) and hasattr(cls, "code")]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ours.InvalidConfiguration("x"), 400, "INVALID_QUERY_PARAMETER"),
        (ours.InvalidKey("x"), 401, "INVALID_AUTH"),
        (ours.QuotaExceeded("x"), 402, "ASR_PAYMENT_REQUIRED"),
        (ours.Forbidden("x"), 403, "INSUFFICIENT_PERMISSIONS"),
        (ours.TooManySessions("x"), 429, "TOO_MANY_REQUESTS"),
        (ours.RateLimited("x"), 429, "TOO_MANY_REQUESTS"),
        (ours.UnsupportedAudio("x"), 400, "Bad Request"),
        (ours.InvalidUrl("x"), 400, "REMOTE_CONTENT_ERROR"),
        (ours.ForbiddenAddress("x"), 400, "REMOTE_CONTENT_ERROR"),
        (ours.ServerFull("x"), 503, "SERVER_FULL"),
    ],
)
def test_each_fault_has_its_code(error: StreamServerError, status: int, code: str) -> None:
    """Status and `err_code` are those that clients look at."""
    said = answer(error, SESSION)
    assert (said.status, json.loads(said.body)["err_code"]) == (status, code)


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_of_ours_can_be_said(kind: type[StreamServerError]) -> None:
    """The body has three strings, the headers the id and the sentence, which is no second line."""
    said = answer(kind("one\r\nline – no more"), SESSION)
    body = json.loads(said.body)
    assert set(body) == {"err_code", "err_msg", "request_id"}
    assert said.headers["dg-request-id"] == body["request_id"] == IDENTITY
    assert said.headers["dg-error"].isascii()
    assert not set("\r\n") & set(said.headers["dg-error"])
    assert 400 <= said.status < 600


def test_the_sentences_that_clients_look_for() -> None:
    """Two of them are the vendor's own; what is wrong with audio stands behind its."""
    assert json.loads(answer(ours.InvalidKey("unknown"), SESSION).body)["err_msg"] == "Invalid credentials."
    assert json.loads(answer(ours.UnsupportedAudio("empty"), SESSION).body)["err_msg"] == f"{CORRUPT}: empty"


@pytest.mark.parametrize("kind", EVERY)
def test_no_failure_closes_like_a_success(kind: type[StreamServerError]) -> None:
    """1000 keeps clients from connecting again: only a clean end is one; reasons fit into a close frame."""
    close = closing(kind("é" * 200))
    assert close.code in (1008, 1011, 1012)
    assert len(close.reason.encode()) <= 123


def test_the_codes_of_a_stream() -> None:
    """Silence, bad audio and a clean end are told as Deepgram tells them."""
    assert closing(None).code == 1000
    assert (closing(ours.IdleTimeout("x")).code, closing(ours.IdleTimeout("x")).reason) == (1011, "NET-0001: x")
    assert closing(ours.UnsupportedAudio("x")).reason.startswith("DATA-0000")
    assert closing(ours.InternalError("x")).reason.startswith("NET-0000")
