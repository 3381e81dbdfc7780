"""What turns the direction of text in one sentence leaves its neighbours where they were."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Page, Route

from tests.browser.conftest import Visit
from tests.browser.test_waiting import RECORD
from tests.child_server import ChildServer

TURNS_LEFT = "\u202e"
PLACES = """() => [...document.querySelectorAll("#record-turns [data-piece]")].map((piece) => {
    const range = document.createRange();
    range.selectNodeContents(piece);
    const { left, right, top } = range.getBoundingClientRect();
    return [left, right, top];
})"""
LETTERS = """(piece) => {
    const element = document.querySelectorAll("#record-turns [data-piece]")[piece];
    const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
    return [...text.data].map((_, at) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getBoundingClientRect().left;
    });
}"""


def record_of(*texts: str) -> dict[str, Any]:
    """Return a record in which somebody says these one after the other."""
    segments = [
        {
            "utterance_id": f"u{place}",
            "speaker": 1,
            "start_seconds": place,
            "end_seconds": place + 1,
            "text": text,
            "words": [],
        }
        for place, text in enumerate(texts)
    ]
    return RECORD | {"segments": segments, "ended_at": "2026-11-27T10:01:00Z", "seconds": 60}


async def shown(page: Page, *texts: str) -> list[list[float]]:
    """Show the record and return where its sentences stand."""

    async def answer(route: Route) -> None:
        told = (404, {}) if "/audio" in route.request.url else (200, record_of(*texts))
        await route.fulfill(status=told[0], body=json.dumps(told[1]), content_type="application/json")

    await page.route("**/v1/records/one**", answer)
    await page.evaluate("location.hash = '#/recordings'")
    await page.evaluate("location.hash = '#/recordings/one'")
    await page.locator("#record-turns [data-piece]").nth(len(texts) - 1).wait_for()
    places: list[list[float]] = await page.evaluate(PLACES)
    return places


async def test_an_override_ends_with_its_sentence(visit: Visit, scripted: ChildServer) -> None:
    """What is said before and after one stands left and right of it, and runs from left to right."""
    visitor = await visit(scripted.url)
    page = visitor.page
    await page.locator("body[data-ready]").wait_for()
    before, turned, after = await shown(page, "Good", f"{TURNS_LEFT}evil", "morning")
    assert before[1] <= turned[0]
    assert turned[1] <= after[0]
    assert before[2] == turned[2] == after[2]
    for neighbour in (0, 2):
        letters = await page.evaluate(LETTERS, neighbour)
        assert letters == sorted(letters)
    letters = (await page.evaluate(LETTERS, 1))[1:]
    assert letters == sorted(letters, reverse=True)
    visitor.forgive("404")  # a record without sound
