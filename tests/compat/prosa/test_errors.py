"""Errors in the words of Prosa's REST API."""

from __future__ import annotations

import json

import pytest

from stream_server import errors
from stream_server.compat.prosa.errors import (
    JobNotFound,
    ModelNotFound,
    NoAudioProvided,
    WaitingNotAllowed,
    answer,
    word_of_code,
)
from stream_server.errors import StreamServerError


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (errors.InvalidData("no"), 400, "asr_request_invalid_data"),
        (errors.InvalidUrl("no"), 400, "asr_request_invalid_uri"),
        (errors.ForbiddenAddress("no"), 400, "asr_request_invalid_uri"),
        (NoAudioProvided("no"), 400, "asr_request_no_audio_data"),
        (errors.FetchFailed("no"), 400, "asr_request_uri_download_error"),
        (WaitingNotAllowed("no"), 400, "asr_request_waiting_not_allowed"),
        (errors.UnknownModel("no"), 400, "asr_model_not_found"),
        (errors.UnsupportedAudio("no"), 400, "asr_request_unsupported_media_type"),
        (errors.RecordingTooLong("no"), 413, "asr_request_file_too_large"),
        (errors.InvalidKey("no"), 401, "auth_invalid_api_key"),
        (errors.Forbidden("no"), 403, "forbidden"),
        (errors.JobRunning("no"), 403, "job_cancellation_failure"),
        (errors.QuotaExceeded("no"), 402, "quota_empty"),
        (JobNotFound("no"), 404, "job_not_found"),
        (errors.InvalidConfiguration("no"), 422, "request_validation_error"),
        (errors.NotFound("no"), 404, "not_found"),
        (errors.RateLimited("no"), 429, "rate_limited"),
        (errors.InternalError("no"), 500, "internal_server_error"),
        (errors.StoreUnavailable("no"), 503, "internal_server_error"),
    ],
)
def test_each_error_has_its_word(error: StreamServerError, status: int, word: str) -> None:
    """Prosa's own word and status where it has one, else our code for their fault and one word for ours."""
    said = answer(error)
    assert (said.status, json.loads(said.body)) == (status, {"status": word, "message": "no"})


def test_context_is_told_where_prosa_tells_it() -> None:
    """An unknown model is named, a recording that is too long says by how much, in strings."""
    assert json.loads(answer(ModelNotFound("asr-general")).body) == {
        "status": "asr_model_not_found",
        "message": "ASR model 'asr-general' not found",
        "context": {"model": "asr-general"},
    }
    assert json.loads(answer(errors.RecordingTooLong("no", lengths=(61.5, 60.0))).body) == {
        "status": "asr_request_file_too_large",
        "message": "Request too large: 61.5 > 60",
        "context": {"duration": "61.5", "max_duration": "60"},
    }


def test_a_job_that_failed_says_why_in_the_same_words() -> None:
    """Our codes are translated; what is unknown, or our fault, has one word."""
    assert word_of_code("unsupported_audio") == "asr_request_unsupported_media_type"
    assert word_of_code("too_many_sessions") == "too_many_sessions"
    assert word_of_code("engine_failed") == word_of_code("of a later version") == "internal_server_error"
