"""`/v1/records`: what was said in the key's own organisation, to read, to take away and to delete.

Reading takes the scope `transcribe`, deleting `admin`. A key that belongs to a user reaches that user's records alone,
unless it is `admin`, and may delete them: they are the user's own words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast, get_args

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.kept_audio import KeptAudio
from stream_server.rest.usage import presented_key
from stream_server.store.base import Kind
from stream_server.store.exports import Format, export, record_json
from stream_server.store.records import Forget, Record, RecordFilter, RecordStore

PARAMETERS = ("user", "meeting_id", "kind", "limit", "cursor")

USUAL_LIMIT, HIGHEST_LIMIT = 50, 200
"""Records on a page."""

CONTENT_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "txt": "text/plain",
    "md": "text/markdown",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
}

PRIVATE = {"Cache-Control": "no-store"}
"""Spoken words stay out of caches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Handlers on records; `forget` deletes whatever else was kept of what was said.

    `flush` writes down what sessions here have told: who reads a record finds in it what was told before.
    """

    authenticator: Authenticator
    store: RecordStore
    audio: KeptAudio
    forget: Forget
    flush: Callable[[], Awaitable[object]]

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.get("/v1/records", self.page),
            web.get("/v1/records/{id}", self.read),
            web.get("/v1/records/{id}/audio", self.listen),
            web.delete("/v1/records/{id}", self.delete),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Answer with a page of heads, newest first."""
        principal = await self._principal(request)
        wanted, limit = read_filter(request.query, principal), read_limit(request.query)
        found = await self.store.list_records(wanted, limit, request.query.get("cursor"))
        body = {"records": [record_json(record) for record in found.records], "next_cursor": found.cursor}
        return web.json_response(body, headers=PRIVATE)

    async def read(self, request: web.Request) -> web.Response:
        """Answer with one record in the form that is asked for."""
        principal = await self._principal(request)
        form = read_format(request.query)
        await self.flush()
        transcript = await self.store.find_transcript(principal.organisation, request.match_info["id"])
        require_sight(principal, transcript.record)
        text = await asyncio.to_thread(export, transcript, form)  # a day of talk takes longer than others may wait
        return web.Response(text=text, content_type=CONTENT_TYPES[form], charset="utf-8", headers=PRIVATE)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Answer with the audio of a track, as FLAC, where the session asked for it to be kept."""
        principal = await self._principal(request)
        record = await self.store.find_record(principal.organisation, request.match_info["id"])
        require_sight(principal, record)
        track = request.query.get("track", "0")
        if not set(request.query) <= {"track"} or not (track.isascii() and track.isdigit() and len(track) <= 2):
            raise InvalidConfiguration("track must be a number; there is no other parameter")
        path = self.audio.find(record.id, int(track))
        if path is None:
            raise NotFound("no audio of that track was kept")
        return web.FileResponse(path, headers=PRIVATE | {"Content-Type": "audio/flac"})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete one record for good."""
        principal = await self._principal(request)
        record = await self.store.find_record(principal.organisation, request.match_info["id"])
        require_sight(principal, record)
        if principal.user is None or principal.user != record.user:
            principal.require("admin")
        await self.forget([record.id])  # first: what fails behind it can be asked for again
        await self.store.delete_record(principal.organisation, record.id)
        return web.Response(status=204)

    async def _principal(self, request: web.Request) -> Principal:
        return await self.authenticator.authorise(presented_key(request), "transcribe")


def read_filter(query: Mapping[str, str], principal: Principal) -> RecordFilter:
    """Read which records are wanted; raises `InvalidConfiguration` that names the parameter."""
    if not set(query) <= set(PARAMETERS):
        raise InvalidConfiguration(f"records has these parameters and no others: {', '.join(PARAMETERS)}")
    kind = query.get("kind")
    if kind is not None and kind not in get_args(Kind):
        raise InvalidConfiguration(f"kind must be one of {', '.join(get_args(Kind))}")
    own = principal.own_user
    if own is not None and query.get("user", own) != own:
        raise InvalidConfiguration("user must be the one whom this key belongs to")
    return RecordFilter(
        organisation=principal.organisation,
        user=own or query.get("user"),
        meeting_id=query.get("meeting_id"),
        kind=cast("Kind | None", kind),
    )


def read_limit(query: Mapping[str, str]) -> int:
    """Read how many records a page may have."""
    value = query.get("limit", str(USUAL_LIMIT))
    if not (value.isascii() and value.isdigit() and len(value) <= 3 and 1 <= int(value) <= HIGHEST_LIMIT):
        raise InvalidConfiguration(f"limit must be a whole number from 1 to {HIGHEST_LIMIT}")
    return int(value)


def read_format(query: Mapping[str, str]) -> Format:
    """Read the form in which a record is wanted."""
    value = query.get("format", "json")
    if value not in get_args(Format) or not set(query) <= {"format"}:
        raise InvalidConfiguration(f"format must be one of {', '.join(get_args(Format))}; there is no other parameter")
    return cast("Format", value)


def require_sight(principal: Principal, record: Record) -> None:
    """Raise `NotFound` for a record that the key does not reach, as if it were not there."""
    own = principal.own_user
    if own is not None and record.user != own:
        raise NotFound(f"there is no record {record.id!r}")
