"""`POST /v1/format_transcript`: text, or what was kept of a session, as people read it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.rest.records import PRIVATE, require_sight
from stream_server.rest.speakers import parse_object
from stream_server.rest.transcript_writer import TranscriptWriter
from stream_server.rest.usage import presented_key
from stream_server.store.records import RecordStore, Transcript
from stream_server.store.vocabularies import Vocabulary
from stream_server.transcript_formatting import read_request


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatTranscript:
    """The handler; `vocabulary` gives an organisation's, which every request of it gets.

    Texts that cannot be of `max_words` are not even read.
    """

    authenticator: Authenticator
    records: RecordStore
    vocabulary: Callable[[str], Awaitable[Vocabulary]]
    writer: TranscriptWriter
    max_words: int

    def routes(self) -> list[web.RouteDef]:
        """Return where this is."""
        return [web.post("/v1/format_transcript", self.format)]

    async def format(self, request: web.Request) -> web.Response:
        """Answer with the text and its words."""
        principal = await self.authenticator.authorise(presented_key(request), "transcribe")
        body = await request.read()
        asked = await asyncio.to_thread(lambda: read_request(parse_object(body), self.max_words))
        wanted = asked.with_vocabulary(await self.vocabulary(principal.organisation))
        kept = None if wanted.record_id is None else await self._find(principal, wanted.record_id)
        answer = await self.writer.write(wanted, kept)
        return web.Response(body=answer, content_type="application/json", charset="utf-8", headers=PRIVATE)

    async def _find(self, principal: Principal, record_id: str) -> Transcript:
        transcript = await self.records.find_transcript(principal.organisation, record_id)
        require_sight(principal, transcript.record)
        return transcript
