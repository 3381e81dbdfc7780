"""The speakers view: somebody is enrolled, is listed, and is forgotten."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.sound_files import wav
from tests.browser.speech import turns_of
from tests.child_server import RATE, ChildServer


async def test_a_voice_is_enrolled_listed_and_deleted(visit: Visit, attentive: ChildServer) -> None:
    """A file that will do makes somebody known, one that is too short says why not; Delete asks, and forgets."""
    visitor = await visit(attentive.url + "/#/speakers")
    page = visitor.page
    await page.locator("body[data-ready]").wait_for()
    speech = turns_of("Ben", until=23)
    await page.locator("#enroll-name").fill("Ana")
    await page.locator("#enroll-file").set_input_files(wav("short.wav", speech[: RATE // 2]))
    await page.locator("#enroll-result.wrong").wait_for()
    assert await page.locator("#voices [data-enrolled]").count() == 0
    await page.locator("#enroll-file").set_input_files(wav("ana.wav", speech))
    await page.locator("#enroll-result.good").wait_for()
    assert "Ana" in await page.locator("#enroll-result").inner_text()
    row = page.locator("#voices [data-enrolled]")
    await expect(row.locator("[data-part=name]")).to_have_text("Ana")
    await row.get_by_role("button").click()
    await page.locator("#confirm-yes").click()
    await expect(page.locator("#voices [data-enrolled]")).to_have_count(0)
    await expect(page.locator("#voices-empty")).to_be_visible()
    visitor.forgive("422|400")  # the sample that was too short
