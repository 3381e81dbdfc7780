"""A real browser, which all tests here share, and real servers for it to visit.

Everything here lives in one event loop, the session's, for a browser is slow to start.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import Microphone, chromium, find_chromium
from tests.browser.servers import running_server
from tests.browser.visitor import Visitor
from tests.child_server import ChildServer

HERE = Path(__file__).parent

PATIENCE_MS = 60_000
"""Playwright's own five seconds are short for a busy machine."""

expect.set_options(timeout=PATIENCE_MS)

Visit = Callable[..., Awaitable[Visitor]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and let it share a loop; without a browser say so."""
    away = find_chromium() is None
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if away:
            item.add_marker(pytest.mark.skip(reason="no chromium here (Debian: apt-get install chromium)"))


@pytest.fixture(scope="session")
def microphone() -> AsyncIterator[Microphone]:
    """Give what the browser has for a microphone; silent."""
    with tempfile.TemporaryDirectory(prefix="ss-microphone-") as directory:
        yield Microphone(Path(directory))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(microphone: Microphone) -> AsyncIterator[Browser]:
    """Give the browser."""
    async with chromium(microphone) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def recognising() -> AsyncIterator[ChildServer]:
    """Give a server with real recognition that tells voices apart."""
    async with running_server("--engine", "whisper", "--model", "tiny.en") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scripted() -> AsyncIterator[ChildServer]:
    """Give a server whose words are known beforehand, for pages where words do not matter."""
    async with running_server("--diarization", "false") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def attentive() -> AsyncIterator[ChildServer]:
    """Give a server whose words are known beforehand, but that tells voices apart, and knows who is enrolled."""
    async with running_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Give a factory of visits to pages; at their end the console must have had nothing to complain about."""
    visitors: list[Visitor] = []

    async def open_page(url: str, **options: Any) -> Visitor:
        context = await browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce"} | options)
        context.set_default_timeout(PATIENCE_MS)
        visitors.append(Visitor(await context.new_page()))
        await visitors[-1].page.goto(url)
        return visitors[-1]

    yield open_page
    for visitor in visitors:
        await visitor.page.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
