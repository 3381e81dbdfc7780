"""Enrolled speakers: `POST /v1/enroll_audio`, `POST /v1/enroll`, `GET /v1/speakers`, `DELETE /v1/speakers/{id}`.

All want a key of scope `transcribe` and see its organisation alone, of a user's key that user's voices.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from stream_server.auth import Authenticator, Principal
from stream_server.diarize.enrollment import Quality
from stream_server.enrolling import Enroller
from stream_server.errors import InvalidConfiguration, MessageTooLarge, NotFound, UnsupportedAudio
from stream_server.protocol.fields import Fields
from stream_server.rest.records import require_sight
from stream_server.rest.usage import presented_key
from stream_server.store.records import RecordStore
from stream_server.store.voices import EnrolledAudio, Voice

PIECE_BYTES = 65_536

MOST_OBJECT_BYTES = 65_536
"""Of a body that is a JSON object: parsing many more would hold up everybody."""

AUDIO_TYPES = ("audio/", "video/", "application/octet-stream", "application/ogg")
"""Of a body that is the sample itself; what it really is tell its first bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakers:
    """Handlers; a sample has at most `max_body_bytes`."""

    authenticator: Authenticator
    enroller: Enroller
    records: RecordStore
    max_body_bytes: int

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.post("/v1/enroll_audio", self.add_audio),
            web.post("/v1/enroll", self.enroll),
            web.get("/v1/speakers", self.list),
            web.delete("/v1/speakers/{id}", self.delete),
        ]

    async def add_audio(self, request: web.Request) -> web.Response:
        """Learn from a sample: the body itself, or the first file of a form."""
        organisation = await self._organisation(request)
        audio, quality = await self.enroller.add_audio(organisation, bounded(sample(request), self.max_body_bytes))
        return web.json_response(audio_json(audio, quality), status=201)

    async def enroll(self, request: web.Request) -> web.Response:
        """Make a voice of samples, or of a record's speaker."""
        principal = await self._principal(request)
        organisation, fields = principal.organisation, await read_object(request)
        name, user = fields.text("name"), principal.own_user or fields.text("user")
        record_id, speaker = fields.text("record_id"), fields.integer("speaker")
        segments, audio_ids = fields.texts("segments") or (), fields.texts("audio_ids")
        if fields.unknown:
            raise InvalidConfiguration(f"there is no field {fields.unknown[0]}")
        if name is None or (record_id is None) == (audio_ids is None):
            raise InvalidConfiguration("name and either audio_ids or record_id must be given")
        if record_id is None:
            voice = await self.enroller.enroll(organisation, name, audio_ids or (), user)
        else:
            require_sight(principal, await self.records.find_record(organisation, record_id))
            voice = await self.enroller.enroll_speaker(
                organisation, name, record_id, speaker=speaker, segments=segments, user=user
            )
        return web.json_response(self._voice_json(voice), status=201)

    async def list(self, request: web.Request) -> web.Response:
        """List the organisation's voices."""
        principal = await self._principal(request)
        found = [voice for voice in await self.enroller.list_voices(principal.organisation) if sees(principal, voice)]
        return web.json_response({"speakers": [self._voice_json(voice) for voice in found]})

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a voice for good."""
        principal, voice_id = await self._principal(request), request.match_info["id"]
        listed = await self.enroller.list_voices(principal.organisation)
        if not any(voice.id == voice_id and sees(principal, voice) for voice in listed):
            raise NotFound("there is no such speaker")
        voice = await self.enroller.delete(principal.organisation, voice_id)
        return web.json_response({"speaker_id": voice.id, "deleted": True})

    async def _organisation(self, request: web.Request) -> str:
        return (await self._principal(request)).organisation

    async def _principal(self, request: web.Request) -> Principal:
        return await self.authenticator.authorise(presented_key(request), "transcribe")

    def _voice_json(self, voice: Voice) -> dict[str, Any]:
        return {
            "speaker_id": voice.id,
            "name": voice.name,
            "user": voice.user,
            "created_at": datetime.fromtimestamp(voice.created_at, UTC).isoformat(timespec="seconds"),
            "needs_enrollment": voice.needs_enrollment(self.enroller.embedder),
        }


def sees(principal: Principal, voice: Voice) -> bool:
    """Tell whether a key reaches a voice: a user's key reaches that user's alone."""
    return principal.own_user in (None, voice.user)


def audio_json(audio: EnrolledAudio, quality: Quality) -> dict[str, Any]:
    """Return what a client is told of its sample."""
    return {
        "audio_id": audio.id,
        "speech_seconds": round(quality.speech_seconds, 2),
        "quality": {
            "other_voice_share": round(quality.other_voice_share, 3),
            "clipped_share": round(quality.clipped_share, 4),
            "level_dbfs": round(quality.level_dbfs, 1),
        },
    }


async def sample(request: web.Request) -> AsyncIterator[bytes]:
    """Yield the sample's bytes; raises `InvalidConfiguration` or `UnsupportedAudio` if the body holds none."""
    if request.content_type != "multipart/form-data":
        if not request.content_type.startswith(AUDIO_TYPES):
            raise UnsupportedAudio("the body must be audio/*, or multipart/form-data with a file")
        async for piece in request.content.iter_chunked(PIECE_BYTES):
            yield piece
        return
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.filename is not None:
                while piece := await part.read_chunk(PIECE_BYTES):
                    yield piece
                return
    except (ValueError, AssertionError, HttpProcessingError):  # aiohttp's parser says it in all of these ways
        raise InvalidConfiguration("the form is malformed") from None
    raise InvalidConfiguration("the form has no file")


async def bounded(pieces: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """Yield what comes; raise `MessageTooLarge` beyond `most` bytes."""
    room = most
    async for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise MessageTooLarge("the body is larger than this server accepts")
        yield piece


async def read_object(request: web.Request, most: int = MOST_OBJECT_BYTES) -> Fields:
    """Return the body as a JSON object; raises `InvalidConfiguration`, and `MessageTooLarge` beyond `most` bytes."""
    return parse_object(b"".join([piece async for piece in bounded(request.content.iter_any(), most)]))


def parse_object(body: bytes) -> Fields:
    """Return a body as a JSON object; raises `InvalidConfiguration`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidConfiguration("the body must be a JSON object")
    return Fields(value)
