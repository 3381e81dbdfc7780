"""Take pictures of every view, light, dark and as wide as a phone, to look at.

PYTHONPATH=. python tests/browser/screenshots.py
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, ViewportSize

from tests.browser.chromium import Microphone, chromium
from tests.browser.servers import running_server
from tests.browser.speech import meeting_until
from tests.child_server import RATE

IMAGES = Path(sys.argv[1])
VIEWS = ("live", "recordings", "speakers", "usage")
DESK: ViewportSize = {"width": 1000, "height": 700}
PHONE: ViewportSize = {"width": 390, "height": 760}
SECONDS = 17


async def take(browser: Browser, url: str, name: str, size: ViewportSize, scheme: str) -> None:
    """Take all pictures of one kind; what was said before them fills the lists."""
    context = await browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="en-GB")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(url)
    await page.locator("body[data-ready]").wait_for()
    await page.screenshot(path=IMAGES / f"start-{name}.png")
    await page.locator("#start").click()
    await asyncio.sleep(SECONDS)
    await page.screenshot(path=IMAGES / f"live-{name}.png")
    await page.locator("#stop").click()
    await page.locator("#live-bar[data-state=closed]").wait_for()
    for view in VIEWS[1:]:
        await page.goto(f"{url}/#/{view}")
        await asyncio.sleep(1)
        await page.screenshot(path=IMAGES / f"{view}-{name}.png")
    await context.close()


async def main() -> None:
    """Write them all."""
    with tempfile.TemporaryDirectory() as directory:
        microphone = Microphone(Path(directory))
        microphone.hears(meeting_until(31)[0], RATE)
        async with (
            chromium(microphone) as browser,
            running_server("--engine", "whisper", "--model", "tiny.en") as server,
        ):
            kinds = (("light", DESK, "light"), ("dark", DESK, "dark"), ("phone", PHONE, "light"))
            await asyncio.gather(*(take(browser, server.url, *kind) for kind in kinds))


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())
