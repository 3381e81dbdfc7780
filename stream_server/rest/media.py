"""`/v1/media` and `/v1/fetch`: recordings to play and to download; `/v1/generate_signature`, `/v1/material_delete`.

Reading takes a key of scope `transcribe`, or a signature in the query, which such a key gives. A key that belongs to a
user reaches that user's recordings alone, unless it is `admin`, and may delete them; else deleting takes `admin`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.errors import InvalidConfiguration, StreamServerError
from stream_server.rest.ranges import wanted_range
from stream_server.rest.speakers import read_object
from stream_server.rest.usage import presented_key
from stream_server.signatures import Signatures
from stream_server.store.media import LONGEST_KEY, MediaStore, StoredMedia, check_key, check_owner

MOST_PATHS = 100
"""In one request; each is a question to the store."""

HARMLESS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What strangers have sent is played and never run; spoken words stay out of caches, signatures out of referrers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Handlers; a signature is good for `signed_seconds` at most."""

    authenticator: Authenticator
    store: MediaStore
    signatures: Signatures
    signed_seconds: float

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.post("/v1/generate_signature", self.sign),
            web.get("/v1/media/{path:.+}", self.play),
            web.get("/v1/fetch/{path:.+}", self.download),
            web.post("/v1/material_delete", self.delete),
        ]

    async def sign(self, request: web.Request) -> web.Response:
        """Give addresses that work without a key: of one `path`, or of several `paths` with what is wrong with each."""
        principal = await self._principal(request)
        fields = await read_object(request)
        path, paths, seconds = (
            fields.text("path", LONGEST_KEY),
            fields.texts("paths", LONGEST_KEY),
            fields.number("seconds"),
        )
        if fields.unknown:
            raise InvalidConfiguration(f"there is no field {fields.unknown[0]}")
        if (path is None) == (paths is None):
            raise InvalidConfiguration("either path or paths must be given")
        if seconds is not None and not 1 <= seconds <= self.signed_seconds:
            raise InvalidConfiguration(f"seconds must be between 1 and {self.signed_seconds:g}")
        lasting = self.signed_seconds if seconds is None else seconds

        async def signed(key: str) -> dict[str, Any]:
            found = await self.store.find(check_owner(key, principal.organisation, principal.own_user))
            return self._addresses(found, lasting)

        if path is not None:
            return web.json_response(await signed(path))
        done, failed = await _each(paths or (), signed)
        return web.json_response({"signatures": done, "failed": failed})

    async def play(self, request: web.Request) -> web.StreamResponse:
        """Answer with a recording, or the part of it that is asked for, to be played where it is."""
        return await self._send(request, "inline")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Answer with the same, to be kept as a file."""
        key = request.match_info["path"]
        return await self._send(request, f'attachment; filename="{check_key(key).rpartition("/")[2]}"')

    async def delete(self, request: web.Request) -> web.Response:
        """Delete recordings for good; says of each whether it is gone, and if not, why."""
        principal = await self._principal(request)
        own = principal.own_user
        if own is None:
            principal.require("admin")
        fields = await read_object(request)
        paths = fields.texts("paths", LONGEST_KEY)
        if fields.unknown or paths is None:
            raise InvalidConfiguration("paths must be given, and nothing else")

        async def deleted(key: str) -> str:
            await self.store.delete(check_owner(key, principal.organisation, own))
            return key

        done, failed = await _each(paths, deleted)
        return web.json_response({"deleted": done, "failed": failed})

    async def _send(self, request: web.Request, disposition: str) -> web.StreamResponse:
        found = await self.store.find(await self._permitted(request))
        headers = HARMLESS | {
            "Content-Type": found.mime_type,
            "Content-Disposition": disposition,
            "ETag": f'"{found.etag}"',
        }
        part = wanted_range(request.headers, found.size, found.etag)
        if part is None:
            return web.Response(status=416, headers=HARMLESS | {"Content-Range": f"bytes */{found.size}"})
        response = web.StreamResponse(headers=headers)
        response.content_length = part.stop - part.start
        if part != range(found.size):
            response.set_status(206)
            response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.size}"
        await response.prepare(request)
        if request.method != "HEAD":
            async for piece in self.store.read(found.key, part.start, part.stop):
                await response.write(piece)
        await response.write_eof()
        return response

    async def _permitted(self, request: web.Request) -> str:
        """Return the key of the recording if whoever asks may have it."""
        key = check_key(request.match_info["path"])
        if "signature" in request.query:
            self.signatures.check(key, request.query.get("expires", ""), request.query["signature"])
            return key
        principal = await self._principal(request)
        return check_owner(key, principal.organisation, principal.own_user)

    def _addresses(self, media: StoredMedia, seconds: float) -> dict[str, Any]:
        signature = self.signatures.sign(media.key, seconds)
        query = urlencode({"expires": signature.expires, "signature": signature.text})
        return {
            "path": media.key,
            "media_url": f"/v1/media/{media.key}?{query}",
            "fetch_url": f"/v1/fetch/{media.key}?{query}",
            "expires": signature.expires,
            "mime_type": media.mime_type,
            "size": media.size,
        }

    async def _principal(self, request: web.Request) -> Principal:
        return await self.authenticator.authorise(presented_key(request), "transcribe")


async def _each(paths: tuple[str, ...], act: Callable[[str], Awaitable[Any]]) -> tuple[list[Any], list[dict[str, str]]]:
    """Return what came of each path, and the errors of those that nothing came of."""
    if len(paths) > MOST_PATHS:
        raise InvalidConfiguration(f"paths may be {MOST_PATHS} at a time")
    done: list[Any] = []
    failed: list[dict[str, str]] = []
    for path in dict.fromkeys(paths):
        try:
            done.append(await act(path))
        except StreamServerError as error:
            failed.append({"path": path, "code": error.code, "message": error.message})
    return done, failed
