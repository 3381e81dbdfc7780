"""The README's ten lines, copied into an empty page of somebody else's site, work."""

from __future__ import annotations

import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.browser.chromium import Microphone
from tests.browser.conftest import Visit
from tests.browser.servers import data_directory
from tests.browser.speech import clips, word_error_rate
from tests.child_server import RATE, ChildServer

[LINES] = re.findall(r"```html\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text("utf-8"), re.DOTALL)

ADDRESS = "http://127.0.0.1:8765"
"""Where the README has its server."""


class Site:
    """Somebody else's web server: an empty page with a few lines in it, and a way to a token for those who see it."""

    def __init__(self) -> None:
        self.page = ""
        self.server: ChildServer | None = None
        self.key = ""
        self.url = ""

    async def show(self, _request: web.Request) -> web.Response:
        """Answer with the page."""
        return web.Response(text=self.page, content_type="text/html")

    async def icon(self, _request: web.Request) -> web.Response:
        """Answer browsers that ask for one unasked."""
        return web.Response(status=204)

    async def token(self, _request: web.Request) -> web.Response:
        """Answer with a token, as the key's holder gets it."""
        assert self.server is not None
        headers = {"x-api-key": self.key}
        async with aiohttp.ClientSession(self.server.url, headers=headers) as http, http.post("/v1/tokens") as answer:
            return web.json_response(await answer.json())


@asynccontextmanager
async def other_site() -> AsyncIterator[Site]:
    """Run a site of another origin."""
    site, application = Site(), web.Application()
    application.add_routes(
        [web.get("/", site.show), web.get("/favicon.ico", site.icon), web.post("/my/token", site.token)]
    )
    runner = web.AppRunner(application)
    await runner.setup()
    socket = web.TCPSite(runner, "127.0.0.1", 0)
    await socket.start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()


async def make_key(directory: Path) -> str:
    """Make a key before the server starts, so that it needs one."""
    command = (sys.executable, "-m", "stream_server", "keys", "create", "--data-directory", str(directory))
    made = await create_subprocess_exec(*command, stdout=PIPE, stderr=DEVNULL)
    return (await made.communicate())[0].decode().strip()


async def test_the_ten_lines_show_what_is_said(visit: Visit, microphone: Microphone) -> None:
    """A click on the button, and words come; another, and the last of them is there."""
    speech, said = clips("weather", "short")
    microphone.hears(speech, RATE)
    async with other_site() as site, data_directory() as directory:
        flags = ("--engine", "whisper", "--model", "tiny.en", "--allowed-origins", site.url)
        site.server = await ChildServer.start(directory, *flags)
        site.page = LINES.replace(ADDRESS, site.server.url)
        visitor = await visit(site.url)
        await visitor.page.get_by_role("button", name="Start captions").click()
        await visitor.until(lambda: len(visitor.of_type("final")) >= 2)
        await visitor.page.get_by_role("button", name="Stop captions").click()
        await visitor.until(lambda: visitor.of_type("closed"))
        shown = " ".join(await visitor.page.get_by_role("log").locator("[part~=text]").all_inner_texts())
        assert word_error_rate(said, shown) < 0.15, shown
        await site.server.kill()


async def test_with_a_key_the_page_gets_a_token_from_its_own_site(visit: Visit, microphone: Microphone) -> None:
    """The key is never in the page; where the page's origin is allowed, the token opens the session."""
    microphone.hears(clips("short")[0], RATE)
    async with other_site() as site, data_directory() as directory:
        site.key = await make_key(directory)
        flags = ("--diarization", "false", "--allowed-origins", site.url)
        site.server = await ChildServer.start(directory, *flags)
        site.page = LINES.replace(ADDRESS, site.server.url).replace(
            "<live-captions ", '<live-captions token-url="/my/token" '
        )
        visitor = await visit(site.url)
        await visitor.page.get_by_role("button", name="Start captions").click()
        await visitor.until(lambda: visitor.of_type("final"))
        assert await visitor.page.get_by_role("log").locator("[part~=text]").first.inner_text()
        assert site.key not in await visitor.page.content()
        await visitor.page.close()  # or it asks for another token when the server is gone
        await site.server.kill()
