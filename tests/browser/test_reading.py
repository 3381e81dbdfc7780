"""Whoever reads a live session: by keyboard alone, with names of their own, at their own place, and takes it along."""

from __future__ import annotations

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.accessibility import problems
from tests.browser.chromium import Microphone
from tests.browser.conftest import Visit
from tests.browser.speech import clips, meeting_until
from tests.browser.test_live import begin, said, stop
from tests.browser.visitor import Visitor
from tests.child_server import RATE, ChildServer

LOW: ViewportSize = {"width": 390, "height": 300}
"""A screen that a few sentences fill."""

AT_THE_END = "() => document.documentElement.scrollHeight - innerHeight - scrollY < 100"
NAME = "[data-part=name]"


async def tab_to(page: Page, chosen: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(40):
        if await page.evaluate("chosen => document.activeElement.matches(chosen)", chosen):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {chosen}")


async def heard_people(visitor: Visitor, count: int) -> list[int]:
    """Return who have been told apart once they are so many, and what they said is final."""
    return list(
        await visitor.until(
            lambda: (
                len(found := sorted({final["speaker"]["id"] for final in visitor.of_type("final") if final["speaker"]}))
                >= count
                and found
            )
        )
    )


async def test_a_keyboard_is_enough(visit: Visit, scripted: ChildServer, microphone: Microphone) -> None:
    """Tab and Enter start a session and stop it; the focus never falls off the page."""
    microphone.hears(clips("weather")[0], RATE)
    visitor = await visit(scripted.url)
    page = visitor.page
    await page.locator("body[data-ready]").wait_for()
    await tab_to(page, "#start")
    await page.keyboard.press("Enter")
    await page.locator("#live-bar[data-state=open]").wait_for()
    await expect(page.locator("#stop")).to_be_focused()
    await visitor.until(lambda: visitor.of_type("final"))
    await page.keyboard.press("Enter")
    await page.locator("#live-bar[data-state=closed]").wait_for()
    await expect(page.locator("#again")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#start")).to_be_focused()


async def test_people_get_names_and_become_one(visit: Visit, attentive: ChildServer, microphone: Microphone) -> None:
    """While they speak: a new name stands wherever they spoke, two who are one become one, in the record as well."""
    microphone.hears(meeting_until(17)[0], RATE)
    visitor = await visit(attentive.url)
    page = visitor.page
    await begin(visitor)
    one, other = (page.locator(f"#live-turns [data-speaker='{each}']") for each in (await heard_people(visitor, 2))[:2])
    for scheme in ("light", "dark"):
        await page.locator("#theme-select").select_option(scheme)
        assert await problems(page) == [], scheme
    await one.first.get_by_role("button").click()
    assert await problems(page) == []
    await page.locator("#speaker-name").fill("Anna")
    await page.locator("#speaker-save").click()
    await expect(one.first.locator(NAME)).to_have_text("Anna")
    await other.first.get_by_role("button").click()
    await page.locator("#speaker-same").select_option(label="Anna")
    await page.locator("#speaker-save").click()
    await expect(other).to_have_count(0)
    await stop(visitor)
    record = str(await page.locator("#open-record").get_attribute("href")).rpartition("/")[2]
    _, kept, _ = await attentive.get(f"/v1/records/{record}")
    assert "Anna" in [speaker["name"] for speaker in kept["speakers"]]


async def test_a_reader_keeps_the_place_and_takes_the_words_along(
    visit: Visit, scripted: ChildServer, microphone: Microphone
) -> None:
    """New words stay in sight until somebody scrolls up; then nothing moves until Jump; Copy has the words."""
    microphone.hears(meeting_until(17)[0], RATE)
    visitor = await visit(scripted.url, viewport=LOW, permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page
    await begin(visitor)
    await visitor.until(lambda: visitor.of_type("final"))
    await page.wait_for_function("() => document.documentElement.scrollHeight - innerHeight > 200")
    assert await page.evaluate(AT_THE_END)
    await page.mouse.move(200, 200)
    await page.mouse.wheel(0, -2000)
    await page.locator("#jump:not([hidden])").wait_for()
    place, words = await page.evaluate("scrollY"), await said(visitor)
    await page.wait_for_function(
        "words => document.getElementById('live-turns').innerText.length > words + 20", arg=len(words)
    )
    assert await page.evaluate("scrollY") == place
    await page.locator("#jump").click()
    await page.wait_for_function(AT_THE_END)
    await page.locator("#jump").wait_for(state="hidden")
    await stop(visitor)
    await page.locator("#copy").click()
    await page.locator("#notes .note").first.wait_for()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert (await said(visitor)).split()[0] in copied
    assert (await said(visitor)).split()[-1] in copied
