"""Prosa's speech-to-text over HTTP: `/v2/speech/stt` and what is below it; a websocket at the same path is streaming.

All want a key of scope `transcribe`, and see its organisation's jobs alone, of a user's key that user's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.compat.prosa.errors import JobNotFound, NoAudioProvided
from stream_server.compat.prosa.jobs import Models, archived_json, job_json, page_json, status_json
from stream_server.compat.prosa.messages import LenientFields
from stream_server.compat.prosa.submission import Order, read_form, read_order
from stream_server.compat.prosa.times import read_span
from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.jobs.desk import Desk
from stream_server.jobs.intake import Intake
from stream_server.jobs.job import Job, JobFilter, SortKey, Submission
from stream_server.protocol.codec import Message, decode_json_object
from stream_server.rest.records import PRIVATE
from stream_server.rest.uploads import Upload, Uploads
from stream_server.rest.usage import presented_key

PATH = "/v2/speech/stt"

JOB = "{job_id:(?!(count|models)$)[^/]+}"
"""Of a path: no job is called what other paths are, so those do not know what one can do with a job."""

USUAL_PER_PAGE, MOST_PER_PAGE = 10, 100
"""Jobs on a page."""

MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosa:
    """Handlers; one that waits for a job answers after `wait_seconds` at the latest."""

    authenticator: Authenticator
    desk: Desk
    intake: Intake
    uploads: Uploads
    models: Models
    wait_seconds: float

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.get(f"{PATH}/models", self.list_models),
            web.post(PATH, self.submit),
            web.get(PATH, self.page),
            web.get(f"{PATH}/count", self.count),
            web.get(f"{PATH}/{JOB}", self.read),
            web.get(f"{PATH}/{JOB}/status", self.status),
            web.delete(f"{PATH}/{JOB}", self.archive),
        ]

    async def list_models(self, request: web.Request) -> web.Response:
        """List the accepted models."""
        await self._principal(request)
        return web.json_response(self.models.listed())

    async def submit(self, request: web.Request) -> web.Response:
        """Take a recording in, and wait for its transcript where that is asked for."""
        principal = await self._principal(request)
        await self.desk.require_room(principal)
        async with self._received(request, principal) as (order, upload):
            job = await self._take(principal, order, upload)
        if order.wait:
            job = await self.desk.wait(principal, job.id, self.wait_seconds)
        return await self._answer(principal, job)

    async def page(self, request: web.Request) -> web.Response:
        """List jobs, without what was said in them."""
        principal = await self._principal(request)
        query, fields = request.query, LenientFields(request.query)
        page = _number(fields, "page", 1, MOST_PAGES)
        per_page = _number(fields, "per_page", USUAL_PER_PAGE, MOST_PER_PAGE)
        found = await self.desk.page(
            principal,
            _wanted(principal, query),
            page=page,
            per_page=per_page,
            sort_by=_sort_key(query),
            ascending=fields.boolean("sort_ascend") or False,
        )
        return web.json_response(page_json(found, self.models, page, per_page), headers=PRIVATE)

    async def count(self, request: web.Request) -> web.Response:
        """Count jobs; the answer is a bare number."""
        principal = await self._principal(request)
        return web.json_response(await self.desk.count(principal, _wanted(principal, request.query)), headers=PRIVATE)

    async def read(self, request: web.Request) -> web.Response:
        """Answer with a job and its transcript."""
        principal = await self._principal(request)
        return await self._answer(principal, await self._job(principal, request))

    async def status(self, request: web.Request) -> web.Response:
        """Answer with how far a job is."""
        job = await self._job(await self._principal(request), request)
        return web.json_response(status_json(job), headers=PRIVATE)

    async def archive(self, request: web.Request) -> web.Response:
        """Take a job away, with its medium."""
        principal = await self._principal(request)
        job = await self._job(principal, request)
        return web.json_response(archived_json(await self.desk.archive(principal, job.id)), headers=PRIVATE)

    async def _principal(self, request: web.Request) -> Principal:
        return await self.authenticator.authorise(presented_key(request), "transcribe")

    async def _job(self, principal: Principal, request: web.Request) -> Job:
        try:
            return await self.desk.find(principal, request.match_info["job_id"])
        except NotFound as error:
            raise JobNotFound(error.message) from None

    @asynccontextmanager
    async def _received(self, request: web.Request, principal: Principal) -> AsyncIterator[tuple[Order, Upload | None]]:
        """Give what is wanted, and the audio as a file unless it is to be fetched."""
        if request.content_type == "multipart/form-data":
            async with self.uploads.read_form(request, principal) as form:
                file = form.file("file", "audio", "data") or form.file()
                order = read_order(read_form(form.fields), self.models.names, has_file=file is not None)
                async with self._file(principal, order, file) as upload:
                    yield order, upload
        else:
            order = read_order(await _read_object(request), self.models.names)
            async with self._file(principal, order, None) as upload:
                yield order, upload

    @asynccontextmanager
    async def _file(self, principal: Principal, order: Order, given: Upload | None) -> AsyncIterator[Upload | None]:
        if order.data is None:
            yield given
        else:
            async with self.uploads.decode_base64_to_file(order.data, principal) as upload:
                yield upload

    async def _take(self, principal: Principal, order: Order, upload: Upload | None) -> Job:
        """Submit what was received; every channel is transcribed on its own."""
        name = order.name if upload is None else upload.name or order.name
        submission = Submission(options=order.options, uri=order.uri, name=name, per_channel=True, config=order.config)
        if upload is None:
            return await self.intake.take_url(principal, submission)
        if not upload.size:
            raise NoAudioProvided("the audio is empty")
        info = await self.intake.look(upload.path, submission)
        return await self.intake.take_file(principal, upload.path, info, submission)

    async def _answer(self, principal: Principal, job: Job) -> web.Response:
        transcript = await self.desk.result(principal, job)
        body = await asyncio.to_thread(lambda: json.dumps(job_json(job, self.models, transcript)))
        return web.json_response(text=body, headers=PRIVATE)


async def _read_object(request: web.Request) -> Message:
    """Read a body that is a JSON object; it may hold minutes of audio, so parsing it holds up nobody else."""
    body = await request.read()
    try:
        return await asyncio.to_thread(lambda: decode_json_object(body.decode(), longest=len(body)))
    except UnicodeDecodeError:
        raise InvalidConfiguration("the body must be a JSON object in UTF-8") from None


def _wanted(principal: Principal, query: Mapping[str, str]) -> JobFilter:
    first, until = read_span(query)
    return JobFilter(
        organisation=principal.organisation, first=first, until=until, text=query.get("query_text") or None
    )


def _sort_key(query: Mapping[str, str]) -> SortKey:
    match query.get("sort_by") or "time":
        case "time":
            return "time"
        case "label":
            return "label"
    raise InvalidConfiguration("sort_by must be time or label")


def _number(fields: LenientFields, name: str, usual: int, most: int) -> int:
    value = fields.integer(name)
    if value is not None and value < 1:
        raise InvalidConfiguration(f"{name} must be at least 1")
    return usual if value is None else min(value, most)
