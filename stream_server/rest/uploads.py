"""Take recordings out of requests into files that are gone when the request is done.

async with uploads.read_form(request, principal) as form:
    path = form.file("file", "audio").path

Whoever has no quota left, or has a share on the way in already, is refused before a byte of the file is read.
"""

from __future__ import annotations

import asyncio
import binascii
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from stream_server.auth import Principal
from stream_server.errors import IdleTimeout, InvalidConfiguration, InvalidData, MessageTooLarge, UnexpectedMessage
from stream_server.receiving import Grow, ReceivingLimits, Shares, receive

T = TypeVar("T")

READ_BYTES = 65_536

MOST_PARTS = 100
"""Of a form; no dialect has half as many fields."""

MOST_FIELD_BYTES = 65_536
"""Of a field that is not a file: vocabularies and prompts are far shorter."""

LEFT_OVER_SECONDS = 86_400.0
"""Files of this age are a crash's: no request lives so long."""

BASE64_PIECE = 4 * READ_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came. `name` and `content_type` are what the client says of it, `field` is the form's."""

    path: Path
    size: int
    name: str = ""
    content_type: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds, in the order in which it came."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[Upload] = field(default_factory=list)

    def file(self, *names: str) -> Upload | None:
        """Return the first file in one of these fields; no names: the first of all."""
        return next((file for file in self.files if not names or file.field in names), None)


class Uploads:
    """A directory for files that are on their way in; all files of a form together keep within the limits.

    `shares` are what organisations may send at once. `require_quota` raises `QuotaExceeded` for a key with nothing
    left; the id is one under which nothing will ever be done.

    What is sent raises `TooManyUploads` and `QuotaExceeded` before it is read, `MessageTooLarge`, `IdleTimeout`,
    `StorageFull` or `TooManyUploads` while it is.
    """

    def __init__(
        self,
        directory: Path,
        limits: ReceivingLimits,
        shares: Shares,
        require_quota: Callable[[Principal, str], Awaitable[None]],
    ) -> None:
        self.directory = directory
        self.limits = limits
        self._shares = shares
        self._require_quota = require_quota

    def sweep(self) -> None:
        """Delete what a crash has left; blocks."""
        for path in self.directory.glob("upload-*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - LEFT_OVER_SECONDS:
                    path.unlink()

    def _new_path(self) -> Path:
        return self.directory / f"upload-{secrets.token_hex(16)}"

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        """Give a path where a file may be written; whatever is there afterwards is deleted."""
        path = self._new_path()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    @asynccontextmanager
    async def share(self, principal: Principal) -> AsyncIterator[Grow]:
        """Count a request in as long as it has files here, and give what counts their bytes."""
        with self._shares.take(principal.organisation) as grow:
            await self._require_quota(principal, uuid.uuid4().hex)
            yield grow

    @asynccontextmanager
    async def read_body_to_file(self, request: web.Request, principal: Principal) -> AsyncIterator[Upload]:
        """Give a request's whole body."""
        self._check_length(request)
        async with self.share(principal) as grow, self.place() as path:
            with _broken_off():
                size = await receive(request.content.readany, path, self.limits, grow)
            yield Upload(path=path, size=size, content_type=request.content_type)

    @asynccontextmanager
    async def read_form(self, request: web.Request, principal: Principal) -> AsyncIterator[Form]:
        """Give the fields and files of a `multipart/form-data` body; raises `InvalidConfiguration` besides."""
        self._check_length(request)
        form = Form()
        paths: list[Path] = []
        async with self.share(principal) as grow:
            try:
                with _broken_off():
                    await self._read_form(request, form, paths, grow)
                yield form
            finally:
                for path in paths:
                    path.unlink(missing_ok=True)

    @asynccontextmanager
    async def decode_base64_to_file(self, text: str, principal: Principal) -> AsyncIterator[Upload]:
        """Give what base64 says, with or without a `data:` URL's head; raises `InvalidData` if it is none."""
        head, comma, rest = text.partition(",")
        if comma and head.startswith("data:") and head.endswith(";base64"):
            text = rest
        pieces = _decoded(text)

        async def read() -> bytes:
            return await asyncio.to_thread(next, pieces, b"")

        async with self.share(principal) as grow, self.place() as path:
            yield Upload(path=path, size=await receive(read, path, self.limits, grow))

    def _check_length(self, request: web.Request) -> None:
        """Refuse at once what says that it is too large."""
        if (request.content_length or 0) > self.limits.max_bytes:
            raise MessageTooLarge(f"the body is larger than the {self.limits.max_bytes} bytes that are taken")

    async def _read_form(self, request: web.Request, form: Form, paths: list[Path], grow: Grow) -> None:
        if request.content_type != "multipart/form-data":
            raise InvalidConfiguration("the body must be multipart/form-data")
        room = self.limits.max_bytes
        try:
            reader = await request.multipart()
            while (part := await self._in_time(reader.next)) is not None:
                if not isinstance(part, BodyPartReader) or part.name is None:
                    raise InvalidConfiguration("every part of the form must have a name and be no form itself")
                if len(form.fields) + len(form.files) == MOST_PARTS:
                    raise InvalidConfiguration(f"a form may have {MOST_PARTS} parts")
                if part.filename is None:
                    form.fields.append((part.name, await self._read_field(part)))
                else:
                    form.files.append(await self._read_file(part, room, paths, grow))
                    room -= form.files[-1].size
        except (ValueError, AssertionError, HttpProcessingError, web.HTTPRequestEntityTooLarge):
            # aiohttp asserts, and calls a part's long header an entity too large
            raise InvalidConfiguration("the form is malformed") from None

    async def _read_file(self, part: BodyPartReader, room: int, paths: list[Path], grow: Grow) -> Upload:
        path = self._new_path()
        paths.append(path)
        limits = replace(self.limits, max_bytes=room)
        size = await receive(partial(part.read_chunk, READ_BYTES), path, limits, grow)
        content_type = part.headers.get("Content-Type", "").partition(";")[0].strip()
        return Upload(path=path, size=size, name=part.filename or "", content_type=content_type, field=part.name or "")

    async def _read_field(self, part: BodyPartReader) -> str:
        value = b""
        while piece := await self._in_time(partial(part.read_chunk, READ_BYTES)):
            value += piece
            if len(value) > MOST_FIELD_BYTES:
                raise MessageTooLarge(f"a field of a form may have {MOST_FIELD_BYTES} bytes")
        return value.decode("utf-8")

    async def _in_time(self, read: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self.limits.stall_seconds):
                return await read()
        except TimeoutError:
            raise IdleTimeout("the form has stopped coming") from None


@contextmanager
def _broken_off() -> Iterator[None]:
    """Say in our words that a body has an end that it should not have."""
    try:
        yield
    except (ConnectionError, web.RequestPayloadError):
        raise UnexpectedMessage("the body is broken, or has broken off") from None


def _decoded(text: str) -> Iterator[bytes]:
    """Yield what base64 says, piece by piece; line ends and a missing end are borne."""
    text = "".join(text.split())
    text += "=" * (-len(text) % 4)
    for at in range(0, len(text), BASE64_PIECE):
        try:
            yield binascii.a2b_base64(text[at : at + BASE64_PIECE], strict_mode=True)
        except ValueError:
            raise InvalidData("the data are not base64") from None
