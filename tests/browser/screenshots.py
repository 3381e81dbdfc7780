"""Take the pictures of docs/page.md anew, to look at: every view, light, dark and on a phone.

PYTHONPATH=. python tests/browser/screenshots.py docs/images/page
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Page, ViewportSize

from tests.browser.chromium import Microphone, chromium
from tests.browser.servers import running_server
from tests.browser.sound_files import wav
from tests.browser.speech import meeting_until, turns_of
from tests.child_server import RATE

IMAGES = Path(sys.argv[1])
DESK: ViewportSize = {"width": 1120, "height": 760}
PHONE: ViewportSize = {"width": 360, "height": 740}
KINDS: tuple[tuple[str, ViewportSize, Literal["light", "dark"]], ...] = (
    ("light", DESK, "light"),
    ("dark", DESK, "dark"),
    ("phone", PHONE, "light"),
)
SETTLED_MS = 400
"""After this the meter of the sound, which is drawn as sound comes, has the colours of the theme."""

PATIENCE_MS = 120_000
"""Recognition may have a busy machine; whoever takes pictures waits."""


async def take(page: Page, view: str, *, when: str = "body[data-ready]", top: str | None = None) -> None:
    """Take a view's pictures, each when something is there; `top` is scrolled to."""
    for name, size, scheme in KINDS:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        await page.wait_for_timeout(SETTLED_MS)
        await page.locator(when).first.wait_for()
        if top is not None:
            await page.locator(top).evaluate("element => element.scrollIntoView({ block: 'start' })")
        await page.screenshot(path=IMAGES / f"{view}-{name}.png", animations="disabled")


async def enroll(page: Page) -> None:
    """Make somebody known."""
    await page.locator("nav [data-to=speakers]").click()
    await page.locator("#enroll-name").fill("Anna Wijaya")
    await page.locator("#enroll-file").set_input_files(wav("anna.wav", turns_of("Anna", until=60)))
    await page.locator("#enroll-result.good").wait_for()
    await take(page, "speakers")


async def hand_in(page: Page) -> None:
    """Have recordings transcribed, and one read along with its sound."""
    await page.locator("nav [data-to=recordings]").click()
    files = page.locator("#upload-files")
    await files.set_input_files(wav("Interview.wav", meeting_until(17)[0]))
    await page.locator("[data-phase=complete]").wait_for()
    await files.set_input_files(
        [wav(f"{name}.wav", meeting_until(60)[0]) for name in ("Weekly call", "Quarterly review")]
    )
    await take(page, "recordings", when="[data-phase=in_progress]")
    await page.locator("[data-phase=complete]").nth(2).wait_for()
    await page.locator("[data-record] a").filter(has_text="Interview").click()
    await page.locator("#record-audio:not([hidden])").wait_for()
    await page.locator("#record-turns [data-word]").nth(12).click()
    await page.evaluate("document.getElementById('record-audio').pause()")
    await take(page, "record", when="#record-turns .now", top="body")


async def listen(page: Page) -> None:
    """Choose what is to be heard and how it is written, and read what is said."""
    await page.locator("nav [data-to=live]").click()
    await take(page, "setup")
    text = page.locator("#live-text > details > summary")
    await text.click()
    for part in ("noFillers", "mask-card"):
        await page.locator(f"#live-text [data-part={part}]").check()
    await page.locator("#live-text [data-part=terms]").fill("Meemo: mimo, me mo")
    await take(page, "text", top="#live-text")
    await text.click()
    await page.locator("#start").click()
    await page.locator("#live-turns [data-final=true]").nth(3).wait_for()
    await take(page, "live", when="#live-turns .tentative")
    await page.locator("#stop").click()
    await page.locator("#live-bar[data-state=closed]").wait_for()


async def main() -> None:
    """Write them all; whoever was enrolled and what was said before fill the lists."""
    with tempfile.TemporaryDirectory() as directory:
        microphone = Microphone(Path(directory))
        microphone.hears(meeting_until(60)[0], RATE)
        async with (
            chromium(microphone) as browser,
            running_server("--engine", "whisper", "--model", "tiny.en") as server,
        ):
            page = await browser.new_page(viewport=DESK, locale="en-GB")
            page.set_default_timeout(PATIENCE_MS)
            await page.goto(server.url)
            await page.locator("body[data-ready]").wait_for()
            await enroll(page)
            await hand_in(page)
            await listen(page)
            await page.locator("nav [data-to=usage]").click()
            await page.locator("#usage-range").select_option("7")
            await take(page, "usage", when="#usage-rows tr")


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())
