"""How words are to be written is chosen on the page, before a live session and before a file is handed in."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.accessibility import problems
from tests.browser.chromium import Microphone
from tests.browser.conftest import Visit
from tests.browser.sound_files import wav
from tests.browser.speech import clips, meeting_until
from tests.browser.test_reading import tab_to
from tests.child_server import RATE, ChildServer

CHOSEN = "no capitals, no “uh”, 2 kinds masked, 3 words of your own"
OWN = "alpha: bravo, charlie delta\n<b>echo</b>: echo"


async def fill(page: Page, place: str, **fields: str) -> None:
    """Write into the panel's fields."""
    for name, text in fields.items():
        await page.locator(f"{place} [data-part={name}]").fill(text)


async def test_what_is_chosen_is_what_is_written(visit: Visit, scripted: ChildServer, microphone: Microphone) -> None:
    """By keyboard, for everybody: an unclear line is named, recordings are written so, and a record once more."""
    microphone.hears(clips("weather")[0], RATE)
    visitor = await visit(scripted.url)
    page = visitor.page
    await page.locator("body[data-ready]").wait_for()
    await tab_to(page, "#live-text summary")
    await page.keyboard.press("Enter")
    for part in ("capitals", "noFillers", "mask-card", "mask-names"):
        await tab_to(page, f"#live-text [data-part={part}]")
        await page.keyboard.press("Space")
    for scheme in ("light", "dark"):
        await page.evaluate("scheme => { document.documentElement.dataset.theme = scheme; }", scheme)
        assert await problems(page) == [], scheme
    await fill(page, "#live-text", names="Ana", terms=OWN, replacements="golf = Bu Ani\nhotel")
    await page.locator("#start").click()
    unclear = page.locator("#live-text [data-part=replacements]")
    await expect(unclear).to_be_focused()
    await expect(unclear).to_have_accessible_description(re.compile("Line 2"))
    assert await problems(page) == []
    await fill(page, "#live-text", replacements="golf = Bu Ani")
    await expect(page.locator("#live-text [data-part=wrong]")).to_be_hidden()
    await page.locator("#start").click()
    await page.locator("#live-bar[data-state=open]").wait_for()
    start = next(message for message in visitor.wires[0].sent if message["type"] == "start")
    assert start["formatting"] == {
        "capitals": False,
        "fillers": False,
        "vocabulary": [
            {"text": "alpha", "sounds_like": ["bravo", "charlie delta"]},
            {"text": "<b>echo</b>", "sounds_like": ["echo"]},
        ],
        "replace": [{"find": "golf", "replace": "Bu Ani"}],
        "redact": ["card", "names"],
        "redact_names": ["Ana"],
    }
    await page.locator("#stop").click()
    await page.locator("#live-bar[data-state=closed]").wait_for()

    await page.goto(scripted.url + "/#/recordings")
    await page.reload()
    await expect(page.locator("#upload-text [data-part=told]")).to_have_text(CHOSEN)
    await page.locator("#upload-files").set_input_files(wav("Retro.wav", meeting_until(17)[0]))
    await page.locator("[data-job][data-phase=complete]").first.wait_for(timeout=60_000)
    await page.locator("[data-job] [data-action=open]").first.click()
    words = page.locator("#record-turns .words").first
    await expect(words).to_contain_text("Bu Ani")
    await expect(words).to_contain_text("<b>echo</b>")
    assert "bravo" not in (kept := await words.inner_text())

    await page.locator("#rewrite > summary").click()
    await expect(page.locator("#rewrite-text [data-part=terms]")).to_have_value(OWN)
    await page.locator("#rewrite-text [data-part=mask-card]").uncheck()
    await fill(page, "#rewrite-text", terms="", replacements="alpha = zulu")
    await page.locator("#rewrite-submit").click()
    await expect(page.locator("#rewrite-written")).to_be_focused()
    await expect(page.locator("#rewrite-written")).to_contain_text("zulu")
    assert await problems(page) == []
    assert await words.inner_text() == kept

    await page.locator("nav [data-to=live]").click()
    await expect(page.locator("#live-text [data-part=told]")).to_have_text(CHOSEN)
    await page.reload()
    await expect(page.locator("#live-text [data-part=told]")).to_have_text(CHOSEN)
    await expect(page.locator("#live-text [data-part=mask-card]")).to_be_checked()


async def test_what_is_wrong_is_said_of_its_field_until_it_is_mended(visit: Visit, scripted: ChildServer) -> None:
    """Whoever cannot see hears it with that field alone, and no more once it is mended in whichever panel."""
    visitor = await visit(scripted.url)
    page = visitor.page
    await page.locator("body[data-ready]").wait_for()
    terms, replacements, wrong = (
        page.locator(f"#live-text [data-part={part}]") for part in ("terms", "replacements", "wrong")
    )
    await page.locator("#live-text summary").click()
    for place, view in (("#live-text", "live"), ("#upload-text", "recordings")):
        await fill(page, "#live-text", replacements="hotel")
        await page.locator("#start").click()
        await expect(replacements).to_have_accessible_description(re.compile("Line 1"))
        await expect(replacements).to_have_attribute("aria-invalid", "true")
        await expect(terms).to_have_accessible_description(
            "One a line, or with what it sounds like: Meemo: mimo, me mo"
        )

        await page.locator(f"nav [data-to={view}]").click()
        await page.locator(f"{place} details").evaluate("panel => { panel.open = true; }")
        await fill(page, place, replacements="hotel = India")
        await page.locator("nav [data-to=live]").click()
        await expect(replacements).to_have_value("hotel = India")
        await expect(replacements).to_have_accessible_description("One a line: boss = Ms. Ani")
        await expect(replacements).to_have_attribute("aria-invalid", "false")
        await expect(wrong).to_be_hidden()
        await expect(wrong).to_be_empty()
    await page.locator("#language-select").select_option("id")
    await expect(wrong).to_be_empty()
