"""Recordings come out of requests into files, over a real socket, and are gone afterwards."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import io
import os
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.auth import Principal
from stream_server.errors import InvalidData, MessageTooLarge, QuotaExceeded, TooManyUploads
from stream_server.receiving import PIECE_BYTES, ReceivingLimits
from stream_server.rest.application import make_application
from stream_server.rest.uploads import MOST_FIELD_BYTES, MOST_PARTS, Uploads
from tests.uploading import open_uploads

Client = TestClient[web.Request, web.Application]

ACME = Principal(organisation="acme")

MOST_BYTES = 2_000_000
LIMITS = ReceivingLimits(max_bytes=MOST_BYTES, stall_seconds=60, reserve_bytes=0)
APPLICATION_BYTES = 10_000
"""Of aiohttp's own limit, which files do not meet."""


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    """Give a directory for uploads."""
    return open_uploads(tmp_path, LIMITS)


@pytest_asyncio.fixture
async def client(uploads: Uploads) -> AsyncIterator[Client]:
    """Give a client of two routes that tell what they got."""

    async def body(request: web.Request) -> web.Response:
        async with uploads.read_body_to_file(request, ACME) as upload:
            content = upload.path.read_bytes()
            assert upload.size == len(content)
            return web.json_response({"digest": digest(content), "type": upload.content_type})

    async def form(request: web.Request) -> web.Response:
        async with uploads.read_form(request, ACME) as form:
            files = [[each.field, each.name, each.content_type, digest(each.path.read_bytes())] for each in form.files]
            file = form.file("file", "audio")
            return web.json_response({"fields": form.fields, "files": files, "file": file and file.name})

    routes = [web.post("/body", body), web.post("/form", form)]
    async with TestClient(TestServer(make_application(routes, max_body_bytes=APPLICATION_BYTES))) as client:
        yield client


def digest(content: bytes) -> str:
    """Return a short name of bytes."""
    return hashlib.sha256(content).hexdigest()


def nothing_left(uploads: Uploads) -> bool:
    """Tell whether the directory is empty."""
    return not list(uploads.directory.iterdir())


async def error_of(response: aiohttp.ClientResponse) -> tuple[int, str]:
    """Return the status and code of an error."""
    return response.status, (await response.json())["error"]["code"]


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, MOST_BYTES])
async def test_a_body_becomes_a_file(size: int, client: Client, uploads: Uploads) -> None:
    """A body of any length up to the limit is a file, far beyond what aiohttp itself would read, and is gone after."""
    content = os.urandom(size)
    response = await client.post("/body", data=io.BytesIO(content), headers={"Content-Type": "audio/wav; x=y"})
    assert await response.json() == {"digest": digest(content), "type": "audio/wav"}
    assert nothing_left(uploads)


