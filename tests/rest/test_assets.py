"""Files for browsers: what is handed out, as what, and what is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from stream_server.errors import NotFound
from stream_server.rest.application import make_application
from stream_server.rest.assets import CONTENT_TYPES, answer_file, read_file

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of files, and something beside it."""
    folder = tmp_path / "page"
    (folder / "parts").mkdir(parents=True)
    (folder / "folder.js").mkdir()
    (folder / "main.js").write_text("export {};")
    (folder / "parts" / "one.css").write_text("p {}")
    (folder / "notes.txt").write_text("not for everybody")
    (folder / ".hidden.js").write_text("not for anybody")
    (tmp_path / "secret.js").write_text("secret")
    return folder


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    """Give a client of the folder."""

    async def file(request: web.Request) -> web.Response:
        return await answer_file(request, folder, request.match_info["name"], {"X-Ours": "yes"})

    async with TestClient(TestServer(make_application([web.get("/{name:.+}", file)], max_body_bytes=1))) as client:
        yield client


async def test_a_file_comes_as_what_it_is(client: Client) -> None:
    """With the headers that were asked for; browsers guess nothing and ask again each time."""
    for path, kind in (("/main.js", "text/javascript"), ("/parts/one.css", "text/css")):
        async with client.get(path) as answer:
            assert (answer.status, answer.content_type, answer.charset) == (200, kind, "utf-8")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert (answer.headers["Cache-Control"], answer.headers["X-Ours"]) == ("no-cache", "yes")


async def test_what_a_browser_has_is_not_sent_again(client: Client, folder: Path) -> None:
    """Until the file has changed, whatever its time says."""
    async with client.get("/main.js") as answer:
        tag = answer.headers["ETag"]
    for known, status in ((tag, 304), (f'"other", W/{tag}', 304), ("*", 304), ('"other"', 200)):
        async with client.get("/main.js", headers={"If-None-Match": known}) as answer:
            assert (answer.status, answer.headers["ETag"], answer.headers["X-Ours"]) == (status, tag, "yes")
            assert bool(await answer.read()) is (status == 200)
    (folder / "main.js").write_text("export  {}")
    async with client.get("/main.js", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.text()) == (200, "export  {}")


async def test_head_tells_all_but_the_file(client: Client) -> None:
    """Its length too."""
    async with client.head("/main.js") as answer:
        assert (answer.status, answer.content_type, answer.content_length) == (200, "text/javascript", 10)
        assert await answer.read() == b""


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.js",
        "/%2e%2e/secret.js",
        "/..%2fsecret.js",
        "/parts/../../secret.js",
        "/parts/%2e%2e/main.js",
        "//main.js",
        "/./main.js",
        "/main.js%00",
        "/main.js/",
        "/parts",
        "/.hidden.js",
        "/notes.txt",
        "/none.js",
        "/parts%5cone.css",
        f"/{'a' * 300}.js",
        "/main.js/more.js",
        "/folder.js",
    ],
)
async def test_everything_else_is_not_there(client: Client, path: str) -> None:
    """Neither what lies beside the folder, nor what is hidden, nor a second way to write a name."""
    url = URL(f"{client.make_url('/')}".rstrip("/") + path, encoded=True)
    async with client.session.get(url) as answer:
        assert answer.status == 404
        assert "secret" not in await answer.text()


@pytest.mark.parametrize("name", ["../secret.js", "/etc/passwd.js", "parts/../main.js", "a\nb.js", ""])
def test_a_name_that_leads_elsewhere_is_refused_however_it_came(folder: Path, name: str) -> None:
    """Whatever a router lets through."""
    with pytest.raises(NotFound):
        read_file(folder, name)


def test_an_absolute_name_is_no_way_out(folder: Path, tmp_path: Path) -> None:
    """Joining paths would follow it."""
    with pytest.raises(NotFound):
        read_file(folder, str(tmp_path / "secret.js"))


def test_every_suffix_is_one_that_browsers_know() -> None:
    """Modules are refused under any other type."""
    assert CONTENT_TYPES[".js"].startswith("text/javascript")
