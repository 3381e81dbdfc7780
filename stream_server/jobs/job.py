"""One recording on its way to its transcript: what is known of it, and which way it may go. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from stream_server.errors import JobRunning
from stream_server.session.options import AudioFormat, SessionOptions

JobStatus: TypeAlias = Literal["queued", "in_progress", "complete", "failed", "cancelled"]

ENDED: frozenset[JobStatus] = frozenset({"complete", "failed", "cancelled"})
"""A job that is one of these changes no more, unless somebody asks to try it again."""

SortKey: TypeAlias = Literal["time", "label"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A recording that somebody hands in: a stored medium, or where to fetch it; exactly one of the two.

    `media` is a key of the media store. `config` is whatever the client's dialect wants to say back later, as JSON.
    """

    options: SessionOptions = field(default_factory=SessionOptions)
    media: str | None = None
    uri: str | None = None
    name: str = ""
    raw: AudioFormat | None = None
    per_channel: bool = False
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it is now. `id` is also that of its record. Times are POSIX seconds.

    `mime_type`, `seconds`, `sample_rate` and `channels` are None until the medium was looked into. `progress` is the
    share that is done; `attempts` counts how often somebody began. `error_code` and `error_message` say why it failed.
    """

    id: str
    organisation: str
    user: str | None = None
    key_id: str | None = None
    status: JobStatus = "queued"
    created_at: float
    modified_at: float
    submission: Submission
    mime_type: str | None = None
    seconds: float | None = None
    sample_rate: int | None = None
    channels: int | None = None
    progress: float = 0.0
    attempts: int = 0
    error_code: str | None = None
    error_message: str | None = None
    archived: bool = False

    @property
    def ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs of an organisation are wanted; None means any. `first` and `until` bound the time of creation.

    `text` is searched for in labels and in what was said. Archived jobs are never wanted.
    """

    organisation: str
    user: str | None = None
    status: JobStatus | None = None
    meeting_id: str | None = None
    first: float | None = None
    until: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Some of the jobs that are wanted, and how many there are in all."""

    jobs: tuple[Job, ...] = ()
    total: int = 0


def require_ended(job: Job) -> None:
    """Raise `JobRunning` unless nobody works on the job."""
    if not job.ended:
        raise JobRunning("the recording is still being worked on")