async def test_a_body_that_is_too_large(client: Client, uploads: Uploads) -> None:
    """What says so is refused at once, what does not say at the limit; nothing stays on the disk."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(65_536)

    response = await client.post("/body", data=io.BytesIO(bytes(MOST_BYTES + 1)))
    assert await error_of(response) == (413, "message_too_large")
    with suppress(aiohttp.ClientConnectionError):  # the server may hang up on what it will not read
        assert await error_of(await client.post("/body", data=endless())) == (413, "message_too_large")
    assert nothing_left(uploads)


async def test_a_body_that_swells(client: Client, uploads: Uploads) -> None:
    """A compressed body counts as what comes out of it."""
    small = gzip.compress(bytes(50 * MOST_BYTES))
    response = await client.post("/body", data=small, headers={"Content-Encoding": "gzip"}, compress=None)
    assert await error_of(response) == (413, "message_too_large")
    assert nothing_left(uploads)


async def test_a_compressed_body_that_is_broken(client: Client, uploads: Uploads) -> None:
    """What says that it is compressed and is not is malformed."""
    response = await client.post("/body", data=b"not gzip" * 100, headers={"Content-Encoding": "gzip"}, compress=None)
    assert (await error_of(response))[0] == 400
    assert nothing_left(uploads)


@pytest.mark.parametrize("path", ["/body", "/form"])
async def test_a_sender_that_stalls(path: str, client: Client, uploads: Uploads) -> None:
    """Who stops sending is told so, and has left nothing."""
    uploads.limits = replace(LIMITS, stall_seconds=0.2)
    stop = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nRIFF'
        await stop.wait()

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = await client.post(path, data=slow(), headers=headers)
    assert await error_of(response) == (408, "idle_timeout")
    stop.set()
    assert nothing_left(uploads)


async def test_a_client_that_vanishes(client: Client, uploads: Uploads) -> None:
    """A connection that breaks leaves nothing."""
    _, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + bytes(400_000))
    await writer.drain()
    while nothing_left(uploads):  # noqa: ASYNC110  # a folder tells no events
        await asyncio.sleep(0)
    writer.close()
    await writer.wait_closed()
    while not nothing_left(uploads):  # noqa: ASYNC110  # same
        await asyncio.sleep(0)


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def add_file(form: aiohttp.FormData, field: str, content: bytes) -> None:
    """Add a file to a form."""
    form.add_field(field, content, filename=f"{field}.mp3", content_type="audio/mpeg")


@pytest.mark.parametrize("first", [True, False])
async def test_a_form(first: bool, client: Client, uploads: Uploads) -> None:
    """Fields keep their order and repeat; the file comes first or last, and may be larger than aiohttp's limit."""
    content = os.urandom(1_000_000)
    form = aiohttp.FormData(quote_fields=False)
    if first:
        add_file(form, "audio", content)
    for name, value in (("language", "de"), ("word[]", "Zürich"), ("word[]", "")):
        form.add_field(name, value)
    if not first:
        add_file(form, "audio", content)
    answer = await (await client.post("/form", data=form)).json()
    assert answer["fields"] == [["language", "de"], ["word[]", "Zürich"], ["word[]", ""]]
    assert answer["files"] == [["audio", "audio.mp3", "audio/mpeg", digest(content)]]
    assert answer["file"] == "audio.mp3"
    assert nothing_left(uploads)


