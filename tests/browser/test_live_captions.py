"""The `<live-captions>` element: the microphone is open only as long as somebody wants it to be."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, WebSocketRoute, expect

from tests.browser.chromium import Microphone
from tests.browser.conftest import Visit
from tests.browser.speech import clips
from tests.browser.test_waiting import ASK_SLOWLY, microphone_is_closed
from tests.browser.visitor import Visitor
from tests.child_server import RATE, ChildServer

PUT = """async () => {
    await import("/client/live-captions.js");
    document.body.prepend(document.createElement("live-captions"));
}"""

WATCH_WHAT_IS_READ_ALOUD = """(element) => {
    window.taken = [];
    const log = element.shadowRoot.querySelector("[role=log]");
    const note = (changes) => changes.forEach(({ removedNodes }) =>
      window.taken.push(...[...removedNodes].map((node) => node.textContent)));
    new MutationObserver(note).observe(log, { childList: true, subtree: true });
}"""


async def put(visit: Visit, server: ChildServer) -> tuple[Visitor, Locator]:
    """Return a page that holds the element, and the element's button."""
    visitor = await visit(server.url)
    await visitor.page.evaluate(PUT)
    return visitor, visitor.page.locator("live-captions").get_by_role("button")


@pytest.mark.parametrize("leave", ["element.stop()", "element.remove()"])
async def test_nobody_listens_who_stopped_before_the_permission(
    visit: Visit, scripted: ChildServer, leave: str
) -> None:
    """Stopped, or taken out of the page while the browser asks, the element closes the microphone that it then gets."""
    visitor, button = await put(visit, scripted)
    page = visitor.page
    await page.evaluate(ASK_SLOWLY)
    await button.click()
    await expect(button).to_have_text("Stop captions")
    await page.evaluate(f"const element = document.querySelector('live-captions'); {leave}")
    await page.evaluate("permission.resolve()")
    await microphone_is_closed(page)
    assert visitor.wires == []


async def test_a_session_that_dies_closes_the_microphone_and_says_why(
    visit: Visit, scripted: ChildServer, microphone: Microphone
) -> None:
    """The button offers to start again, and the reason stays to be read."""
    microphone.hears(clips("train")[0], RATE)
    visitor, button = await put(visit, scripted)
    page = visitor.page
    routes: list[WebSocketRoute] = []

    def connect(route: WebSocketRoute) -> None:
        routes.append(route)
        route.connect_to_server()

    await page.route_web_socket("**/v1/stream", connect)
    await page.evaluate(ASK_SLOWLY)
    await page.evaluate("permission.resolve()")
    await button.click()
    await expect(page.locator("live-captions").get_by_role("status")).to_have_text("Listening")
    await routes[0].close(code=4005, reason="quota_exceeded: the quota is used up")
    await microphone_is_closed(page)
    await expect(button).to_have_text("Start captions")
    await expect(page.locator("live-captions").get_by_role("status")).to_have_text("the quota is used up")


async def test_what_was_read_aloud_is_not_read_again(
    visit: Visit, attentive: ChildServer, microphone: Microphone
) -> None:
    """A turn that grows is added to, not written anew."""
    microphone.hears(clips("weather", "short")[0], RATE)
    visitor, button = await put(visit, attentive)
    await visitor.page.locator("live-captions").evaluate(WATCH_WHAT_IS_READ_ALOUD)
    await button.click()
    await visitor.until(lambda: len(visitor.of_type("final")) >= 2)
    await button.click()
    await visitor.until(lambda: visitor.of_type("closed"))
    assert await visitor.page.locator("live-captions").locator("[part~=text]").all_inner_texts()
    assert await visitor.page.evaluate("taken") == []
