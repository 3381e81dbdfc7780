"""The recordings view: a file becomes a transcript that follows its sound."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.accessibility import problems
from tests.browser.conftest import Visit
from tests.browser.sound_files import wav
from tests.browser.speech import meeting_until
from tests.browser.visitor import Visitor
from tests.child_server import ChildServer

PHASES = """() => {
    window.phases = [];
    new MutationObserver(() => {
      const phase = document.querySelector("[data-job]")?.dataset.phase;
      if (phase && phases.at(-1) !== phase) phases.push(phase);
    }).observe(document.getElementById("jobs"), { subtree: true, childList: true, attributes: true });
}"""

SPOKEN = "#record-turns [data-word]"


async def hand_in(visitor: Visitor, server: ChildServer, name: str) -> Page:
    """Hand a recording in and wait until it is a transcript."""
    page = visitor.page
    await page.goto(server.url + "/#/recordings")
    await page.locator("body[data-ready]").wait_for()
    await page.evaluate(PHASES)
    await page.locator("#upload-files").set_input_files(wav(f"{name}.wav", meeting_until(17)[0]))
    await page.locator("[data-job][data-phase=complete]").first.wait_for(timeout=60_000)
    return page


async def test_a_file_becomes_a_transcript_that_follows_its_sound(visit: Visit, attentive: ChildServer) -> None:
    """Its way is shown; the word that is said is marked; a click on a word plays from there."""
    page = await hand_in(await visit(attentive.url), attentive, "Standup")
    phases = await page.evaluate("phases")
    assert phases[-1] == "complete"
    assert "uploading" in phases
    await page.locator("[data-job] [data-action=open]").first.click()
    await expect(page.locator("#record-title")).to_have_text("Standup")
    await page.locator("#record-audio:not([hidden])").wait_for()
    words = page.locator(SPOKEN)
    middle = words.nth(await words.count() // 2)
    place = int(await middle.get_attribute("data-word") or "")
    await middle.click()
    began = await page.evaluate("document.getElementById('record-audio').currentTime")
    assert 2 < began < 15
    await page.wait_for_function(
        "place => Number(document.querySelector('#record-turns .now')?.dataset.word) > place", arg=place
    )
    assert await page.evaluate("document.getElementById('record-audio').currentTime") > began
    await page.locator("#record-turns").focus()
    await page.keyboard.press("Space")
    await page.wait_for_function("() => document.getElementById('record-audio').paused")


async def test_a_record_is_for_everybody_and_can_be_deleted(visit: Visit, attentive: ChildServer) -> None:
    """Neither light nor dark shuts anybody out, a dialog neither; who speaks can be named; what is deleted is gone."""
    page = await hand_in(await visit(attentive.url), attentive, "Retro")
    await page.locator("[data-job] [data-action=open]").first.click()
    await page.locator(SPOKEN).first.wait_for()
    for scheme in ("light", "dark"):
        await page.locator("#theme-select").select_option(scheme)
        assert await problems(page) == [], scheme
    await page.locator("#record-turns .speaker").first.click()
    await page.locator("#speaker-dialog[open]").wait_for()
    for scheme in ("dark", "light"):
        await page.evaluate("scheme => { document.documentElement.dataset.theme = scheme; }", scheme)
        assert await problems(page) == [], scheme
    await page.locator("#speaker-name").fill("Ana")
    await page.locator("#speaker-save").click()
    await expect(page.locator("#record-turns [data-part=name]").first).to_have_text("Ana")
    record = page.url.rpartition("/")[2]
    await page.locator("#record-delete").click()
    await page.locator("#confirm-yes").click()
    await page.locator("#recordings-list").wait_for()
    await expect(page.locator(f"[data-record='{record}']")).to_have_count(0)
    assert (await attentive.get(f"/v1/records/{record}"))[0] == 404