async def test_files_of_a_form_count_together(client: Client, uploads: Uploads) -> None:
    """Several files have no more room than one."""

    async def pieces() -> AsyncIterator[bytes]:
        for name in ("a", "b"):
            yield f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'.encode()
            yield bytes(MOST_BYTES * 2 // 3) + b"\r\n"
        yield b"--x--\r\n"

    response = await client.post("/form", data=pieces(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert await error_of(response) == (413, "message_too_large")
    assert nothing_left(uploads)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "C:\\a.wav", "x" * 2_000])
async def test_a_name_is_never_a_path(name: str, client: Client, uploads: Uploads) -> None:
    """Whatever a client calls its file, it is written where uploads are."""
    form = aiohttp.FormData()
    form.add_field("file", b"abc", filename=name)
    response = await client.post("/form", data=form)
    assert response.status in (200, 400)
    assert nothing_left(uploads)
    assert not list(uploads.directory.parent.glob("passwd"))


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", (400, "invalid_configuration")),
        (b"no boundary at all", (400, "invalid_configuration")),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n", (400, "invalid_configuration")),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n', (400, "invalid_configuration")),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n", (400, "invalid_configuration")),
        (b"--x\r\nA: " + b"b" * 100_000 + b"\r\n\r\nabc\r\n--x--\r\n", (400, "invalid_configuration")),
        (b"--x\r\n" + b"A: b\r\n" * 10_000 + b"\r\nabc\r\n--x--\r\n", (400, "invalid_configuration")),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + bytes(MOST_FIELD_BYTES + 1) + b"\r\n--x--\r\n",
            (413, "message_too_large"),
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * (MOST_PARTS + 1) + b"--x--\r\n",
            (400, "invalid_configuration"),
        ),
    ],
)
async def test_forms_that_are_none(body: bytes, answer: tuple[int, str], client: Client, uploads: Uploads) -> None:
    """A broken form is refused in our words."""
    response = await client.post("/form", data=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert await error_of(response) == answer
    assert nothing_left(uploads)


async def test_a_body_that_is_no_form(client: Client) -> None:
    """A form was asked for."""
    response = await client.post("/form", json={})
    assert await error_of(response) == (400, "invalid_configuration")
    response = await client.post("/form", data=b"x", headers={"Content-Type": "multipart/form-data"})
    assert await error_of(response) == (400, "invalid_configuration")


# ── the disk ────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Have the system refuse to let files of this process grow further."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_is_full(client: Client, uploads: Uploads) -> None:
    """When the system takes no more, the client hears it, and what was written is gone."""
    with files_of_at_most(700_000):
        response = await client.post("/body", data=bytes(1_000_000))
        assert await error_of(response) == (507, "storage_full")
    assert nothing_left(uploads)


async def test_the_last_of_the_disk_is_left_alone(client: Client, uploads: Uploads) -> None:
    """An upload never takes the room that others need."""
    uploads.limits = ReceivingLimits(max_bytes=MOST_BYTES, stall_seconds=5, reserve_bytes=1 << 60)
    response = await client.post("/body", data=b"abc")
    assert await error_of(response) == (507, "storage_full")
    assert nothing_left(uploads)


# ── who may send at all ─────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def taking(uploads: Uploads) -> AsyncIterator[Client]:
    """Give a client of routes that take a body, or a form, of the organisation that the query names."""

    async def body(request: web.Request) -> web.Response:
        async with uploads.read_body_to_file(request, Principal(organisation=request.query["of"])) as upload:
            return web.json_response({"size": upload.size})

    async def form(request: web.Request) -> web.Response:
        async with uploads.read_form(request, Principal(organisation=request.query["of"])) as form:
            return web.json_response({"size": sum(file.size for file in form.files)})

    routes = [web.post("/body", body), web.post("/form", form)]
    async with TestClient(TestServer(make_application(routes, max_body_bytes=APPLICATION_BYTES))) as client:
        yield client


class Slow:
    """A body of which some comes at once (aiohttp's client sends its head along) and the rest when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        yield b"x"
        self.asked.set()
        await self.go_on.wait()
        yield b"the rest"


@pytest.mark.parametrize("path", ["/body", "/form"])
async def test_who_has_no_quota_is_refused_before_anything_comes(tmp_path: Path, path: str) -> None:
    """The answer waits for no byte of the body, and nothing was written."""

    async def refuse(principal: Principal, session_id: str) -> None:
        assert (principal.organisation, len(session_id)) == ("acme", 32)
        raise QuotaExceeded("nothing is left")

    slow = Slow()
    headers = {"Content-Type": "multipart/form-data; boundary=x"} if path == "/form" else {}
    uploads = open_uploads(tmp_path, LIMITS, require_quota=refuse)
    async with taking(uploads) as client:
        async with client.post(f"{path}?of=acme", data=slow.pieces(), headers=headers) as answer:
            assert await error_of(answer) == (402, "quota_exceeded")
            assert not slow.go_on.is_set()
            slow.go_on.set()
        assert nothing_left(uploads)


async def test_an_organisation_sends_so_many_at_once(tmp_path: Path) -> None:
    """The next is refused before anything of it comes; others' are not, and when one has ended there is a place."""
    uploads, first = open_uploads(tmp_path, LIMITS, most_requests=1), Slow()
    async with taking(uploads) as client:
        sending = asyncio.ensure_future(client.post("/body?of=acme", data=first.pieces()))
        await first.asked.wait()
        late = Slow()
        async with client.post("/body?of=acme", data=late.pieces()) as answer:
            assert await error_of(answer) == (429, "too_many_uploads")
            late.go_on.set()
        async with client.post("/body?of=globex", data=b"abc") as answer:
            assert await answer.json() == {"size": 3}
        first.go_on.set()
        async with await sending as answer:
            assert await answer.json() == {"size": len(b"xthe rest")}
        async with client.post("/body?of=acme", data=b"abc") as answer:
            assert await answer.json() == {"size": 3}


async def test_an_organisation_sends_so_many_bytes_at_once(tmp_path: Path) -> None:
    """All that comes for it counts together, until it is gone."""
    uploads = open_uploads(tmp_path, LIMITS, most_bytes=PIECE_BYTES + 1_000)
    async with taking(uploads) as client:
        async with uploads.share(ACME) as grow:
            grow(PIECE_BYTES)
            async with client.post("/body?of=acme", data=bytes(1_001)) as answer:
                assert await error_of(answer) == (429, "too_many_uploads")
            async with client.post("/body?of=globex", data=bytes(1_001)) as answer:
                assert answer.status == 200
        async with client.post("/body?of=acme", data=bytes(PIECE_BYTES)) as answer:
            assert answer.status == 200
    assert nothing_left(uploads)


async def test_base64_counts_among_the_rest(tmp_path: Path) -> None:
    """Text that becomes a file takes a share as an upload does."""
    uploads = open_uploads(tmp_path, LIMITS, most_requests=1)
    async with uploads.share(ACME):
        with pytest.raises(TooManyUploads):
            async with uploads.decode_base64_to_file("QUJD", ACME):
                pass
    async with uploads.decode_base64_to_file("QUJD", ACME) as upload:
        assert upload.size == 3


async def test_the_folder_is_never_larger_than_it_may_be(tmp_path: Path) -> None:
    """Whoever wrote what is there already, what comes is refused when all of it would be too much."""
    (tmp_path / "upload-of-another-process").write_bytes(bytes(1_000))
    uploads = open_uploads(tmp_path, replace(LIMITS, folder_bytes=1_500))
    async with taking(uploads) as client:
        async with client.post("/body?of=acme", data=bytes(501)) as answer:
            assert await error_of(answer) == (507, "storage_full")
        async with client.post("/body?of=acme", data=bytes(500)) as answer:
            assert answer.status == 200


def test_what_a_crash_left_is_swept(uploads: Uploads) -> None:
    """Old files go at the start, those of a request that runs beside it stay."""
    old, new, foreign = (uploads.directory / name for name in ("upload-1", "upload-2", "else"))
    for path in (old, new, foreign):
        path.touch()
    for path in (old, foreign):
        os.utime(path, (0, time.time() - 100_000))
    uploads.sweep()
    assert sorted(uploads.directory.iterdir()) == [foreign, new]


# ── base64 ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: text.rstrip("="),
        lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
        lambda text: f"data:audio/wav;base64,{text}",
    ],
)
async def test_base64(written: Callable[[str], str], uploads: Uploads) -> None:
    """Text becomes the bytes it stands for, as clients write it."""
    content = os.urandom(500_000)
    async with uploads.decode_base64_to_file(written(base64.b64encode(content).decode()), ACME) as upload:
        assert upload.path.read_bytes() == content
        assert upload.size == len(content)
    assert nothing_left(uploads)


@pytest.mark.parametrize("text", ["a", "äöü", "QUJD*", "QQ==QQ==", "data:audio/wav,abcd", "=" * 8])
async def test_what_is_not_base64(text: str, uploads: Uploads) -> None:
    """Anything else is refused, and not decoded as far as it goes."""
    with pytest.raises(InvalidData):
        async with uploads.decode_base64_to_file(text, ACME):
            pass
    assert nothing_left(uploads)


async def test_base64_has_the_same_limit(uploads: Uploads) -> None:
    """Text makes no larger files than uploads do."""
    with pytest.raises(MessageTooLarge):
        async with uploads.decode_base64_to_file("A" * (MOST_BYTES * 4 // 3 + 8), ACME):
            pass
    assert nothing_left(uploads)
