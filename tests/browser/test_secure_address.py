"""The server's own certificate, its tokens and its strict policy, as a real browser takes them."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.chromium import LAN_HOST
from tests.browser.servers import data_directory
from tests.browser.visitor import Visitor
from tests.child_server import ChildServer

EXCHANGE = """async (key) => {
  const headers = { Authorization: `Bearer ${key}` };
  const answer = await fetch("/v1/tokens", { method: "POST", headers });
  return (await answer.json()).token;
}"""

LISTEN = """(token) => new Promise((resolve) => {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/stream`, [`bearer.${token}`, "stream-server.v1.json"]);
  socket.onopen = () => socket.send('{"type": "start"}');
  socket.onmessage = (event) => resolve(JSON.parse(event.data).type);
  socket.onclose = () => resolve("closed");
})"""  # noqa: E501

INJECT = """async () => {
  const refused = [];
  document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
  const script = (fields) => Object.assign(document.createElement("script"), fields);
  const attempts = [
    () => document.body.insertAdjacentHTML("beforeend", "<b id=shown>words</b>"),
    () => { document.createElement("p").innerHTML = "<img src=x onerror='window.ran = true'>"; },
    () => document.body.append(script({ textContent: "window.ran = true" })),
    () => fetch("https://elsewhere.example/"),
    () => { new Image().src = "https://elsewhere.example/words.png"; },
  ];
  for (const attempt of attempts) try { await attempt(); } catch { }
  await new Promise((resolve) => setTimeout(resolve, 100));
  return [refused, Boolean(window.ran || document.getElementById("shown"))];
}"""


@dataclass(frozen=True)
class Secured:
    """A server at a name that is not this machine's own to the browser, and a key to it."""

    url: str
    key: str


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secured() -> AsyncIterator[Secured]:
    """Give a server with a certificate that it signed itself."""
    async with data_directory() as directory:
        command = (sys.executable, "-m", "stream_server", "keys", "create", "--data-directory", str(directory))
        made = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=DEVNULL)
        key = (await made.communicate())[0].decode().strip()
        flags = ("--tls-self-signed", "--tls-names", LAN_HOST, "--diarization", "false")
        server = await ChildServer.start(directory, *flags)
        yield Secured(server.url.replace("127.0.0.1", LAN_HOST), key)
        await server.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, secured: Secured) -> AsyncIterator[Page]:
    """Give the page to somebody who has accepted the certificate."""
    context = await browser.new_context(ignore_https_errors=True)
    page = await context.new_page()
    await page.goto(secured.url)
    yield page
    await context.close()


async def test_whoever_accepts_the_certificate_has_a_secure_page(page: Page, secured: Secured) -> None:
    """There is a microphone to ask for; a key becomes a token, with which a websocket opens under the page's policy."""
    visitor = Visitor(page)
    assert await page.evaluate("isSecureContext && 'mediaDevices' in navigator")
    token = await page.evaluate(EXCHANGE, secured.key)
    assert token.startswith("st_")
    assert await page.evaluate(LISTEN, token) == "ready"
    visitor.forgive("401")  # the page asks whether it is let in, before anybody has shown it a key
    assert visitor.complaints == []


async def test_nothing_runs_shows_or_leaves_that_the_page_did_not_mean(page: Page) -> None:
    """A line that forgot that words are data would fail instead of showing them as HTML; nothing is sent elsewhere."""
    refused, happened = await page.evaluate(INJECT)
    assert {"require-trusted-types-for", "connect-src", "img-src"} <= set(refused)
    assert not happened
