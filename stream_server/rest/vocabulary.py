"""The organisation's vocabulary: `GET`, `PUT` and `DELETE /v1/vocabulary`.

Every key of scope `transcribe` reads it; whoever changes it needs the scope `admin`, for it holds in everybody's
sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from stream_server.auth import Authenticator
from stream_server.errors import NotFound
from stream_server.protocol.formatting import read_vocabulary, write_vocabulary
from stream_server.rest.speakers import read_object
from stream_server.rest.usage import presented_key
from stream_server.store.vocabularies import Vocabulary
from stream_server.vocabularies import VocabularyBook

MOST_BYTES = 2 * 1024 * 1024
"""Of a body: the largest vocabulary has less, even if each of its characters is written as a pair of escapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyRoutes:
    """Handlers."""

    authenticator: Authenticator
    book: VocabularyBook

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.get("/v1/vocabulary", self.read),
            web.put("/v1/vocabulary", self.write),
            web.delete("/v1/vocabulary", self.delete),
        ]

    async def read(self, request: web.Request) -> web.Response:
        """Answer with the vocabulary, an empty one where there is none."""
        return _answer(await self.book.find(await self._organisation(request, "transcribe")))

    async def write(self, request: web.Request) -> web.Response:
        """Keep a vocabulary instead of the one before."""
        organisation, fields = await self._organisation(request, "admin"), await read_object(request, MOST_BYTES)
        return _answer(await self.book.put(organisation, *read_vocabulary(fields)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete it for good."""
        if not await self.book.delete(await self._organisation(request, "admin")):
            raise NotFound("there is no vocabulary")
        return web.json_response({"deleted": True})

    async def _organisation(self, request: web.Request, scope: str) -> str:
        return (await self.authenticator.authorise(presented_key(request), scope)).organisation


def _answer(vocabulary: Vocabulary) -> web.Response:
    modified = vocabulary.modified_at
    return web.json_response(
        {
            **write_vocabulary(vocabulary.terms, vocabulary.replacements),
            "modified_at": None
            if modified is None
            else datetime.fromtimestamp(modified, UTC).isoformat("T", "seconds"),
        }
    )
