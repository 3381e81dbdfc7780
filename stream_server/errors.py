"""The one tree of errors; each knows its code, its close code and its HTTP status.

    StreamServerError
    ├── ClientError            the other side did something it should not
    │   ├── InvalidKey         missing, unknown, revoked or expired API key
    │   ├── Forbidden          the key lacks the scope
    │   ├── InvalidConfiguration · UnknownModel
    │   ├── UnexpectedMessage · MessageTooLarge · UnsupportedAudio · UnsuitableSample
    │   ├── RecordingTooLong · InvalidData · InvalidUrl · ForbiddenAddress · FetchFailed
    │   ├── BacklogExceeded · IdleTimeout · SessionTooLong · SlowClient
    │   ├── SessionUnknown · ResumedElsewhere
    │   ├── JobRunning · TooManyJobs · TooManyUploads
    │   └── QuotaExceeded · RateLimited · TooManySessions
    └── ServerError            our side cannot do what it should
        ├── ServerFull · ServerStopping · StoreUnavailable · StorageFull
        ├── EngineFailed · ModelUnavailable · NotInstalled · StartupError
        └── InternalError

`docs/errors.md` lists every code; a test keeps the two in step. Messages never carry spoken words, keys or tokens.
"""

from __future__ import annotations

from typing import ClassVar


class StreamServerError(Exception):
    """Base of the tree; never raised itself.

    `code` is stable and machine-readable, `close_code` is for a native websocket (dialects may map it),
    `http_status` is for REST and refused handshakes, `retryable` says whether the same request may work later.
    """

    code: ClassVar[str]
    close_code: ClassVar[int]
    http_status: ClassVar[int]
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class ClientError(StreamServerError):
    """The client's fault."""


class ServerError(StreamServerError):
    """Our fault, or our limit."""


class InvalidKey(ClientError):
    """The API key is missing, unknown, revoked or expired."""

    code, close_code, http_status = "invalid_key", 4000, 401


class Forbidden(ClientError):
    """The API key is known but lacks the scope."""

    code, close_code, http_status = "forbidden", 4003, 403


class InvalidConfiguration(ClientError):
    """The session options are malformed or out of range."""

    code, close_code, http_status = "invalid_configuration", 4001, 400


class UnknownModel(ClientError):
    """The requested model name is not accepted here."""

    code, close_code, http_status = "unknown_model", 4002, 400


class UnexpectedMessage(ClientError):
    """A message of the wrong type, shape or moment."""

    code, close_code, http_status = "unexpected_message", 1003, 400


class MessageTooLarge(ClientError):
    """One message exceeds the size limit."""

    code, close_code, http_status = "message_too_large", 1009, 413


class UnsupportedAudio(ClientError):
    """The audio cannot be decoded: unknown container, broken stream, undeclared raw format."""

    code, close_code, http_status = "unsupported_audio", 4015, 415


class RecordingTooLong(ClientError):
    """A finished recording is longer than is taken; `lengths` are both in seconds, where they are known at once."""

    code, close_code, http_status = "recording_too_long", 4009, 413
    lengths: tuple[float, float] | None = None

    def __init__(self, message: str, *, lengths: tuple[float, float] | None = None) -> None:
        super().__init__(message)
        self.lengths = lengths


class InvalidData(ClientError):
    """Audio that was sent as text is not base64."""

    code, close_code, http_status = "invalid_data", 4001, 400


class InvalidUrl(ClientError):
    """A URL is malformed, or its host is not among those that this server fetches from."""

    code, close_code, http_status = "invalid_url", 4001, 400


class FetchFailed(ClientError):
    """A recording could not be fetched from where the client said that it is."""

    code, close_code, http_status, retryable = "fetch_failed", 4004, 422, True


class UnsuitableSample(ClientError):
    """A voice cannot be enrolled from this: too short, too quiet, clipped, or several people's."""

    code, close_code, http_status = "unsuitable_sample", 4022, 422


class BacklogExceeded(ClientError):
    """More audio was sent ahead of recognition than the spool holds."""

    code, close_code, http_status, retryable = "backlog_exceeded", 4013, 413, True


class IdleTimeout(ClientError):
    """Nothing was received for longer than allowed."""

    code, close_code, http_status, retryable = "idle_timeout", 4008, 408, True


class SessionTooLong(ClientError):
    """The session reached its longest duration."""

    code, close_code, http_status, retryable = "session_too_long", 4009, 413, True


class SlowClient(ClientError):
    """The client does not read its events and the buffer of finals is full."""

    code, close_code, http_status, retryable = "slow_client", 1008, 408, True


class SessionUnknown(ClientError):
    """There is no session to go on with: it is over, its time has passed, or it is not this client's."""

    code, close_code, http_status = "session_unknown", 4004, 404


class ResumedElsewhere(ClientError):
    """The session goes on with another connection."""

    code, close_code, http_status = "resumed_elsewhere", 4009, 409


class JobRunning(ClientError):
    """The job cannot be changed while it is being worked on."""

    code, close_code, http_status, retryable = "job_running", 4003, 403, True


class TooManyJobs(ClientError):
    """Too many recordings of the organisation wait already."""

    code, close_code, http_status, retryable = "too_many_jobs", 4029, 429, True


class TooManyUploads(ClientError):
    """Too many recordings of the organisation are on their way in, or too large ones."""

    code, close_code, http_status, retryable = "too_many_uploads", 4029, 429, True


class QuotaExceeded(ClientError):
    """The key's quota of seconds is used up."""

    code, close_code, http_status = "quota_exceeded", 4005, 402


class RateLimited(ClientError):
    """Too many sessions were started in a minute."""

    code, close_code, http_status, retryable = "rate_limited", 4029, 429, True


class TooManySessions(ClientError):
    """The key's limit of concurrent sessions is reached."""

    code, close_code, http_status, retryable = "too_many_sessions", 4029, 429, True


class NotFound(ClientError):
    """The resource does not exist or belongs to another organisation."""

    code, close_code, http_status = "not_found", 4004, 404


class ForbiddenAddress(ClientError):
    """A URL leads where this server does not go: to an address that is not public."""

    code, close_code, http_status = "forbidden_address", 4003, 400


class ServerFull(ServerError):
    """The server holds as many sessions as it can."""

    code, close_code, http_status, retryable = "server_full", 1013, 503, True


class ServerStopping(ServerError):
    """The server is shutting down; connect again elsewhere or later."""

    code, close_code, http_status, retryable = "server_stopping", 1012, 503, True


class StoreUnavailable(ServerError):
    """Redis cannot be reached and the answer is not known locally."""

    code, close_code, http_status, retryable = "store_unavailable", 1013, 503, True


class StorageFull(ServerError):
    """There is no room on the server's disk."""

    code, close_code, http_status, retryable = "storage_full", 1013, 507, True


class EngineFailed(ServerError):
    """Recognition failed for this piece of audio."""

    code, close_code, http_status, retryable = "engine_failed", 1011, 500, True


class ModelUnavailable(ServerError):
    """A model cannot be found, fetched or verified."""

    code, close_code, http_status = "model_unavailable", 1011, 503


class NotInstalled(ServerError):
    """A part that is installed only where it is wanted is not there."""

    code, close_code, http_status = "not_installed", 1011, 501


class StartupError(ServerError):
    """The server cannot start with these settings."""

    code, close_code, http_status = "startup_error", 1011, 500


class InternalError(ServerError):
    """Something unforeseen; details are in the log under the session id."""

    code, close_code, http_status, retryable = "internal_error", 1011, 500, True
