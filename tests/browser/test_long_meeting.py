"""A long meeting costs the page what is near the screen, and yet all of it can be read, found and taken."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Page, WebSocketRoute

from tests.browser.chromium import Microphone, chromium
from tests.browser.test_live import begin
from tests.browser.test_reading import AT_THE_END
from tests.browser.visitor import Visitor
from tests.child_server import RATE, ChildServer, Message

UTTERANCES = 200
"""Each is somebody else's, so that as many turns are to be shown: a second of a meeting for each."""

LAID_OUT = """() => [...document.querySelectorAll("#live-turns .words")].filter((words) =>
    words.checkVisibility({ contentVisibilityAuto: true })).length"""

WATCH = """() => {
    const list = document.getElementById("live-turns");
    window.touched = [];
    window.aloud = [];
    new MutationObserver((changes) => touched.push(...changes.map(({ target }) =>
      [...list.children].findIndex((turn) => turn.contains(target)))))
      .observe(list, { subtree: true, childList: true, characterData: true, attributes: true });
    new MutationObserver((changes) => aloud.push(...changes.flatMap(({ addedNodes }) =>
      [...addedNodes].map(({ textContent }) => textContent))))
      .observe(document.getElementById("announcer"), { childList: true });
}"""

SELECT_ALL = """() => {
    getSelection().selectAllChildren(document.getElementById("live-turns"));
    return getSelection().toString();
}"""


def told(number: int, kind: str = "final") -> Message:
    """Return what the server says of an utterance: the words of a partial may still change."""
    at = {"start_sample": number * RATE, "end_sample": (number + 1) * RATE}
    seconds = {"start_seconds": float(number), "end_seconds": number + 1.0}
    speaker = {"id": number % 2 + 1, "name": None, "confidence": 1.0}
    words = [
        {"text": text, "confidence": 1.0, "speaker": speaker, **at, **seconds} for text in ("Word", f"number-{number}.")
    ]
    text = f"Word number-{number}."
    about = {
        "track": 0,
        "speaker": speaker,
        "utterance_id": f"u{number}",
        "language": "en",
        "lag_ms": 100,
        **at,
        **seconds,
    }
    if kind == "final":
        return {"type": kind, "sequence": number + 1, "text": text, "words": words, **about}
    unsure = {"stable_text": "", "tentative_text": text, "stable": [], "tentative": words}
    return {"type": kind, "last_sequence": number, **unsure, **about}


async def long_session(visitor: Visitor, url: str) -> WebSocketRoute:
    """Begin a session with a server that has all of a meeting ready; return the wire to say more on."""
    page = visitor.page
    wires: list[WebSocketRoute] = []

    def answer(wire: WebSocketRoute) -> None:
        wires.append(wire)

        def start(message: str | bytes) -> None:
            if isinstance(message, str) and json.loads(message)["type"] == "start":
                ready = {
                    "type": "ready",
                    "session_id": "s",
                    "sample_rate": RATE,
                    "tracks": ["track 1"],
                    "language": "en",
                }
                for each in (ready, *map(told, range(UTTERANCES))):
                    wire.send(json.dumps(each))

        wire.on_message(start)

    await page.route_web_socket("**/v1/stream", answer)
    await page.goto(url)
    await begin(visitor)
    await page.locator(f"[data-piece='u{UTTERANCES - 1}/0'][data-final=true]").wait_for()
    return wires[0]


async def read_by_screen_readers(page: Page) -> set[str]:
    """Return every text that the browser tells them of."""
    devtools = await page.context.new_cdp_session(page)
    tree: dict[str, Any] = await devtools.send("Accessibility.getFullAXTree")
    texts = [node for node in tree["nodes"] if node["role"]["value"] == "StaticText" and not node["ignored"]]
    return {node["name"]["value"] for node in texts}


async def test_what_is_far_away_costs_nothing_and_is_there(microphone: Microphone, scripted: ChildServer) -> None:
    """Few turns are laid out, new words touch one; yet all can be read, found and selected, and the end is in sight."""
    async with chromium(microphone, "--force-renderer-accessibility") as browser:
        page = await browser.new_page(reduced_motion="reduce")
        visitor = Visitor(page)
        wire = await long_session(visitor, scripted.url)
        await page.wait_for_function(AT_THE_END)
        assert await page.locator("#live-turns > [data-turn]").count() == UTTERANCES
        assert await page.evaluate(LAID_OUT) < UTTERANCES // 2

        await page.evaluate(WATCH)
        for kind in ("partial", "final"):
            wire.send(json.dumps(told(UTTERANCES, kind)))
        await page.locator(f"[data-piece='u{UTTERANCES}/0'][data-final=true]").wait_for()
        await page.wait_for_function(AT_THE_END)
        assert set(await page.evaluate("touched")) <= {-1, UTTERANCES}
        assert await page.evaluate("aloud") == [f"Speaker 1: Word number-{UTTERANCES}."]

        every = {f"Word number-{number}." for number in range(UTTERANCES + 1)}
        assert every <= await read_by_screen_readers(page)
        selected = await page.evaluate(SELECT_ALL)
        assert all(text in selected for text in every)
        await page.evaluate("getSelection().removeAllRanges()")
        assert await page.evaluate("window.find('number-3.')")
        await page.locator("#jump").click()
        await page.wait_for_function(AT_THE_END)
        await page.set_viewport_size({"width": 1280, "height": 300})
        await page.wait_for_function(AT_THE_END)
        assert visitor.complaints == []
