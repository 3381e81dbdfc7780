"""Words are data: whatever is said, the page shows it as text."""

from __future__ import annotations

import json

from playwright.async_api import Browser, WebSocketRoute

from tests.browser.chromium import Microphone
from tests.browser.speech import clips
from tests.browser.test_live import begin, said, stop
from tests.browser.visitor import Visitor
from tests.child_server import RATE, ChildServer

HOSTILE = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>\u202eevil"


def disguise(message: str | bytes) -> str | bytes:
    """Put hostile words in the place of a final's first."""
    if isinstance(message, bytes) or (told := json.loads(message))["type"] != "final":
        return message
    told["words"][0]["text"] = HOSTILE
    told["text"] = " ".join(word["text"] for word in told["words"])
    return json.dumps(told)


async def test_markup_that_is_said_is_shown(browser: Browser, scripted: ChildServer, microphone: Microphone) -> None:
    """Elements that are spoken of do not come into being, and nothing runs."""
    microphone.hears(clips("weather")[0], RATE)
    context = await browser.new_context()
    visitor = Visitor(await context.new_page())

    async def between(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda message: route.send(disguise(message)))

    await visitor.page.route_web_socket("**/v1/stream", between)
    await visitor.page.goto(scripted.url)
    await begin(visitor)
    await visitor.page.get_by_text("onerror").first.wait_for()
    await stop(visitor)
    assert "<script>window.ran=1</script>" in await said(visitor)
    assert await visitor.page.locator("#live-turns img, #live-turns script").count() == 0
    assert await visitor.page.evaluate("window.ran") is None
    assert visitor.complaints == []
    await context.close()
