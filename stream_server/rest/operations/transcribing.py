"""The errors that whoever has a recording transcribed may meet."""

from __future__ import annotations

from stream_server.errors import (
    BacklogExceeded,
    EngineFailed,
    FetchFailed,
    ForbiddenAddress,
    IdleTimeout,
    InvalidConfiguration,
    InvalidData,
    InvalidUrl,
    MessageTooLarge,
    QuotaExceeded,
    RateLimited,
    RecordingTooLong,
    ServerFull,
    ServerStopping,
    SessionTooLong,
    StorageFull,
    StreamServerError,
    TooManyJobs,
    TooManySessions,
    TooManyUploads,
    UnexpectedMessage,
    UnknownModel,
    UnsupportedAudio,
)

UPLOADING: tuple[type[StreamServerError], ...] = (
    IdleTimeout,
    InvalidConfiguration,
    MessageTooLarge,
    StorageFull,
    TooManyUploads,
    UnexpectedMessage,
)
"""Of a body that is a file."""

FETCHING: tuple[type[StreamServerError], ...] = (FetchFailed, ForbiddenAddress, InvalidUrl)
"""Of a URL."""

ENCODED: tuple[type[StreamServerError], ...] = (InvalidData,)
"""Of base64."""

LOOKING: tuple[type[StreamServerError], ...] = (RecordingTooLong, UnsupportedAudio)
"""Of a file that is no recording, or none that is taken."""

WORKING: tuple[type[StreamServerError], ...] = (
    BacklogExceeded,
    EngineFailed,
    QuotaExceeded,
    RateLimited,
    ServerFull,
    ServerStopping,
    SessionTooLong,
    TooManyJobs,
    TooManySessions,
    UnknownModel,
)
"""Of the work itself."""
