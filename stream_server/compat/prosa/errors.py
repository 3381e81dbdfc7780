"""Say errors in the words of Prosa's REST API: `{"status", "message", "context"}`, with the HTTP statuses it documents.

Where its sources disagree these are the words of Prosa's own page (`docs2.prosa.ai`). What our tree calls by one name
and Prosa by several is a class here, a finer one of that name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from stream_server.errors import (
    ClientError,
    FetchFailed,
    Forbidden,
    ForbiddenAddress,
    InvalidConfiguration,
    InvalidData,
    InvalidKey,
    InvalidUrl,
    JobRunning,
    MessageTooLarge,
    NotFound,
    QuotaExceeded,
    RecordingTooLong,
    ServerError,
    StreamServerError,
    UnexpectedMessage,
    UnknownModel,
    UnsupportedAudio,
)
from stream_server.protocol.dialect import HttpAnswer

PREFIX = "/v2/speech/"
"""Of every path where this is the form of errors."""


class NoAudioProvided(InvalidConfiguration):
    """A job was submitted without audio."""


class WaitingNotAllowed(InvalidConfiguration):
    """The job cannot be waited for."""


class ModelNotFound(UnknownModel):
    """The model's name is not accepted; its name is told."""

    model = ""

    def __init__(self, model: str) -> None:
        super().__init__(f"ASR model {model!r} not found")
        self.model = model


class JobNotFound(NotFound):
    """There is no such job, or it is another organisation's."""


WORDS: Mapping[type[StreamServerError], tuple[int, str]] = {
    InvalidData: (400, "asr_request_invalid_data"),
    InvalidUrl: (400, "asr_request_invalid_uri"),
    ForbiddenAddress: (400, "asr_request_invalid_uri"),
    NoAudioProvided: (400, "asr_request_no_audio_data"),
    FetchFailed: (400, "asr_request_uri_download_error"),
    WaitingNotAllowed: (400, "asr_request_waiting_not_allowed"),
    UnknownModel: (400, "asr_model_not_found"),
    UnsupportedAudio: (400, "asr_request_unsupported_media_type"),
    RecordingTooLong: (413, "asr_request_file_too_large"),
    MessageTooLarge: (413, "asr_request_file_too_large"),
    InvalidKey: (401, "auth_invalid_api_key"),
    JobRunning: (403, "job_cancellation_failure"),
    Forbidden: (403, "forbidden"),
    QuotaExceeded: (402, "quota_empty"),
    JobNotFound: (404, "job_not_found"),
    InvalidConfiguration: (422, "request_validation_error"),
    UnexpectedMessage: (422, "request_validation_error"),
}
"""HTTP status and `status` of each error that Prosa has a word for; of the others see `answer`."""


def answer(error: StreamServerError, request_id: str = "") -> HttpAnswer:
    """Return an error in Prosa's form.

    What it has no word for keeps our code if it is the client's fault, and is `internal_server_error` if it is ours;
    the HTTP status is ours in both cases, so that `Retry-After` beside a 503 means what it says.
    """
    del request_id
    status, word = said(type(error))
    body: dict[str, object] = {"status": word, "message": error.message}
    if isinstance(error, ModelNotFound):
        body["context"] = {"model": error.model}
    if isinstance(error, RecordingTooLong) and error.lengths is not None:
        duration, longest = (f"{seconds:g}" for seconds in error.lengths)
        body["message"] = f"Request too large: {duration} > {longest}"
        body["context"] = {"duration": duration, "max_duration": longest}
    return HttpAnswer(status=status, body=json.dumps(body).encode())


def said(kind: type[StreamServerError]) -> tuple[int, str]:
    """Return the HTTP status and the word for a class of errors."""
    known = next((WORDS[each] for each in kind.__mro__ if each in WORDS), None)
    code = kind.code if issubclass(kind, ClientError) else "internal_server_error"
    return known or (kind.http_status, code)


def word_of_code(code: str) -> str:
    """Return the word for what our tree calls `code`, as a job that failed remembers it."""
    kinds = [*ClientError.__subclasses__(), *ServerError.__subclasses__()]
    return next((said(kind)[1] for kind in kinds if kind.code == code), "internal_server_error")
