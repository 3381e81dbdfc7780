"""`/v1/recordings`: hand in finished recordings, follow how they get on, and end or repeat them.

What is said in one is a record afterwards, under the same id: `/v1/records/{id}`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.errors import InvalidConfiguration, StreamServerError
from stream_server.jobs.desk import Desk
from stream_server.jobs.intake import Intake
from stream_server.jobs.job import Job, JobFilter, JobStatus, Submission
from stream_server.protocol.fields import Fields
from stream_server.protocol.formatting import read_formatting
from stream_server.rest.records import PRIVATE
from stream_server.rest.uploads import Form, Uploads
from stream_server.rest.usage import presented_key
from stream_server.session.options import SessionOptions
from stream_server.store.exports import moment

FIELDS = (
    *("url", "label", "meeting_id", "language", "languages", "hotwords", "context"),
    *("speaker_count", "max_speakers", "diarize", "channels", "formatting"),
)

CHANNELS = ("mixed", "separate")

PARAMETERS = ("status", "meeting_id", "q", "page", "limit")

USUAL_LIMIT, HIGHEST_LIMIT, HIGHEST_PAGE = 50, 200, 10_000

BEAT_SECONDS = 15.0
"""A comment so often keeps a stream of events open through proxies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """Handlers on jobs."""

    authenticator: Authenticator
    desk: Desk
    intake: Intake
    uploads: Uploads

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.post("/v1/recordings", self.submit),
            web.get("/v1/recordings", self.page),
            web.get("/v1/recordings/{id}", self.read),
            web.get("/v1/recordings/{id}/events", self.follow),
            web.post("/v1/recordings/{id}/cancel", self.cancel),
            web.post("/v1/recordings/{id}/retry", self.retry),
            web.delete("/v1/recordings/{id}", self.archive),
        ]

    async def submit(self, request: web.Request) -> web.Response:
        """Take a recording in: a form with `file`, or JSON with `url`; the rest are options."""
        principal = await self._principal(request)
        if request.content_type == "multipart/form-data":
            await self.desk.require_room(principal)
            async with self.uploads.read_form(request, principal) as form:
                job = await self._submit_file(principal, form)
        else:
            job = await self._submit_url(principal, await _json(request))
        return web.json_response(job_json(job), status=202, headers=PRIVATE)

    async def _submit_file(self, principal: Principal, form: Form) -> Job:
        file = form.file("file")
        if file is None or len(form.files) > 1:
            raise InvalidConfiguration("the form needs exactly one part with a file name, called file")
        values = dict(form.fields)
        if "url" in values:
            raise InvalidConfiguration("either a file or a url, not both")
        options, per_channel = read_options(values)
        submission = Submission(options=options, name=file.name, per_channel=per_channel)
        info = await self.intake.look(file.path, submission)
        return await self.intake.take_file(principal, file.path, info, submission)

    async def _submit_url(self, principal: Principal, values: Mapping[str, Any]) -> Job:
        url = values.get("url")
        if not isinstance(url, str) or not url:
            raise InvalidConfiguration("url must be given, or a form with a file")
        options, per_channel = read_options(values)
        submission = Submission(options=options, uri=url, per_channel=per_channel)
        return await self.intake.take_url(principal, submission)

    async def page(self, request: web.Request) -> web.Response:
        """Answer with a page of jobs, newest first; `status=failed` are the dead letters."""
        principal = await self._principal(request)
        wanted, page, limit = read_filter(request.query, principal.organisation)
        found = await self.desk.page(principal, wanted, page=page, per_page=limit)
        body = {"recordings": [job_json(job) for job in found.jobs], "total": found.total}
        return web.json_response(body, headers=PRIVATE)

    async def read(self, request: web.Request) -> web.Response:
        """Answer with a job."""
        principal = await self._principal(request)
        return self._answer(await self.desk.find(principal, request.match_info["id"]))

    async def cancel(self, request: web.Request) -> web.Response:
        """Stop working on a job."""
        principal = await self._principal(request)
        return self._answer(await self.desk.cancel(principal, request.match_info["id"]))

    async def retry(self, request: web.Request) -> web.Response:
        """Begin a job anew that failed or was cancelled."""
        principal = await self._principal(request)
        return self._answer(await self.desk.retry(principal, request.match_info["id"]))

    async def archive(self, request: web.Request) -> web.Response:
        """Hide a job and delete its medium."""
        principal = await self._principal(request)
        return self._answer(await self.desk.archive(principal, request.match_info["id"]))

    async def follow(self, request: web.Request) -> web.StreamResponse:
        """Stream a job's progress as server-sent events, up to its end."""
        principal = await self._principal(request)
        job_id = request.match_info["id"]
        await self.desk.find(principal, job_id)
        response = web.StreamResponse(headers=PRIVATE | {"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        news = aiter(self.desk.watch(principal, job_id))
        upcoming: asyncio.Task[Job] | None = None
        try:
            while True:
                upcoming = upcoming or asyncio.ensure_future(anext(news))
                done, _ = await asyncio.wait([upcoming], timeout=BEAT_SECONDS)
                if not done:
                    await response.write(b": still here\n\n")
                    continue
                job, upcoming = upcoming.result(), None
                name = job.status if job.ended else "progress"
                await response.write(f"event: {name}\ndata: {json.dumps(job_json(job))}\n\n".encode())
        except StopAsyncIteration:
            pass
        except StreamServerError as error:
            text = json.dumps({"error": {"code": error.code, "message": error.message}})
            await response.write(f"event: error\ndata: {text}\n\n".encode())
        finally:
            if upcoming is not None:
                upcoming.cancel()
        await response.write_eof()
        return response

    def _answer(self, job: Job) -> web.Response:
        return web.json_response(job_json(job), headers=PRIVATE)

    async def _principal(self, request: web.Request) -> Principal:
        return await self.authenticator.authorise(presented_key(request), "transcribe")


def job_json(job: Job) -> dict[str, Any]:
    """Return a job as the native API says it."""
    options = job.submission.options
    error = None if job.error_code is None else {"code": job.error_code, "message": job.error_message}
    return {
        "id": job.id,
        "status": job.status,
        "progress": round(job.progress, 3),
        "label": options.label,
        "meeting_id": options.meeting_id,
        "name": job.submission.name,
        "media": job.submission.media,
        "mime_type": job.mime_type,
        "seconds": None if job.seconds is None else round(job.seconds, 3),
        "channels": job.channels,
        "attempts": job.attempts,
        "created_at": moment(job.created_at),
        "modified_at": moment(job.modified_at),
        "error": error,
    }


def read_options(values: Mapping[str, Any]) -> tuple[SessionOptions, bool]:
    """Read what is wanted of a recording, from JSON or from a form's texts; raises `InvalidConfiguration`."""
    if unknown := sorted(set(values) - set(FIELDS)):
        raise InvalidConfiguration(f"recordings have no {unknown[0]!r}; there are {', '.join(FIELDS)}")
    fields = Fields({name: _typed(name, value) for name, value in values.items() if name != "url"})
    channels = fields.text("channels") or "mixed"
    if channels not in CHANNELS:
        raise InvalidConfiguration(f"channels must be one of {', '.join(CHANNELS)}")
    options = SessionOptions(
        label=fields.text("label", longest=1_000),
        meeting_id=fields.text("meeting_id", longest=200),
        language=fields.text("language"),
        languages=fields.texts("languages") or (),
        hotwords=fields.text("hotwords", longest=1_000) or "",
        context=fields.text("context", longest=2_000) or "",
        speaker_count=fields.integer("speaker_count"),
        max_speakers=fields.integer("max_speakers"),
        diarize=fields.boolean("diarize"),
        formatting=read_formatting(fields.inner("formatting")),
    )
    return options, channels == "separate"


def _typed(name: str, value: object) -> object:
    """Return a form's text as what the field is."""
    if not isinstance(value, str):
        return value
    if name in ("speaker_count", "max_speakers") and value.isascii() and value.isdigit() and len(value) < 4:
        return int(value)
    if name == "diarize" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if name == "formatting":
        return _object(value)
    if name == "languages":
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidConfiguration("formatting must be an object in JSON") from None


def read_filter(query: Mapping[str, str], organisation: str) -> tuple[JobFilter, int, int]:
    """Read which jobs are wanted, the page and how many it has; raises `InvalidConfiguration`."""
    if not set(query) <= set(PARAMETERS):
        raise InvalidConfiguration(f"recordings have these parameters and no others: {', '.join(PARAMETERS)}")
    status = query.get("status")
    if status is not None and status not in get_args(JobStatus):
        raise InvalidConfiguration(f"status must be one of {', '.join(get_args(JobStatus))}")
    wanted = JobFilter(
        organisation=organisation,
        status=status,  # type: ignore[arg-type]  # one of them
        meeting_id=query.get("meeting_id"),
        text=query.get("q"),
    )
    return wanted, _number(query, "page", 1, HIGHEST_PAGE), _number(query, "limit", USUAL_LIMIT, HIGHEST_LIMIT)


def _number(query: Mapping[str, str], name: str, usual: int, highest: int) -> int:
    text = query.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= highest):
        raise InvalidConfiguration(f"{name} must be a number from 1 to {highest}")
    return int(text)


async def _json(request: web.Request) -> Mapping[str, Any]:
    try:
        value = json.loads(await request.text())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidConfiguration("a form with a file is wanted, or a JSON object with a url")
    return value
