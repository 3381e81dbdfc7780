"""Jobs as rows, and rows as jobs. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pydantic import TypeAdapter

from stream_server.jobs.job import Job, Submission
from stream_server.session.options import AudioFormat, SessionOptions, renewed
from stream_server.text.formatting import Formatting

_TUPLES = {field.name for field in fields(SessionOptions) if str(field.type).startswith("tuple")}
_FORMATTING = TypeAdapter(Formatting)


def row_of_job(job: Job) -> dict[str, Any]:
    """Return a job as a row."""
    return {
        "id": job.id,
        "organisation": job.organisation,
        "user_id": job.user,
        "key_id": job.key_id,
        "status": job.status,
        "created_at": job.created_at,
        "modified_at": job.modified_at,
        "label": job.submission.options.label,
        "meeting_id": job.submission.options.meeting_id,
        "media": job.submission.media,
        "submission": submission_as_text(job.submission),
        "mime_type": job.mime_type,
        "seconds": job.seconds,
        "sample_rate": job.sample_rate,
        "channels": job.channels,
        "progress": job.progress,
        "attempts": job.attempts,
        "error_code": job.error_code,
        "error_message": job.error_message,
        "archived": job.archived,
    }


def job_of_row(row: Mapping[str, Any]) -> Job:
    """Return the job that a row tells of; where its medium is stands in the column."""
    return Job(
        id=row["id"],
        organisation=row["organisation"],
        user=row["user_id"],
        key_id=row["key_id"],
        status=row["status"],
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        submission=submission_of_text(row["submission"], row["media"]),
        mime_type=row["mime_type"],
        seconds=row["seconds"],
        sample_rate=row["sample_rate"],
        channels=row["channels"],
        progress=row["progress"],
        attempts=row["attempts"],
        error_code=row["error_code"],
        error_message=row["error_message"],
        archived=row["archived"],
    )


def submission_as_text(submission: Submission) -> str:
    """Write down what was asked for."""
    return json.dumps(asdict(submission), ensure_ascii=False)


def submission_of_text(text: str, media: str | None) -> Submission:
    """Read what was asked for, whichever version wrote it; what a newer one may have added is left out."""
    values = json.loads(text)
    options = _known(SessionOptions, renewed(values.get("options", {})))
    options |= {name: tuple(options[name]) for name in _TUPLES & options.keys()}
    options["audio"] = AudioFormat(**_known(AudioFormat, options.get("audio", {})))
    options["formatting"] = _FORMATTING.validate_python(options.get("formatting", {}))
    raw = values.get("raw")
    known = _known(Submission, values) | {
        "options": SessionOptions(**options),
        "media": media,
        "raw": None if raw is None else AudioFormat(**_known(AudioFormat, raw)),
    }
    return Submission(**known)


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in values.items() if name in names}
