"""`POST /v1/listen`: a recording transcribed as Deepgram does it, from the body or from a URL.

The body's type is not believed: SDKs and `curl` call audio many things, so only `application/json` is none.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from stream_server.asr.engine import Capabilities
from stream_server.auth import Authenticator, Principal
from stream_server.compat.deepgram.credentials import presented_key
from stream_server.compat.deepgram.errors import LISTEN, PROJECTS, REQUEST_ID_HEADER, farewell, request_id
from stream_server.compat.deepgram.messages import Model
from stream_server.compat.deepgram.parameters import Listen, read_listen
from stream_server.compat.deepgram.prerecorded import Source, write_response
from stream_server.errors import InvalidConfiguration
from stream_server.jobs.recording import Recording, Transcriber
from stream_server.net.fetching import Fetcher
from stream_server.rest.patience import Patience
from stream_server.rest.records import PRIVATE
from stream_server.rest.uploads import Uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Deepgram:
    """Handlers of what Deepgram's clients ask over HTTP."""

    authenticator: Authenticator
    transcriber: Transcriber
    uploads: Uploads
    fetcher: Fetcher
    capabilities: Capabilities
    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], float] = time.time

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [web.post(LISTEN, self.listen), web.get(PROJECTS, self.projects)]

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Answer with what is said in a recording."""
        created = self.clock()
        principal = await self._principal(request)
        listen = read_listen(list(request.query.items()))
        if request.content_type == "application/json":
            return await self._answer(request, self._fetch(principal, read_url(await request.read()), listen, created))
        async with self.uploads.read_body_to_file(request, principal) as upload:
            return await self._answer(request, self._transcribe(principal, upload.path, "", listen, created))

    async def projects(self, request: web.Request) -> web.Response:
        """Answer with the organisation of a key: how clients find out whether the key is good."""
        organisation = (await self._principal(request)).organisation
        project = {"project_id": str(uuid.uuid5(uuid.NAMESPACE_OID, organisation)), "name": organisation}
        return web.json_response({"projects": [project]})

    async def _principal(self, request: web.Request) -> Principal:
        return await self.authenticator.authorise(presented_key(request.headers), "transcribe")

    async def _answer(self, request: web.Request, work: Coroutine[Any, Any, web.Response]) -> web.StreamResponse:
        return await self.patience.answer(
            request, work, PRIVATE, farewell=lambda error: farewell(error, uuid.uuid4().hex)
        )

    async def _fetch(self, principal: Principal, url: str, listen: Listen, created: float) -> web.Response:
        """Answer with what is said in a recording that is elsewhere."""
        async with self.uploads.share(principal) as grow, self.uploads.place() as path:
            fetched = await self.fetcher.fetch(url, path, grow)
            return await self._transcribe(principal, path, fetched.name, listen, created)

    async def _transcribe(
        self, principal: Principal, media: Path, name: str, listen: Listen, created: float
    ) -> web.Response:
        recording = Recording(
            media=media, name=name, options=listen.options, raw=listen.raw, per_channel=listen.multichannel
        )
        sha256 = await asyncio.to_thread(_digest, media)
        transcript = await self.transcriber.transcribe(principal, recording)
        source = Source(session_id=transcript.record.id, sha256=sha256, created=created)
        model = Model(name=self.capabilities.model, engine=self.capabilities.engine)
        body = await asyncio.to_thread(lambda: json.dumps(write_response(transcript, listen, source, model)).encode())
        headers = PRIVATE | {REQUEST_ID_HEADER: request_id(source.session_id)}
        return web.Response(body=body, content_type="application/json", headers=headers)


def read_url(body: bytes) -> str:
    """Return the address in a JSON body; raises `InvalidConfiguration`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidConfiguration("the body must be JSON with a url") from None
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str) or not url:
        raise InvalidConfiguration("the body must be JSON with a url")
    return url


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
