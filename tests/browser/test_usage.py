"""The usage view says what the server says."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.speech import clips
from tests.child_server import ChildServer, billed, native


async def test_numbers_are_those_of_the_server(visit: Visit, attentive: ChildServer) -> None:
    """Seconds, H:MM:SS and sessions on the page equal those that `/v1/usage` tells."""
    before = await billed(attentive.directory)
    async with native(attentive) as client:
        await client.speak(clips("weather")[0], speed=0)
        await client.finish()
    await billed(attentive.directory, at_last=before + client.sent)  # its end is told before it is written down
    _, report, _ = await attentive.get("/v1/usage?group_by=day,kind&format=json")
    seconds = sum(row["billable_seconds"] for row in report["rows"])
    sessions = sum(row["sessions"] for row in report["rows"])
    visitor = await visit(attentive.url + "/#/usage")
    page = visitor.page
    whole = int(seconds)
    clock = f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    await expect(page.locator("#usage-total")).to_have_text(clock)
    cells = await page.locator("#usage-rows tr").last.locator("td").all_inner_texts()
    assert cells[2] == clock
    assert float(cells[3]) == round(seconds, 1)
    assert int(cells[4]) == sessions
    assert await page.locator("#usage-chart rect").count() >= 1
