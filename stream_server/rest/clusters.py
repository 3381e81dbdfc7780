"""Speakers of a record: `POST /v1/update_all_cluster` and `POST /v1/recognize_speakers`.

Both want a key of scope `transcribe` and see its organisation's records alone, of a user's key that user's.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.rest.records import require_sight
from stream_server.rest.speakers import read_object
from stream_server.rest.usage import presented_key
from stream_server.speaker_edits import SpeakerEdits
from stream_server.store.records import RecordStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Handlers."""

    authenticator: Authenticator
    edits: SpeakerEdits
    records: RecordStore

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.post("/v1/update_all_cluster", self.update),
            web.post("/v1/recognize_speakers", self.recognize),
        ]

    async def update(self, request: web.Request) -> web.Response:
        """Rename a speaker everywhere in a record, or merge it into another."""
        principal, fields = await self._asked(request)
        record_id, speaker, into = fields.text("record_id"), fields.integer("speaker"), fields.integer("into")
        name, organisation = fields.text("name"), principal.organisation
        if fields.unknown:
            raise InvalidConfiguration(f"there is no field {fields.unknown[0]}")
        if record_id is None or speaker is None or (into is None and not fields.has("name")):
            raise InvalidConfiguration("record_id and speaker must be given, and either name or into")
        if into is not None and name is not None:
            raise InvalidConfiguration("either name or into must be given, not both")
        require_sight(principal, await self.records.find_record(organisation, record_id))
        if into is None:
            await self.edits.rename(organisation, record_id, speaker, name)
        else:
            await self.edits.merge(organisation, record_id, speaker, into)
        return web.json_response({"record_id": record_id, "speaker": into or speaker})

    async def recognize(self, request: web.Request) -> web.Response:
        """Name the speakers whose voices are enrolled by now."""
        principal, fields = await self._asked(request)
        record_id = fields.text("record_id")
        if fields.unknown or record_id is None:
            raise InvalidConfiguration("record_id must be given, and nothing else")
        require_sight(principal, await self.records.find_record(principal.organisation, record_id))
        found = await self.edits.recognise(principal.organisation, record_id)
        speakers = [
            {
                "id": each.speaker,
                "name": each.voice.name if each.voice else None,
                "speaker_id": each.voice.id if each.voice else None,
                "score": None if each.score is None else round(each.score, 3),
            }
            for each in found
        ]
        return web.json_response({"record_id": record_id, "speakers": speakers})

    async def _asked(self, request: web.Request) -> tuple[Principal, Fields]:
        principal = await self.authenticator.authorise(presented_key(request), "transcribe")
        return principal, await read_object(request)
