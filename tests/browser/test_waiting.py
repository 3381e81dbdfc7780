"""What the page does while it waits: for a permission, for a key, for a server that is away, for a record to grow."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.browser.chromium import Microphone
from tests.browser.conftest import Visit
from tests.browser.line import Line
from tests.browser.servers import data_directory
from tests.browser.speech import clips
from tests.browser.test_live import begin
from tests.browser.test_readme import make_key
from tests.browser.test_recovery import OPTIONS, WHAT_MUST_BE_COMPLAINED_OF
from tests.child_server import RATE, ChildServer

ASK_SLOWLY = """() => {
    window.microphones = [];
    window.permission = Promise.withResolvers();
    const open = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      window.asked = (window.asked ?? 0) + 1;
      await window.permission.promise;
      const stream = await open.call(this, constraints);
      window.microphones.push(...stream.getTracks());
      return stream;
    };
}"""

AGAIN_MS = 4_000
"""A session that runs is looked at again after so long (recordings/record_view.js)."""

RECORD: dict[str, Any] = {
    "id": "one",
    "kind": "live",
    "label": None,
    "meeting_id": "Standup",
    "started_at": "2026-11-27T10:00:00Z",
    "ended_at": None,
    "seconds": None,
    "language": "en",
    "tracks": ["left", "right"],
    "speakers": [{"id": 1, "name": None}],
    "segments": [
        {"utterance_id": "u1", "speaker": 1, "start_seconds": 0, "end_seconds": 1, "text": "Good morning.", "words": []}
    ],
}


async def test_a_sample_is_recorded_once_however_often_it_is_asked_for(visit: Visit, scripted: ChildServer) -> None:
    """A second press while the browser asks opens no second microphone, and Cancel ends the one that is open."""
    visitor = await visit(scripted.url + "/#/speakers")
    page = visitor.page
    await page.evaluate(ASK_SLOWLY)
    await page.locator("#enroll-name").fill("Ana")
    await page.locator("#enroll-record").click()
    await page.locator("#enroll-record").click(force=True)
    await page.locator("#enroll-name").press("Enter")
    await page.evaluate("permission.resolve()")
    await page.locator("#enroll-listening").wait_for()
    assert await page.evaluate("asked") == 1
    await page.locator("#enroll-cancel").click()
    await microphone_is_closed(page)
    await expect(page.locator("#enroll-record")).to_be_focused()


async def test_nobody_listens_who_has_left_before_the_permission(visit: Visit, scripted: ChildServer) -> None:
    """Who goes to another view while the browser asks leaves no microphone open."""
    visitor = await visit(scripted.url + "/#/speakers")
    page = visitor.page
    await page.evaluate(ASK_SLOWLY)
    await page.locator("#enroll-name").fill("Ana")
    await page.locator("#enroll-record").click()
    await page.locator("nav [data-to=usage]").click()
    await page.evaluate("permission.resolve()")
    await microphone_is_closed(page)
    await page.locator("nav [data-to=speakers]").click()
    assert await page.locator("#enroll-listening").is_hidden()


async def test_whoever_stops_need_not_wait_for_a_server_that_is_away(visit: Visit, microphone: Microphone) -> None:
    """After Stop, while the server is away, there is a way to end without the last words."""
    microphone.hears(clips("weather")[0], RATE)
    async with data_directory() as directory:
        server = await ChildServer.start(directory, *OPTIONS)
        visitor = await visit(server.url)
        page = visitor.page
        await begin(visitor)
        await page.locator("#live-bar[data-state=open]").wait_for()
        await expect(page.locator("#stop")).to_be_focused()
        await server.kill()
        await page.locator("#live-bar[data-state=reconnecting]").wait_for()
        await page.locator("#stop").click()
        await expect(page.locator("#give-up")).to_be_focused()
        await page.locator("#give-up").click()
        await page.locator("#live-bar[data-state=closed]").wait_for()
        await expect(page.locator("#again")).to_be_focused()
        assert "may be missing" in await page.locator("#notes").inner_text()
        visitor.forgive(WHAT_MUST_BE_COMPLAINED_OF)


async def test_an_outage_that_outlasts_the_pass_asks_for_the_key(visit: Visit, microphone: Microphone) -> None:
    """The sound is kept until the key has been given again; then the same session goes on."""
    microphone.hears(clips("weather", "question")[0], RATE)
    async with data_directory() as directory, Line() as line:
        key = await make_key(directory)
        server = await ChildServer.start(directory, *OPTIONS, "--max-token-seconds", "10")
        line.lead_to(server.url)
        visitor = await visit(line.url)
        page = visitor.page
        await sign_in(page, key)
        await begin(visitor)
        await page.locator("#live-bar[data-state=open]").wait_for()
        line.cut()
        await page.locator("#live-bar[data-state=reconnecting]").wait_for()
        await page.locator("#key-dialog[open]").wait_for()
        await line.mend()
        await expect(page.locator("#connection")).to_contain_text("until you give the key again")
        await sign_in(page, key)
        await page.locator("#live-bar[data-state=open]").wait_for()
        begun = [message["type"] for wire in visitor.wires for message in wire.sent]
        assert begun.count("start") == 1
        assert "resume" in begun
        await page.close()  # or it complains of the server that goes
        visitor.forgive(WHAT_MUST_BE_COMPLAINED_OF + "|401")
        await server.kill()


def silence() -> bytes:
    """Return a second of it as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(bytes(2 * RATE))
    return file.getvalue()


async def microphone_is_closed(page: Page) -> None:
    """Return once what was opened has ended."""
    states = "() => microphones.map(({ readyState }) => readyState)"
    while await page.evaluate(states) != ["ended"]:  # noqa: ASYNC110  (what a page does rings no bell)
        await asyncio.sleep(0.05)


async def sign_in(page: Page, key: str) -> None:
    """Give the key to the dialog that asks for it."""
    await page.locator("#key-dialog[open]").wait_for()
    await page.locator("#key-input").fill(key)
    await page.locator("#key-submit").click()
    await page.locator("#key-dialog:not([open])").wait_for(state="attached")


async def test_a_running_record_is_looked_at_through_a_failure(visit: Visit, scripted: ChildServer) -> None:
    """One failed look does not say that the record is missing, and once it has ended its sound is there."""
    answers = [(200, RECORD), (503, {}), (200, RECORD | {"ended_at": "2026-11-27T10:01:00Z", "seconds": 60})]
    asked: list[str] = []
    listened: list[str] = []

    async def answer(route: Route) -> None:
        if "/audio" in route.request.url:
            listened.append(route.request.url)
            await route.fulfill(status=200, body=silence(), content_type="audio/wav")
            return
        asked.append(route.request.url)
        status, told = answers[min(len(asked), len(answers)) - 1]
        await route.fulfill(status=status, body=json.dumps(told), content_type="application/json")

    visitor = await visit(scripted.url)
    page = visitor.page
    await page.clock.install()
    await page.route("**/v1/records/one**", answer)
    await page.evaluate("location.hash = '#/recordings/one'")
    await page.locator("#record-body").wait_for()
    await visitor.until(lambda: listened)
    while len(asked) < len(answers):
        assert await page.locator("#record-title").inner_text() == "Standup"
        await page.clock.fast_forward(AGAIN_MS)
    await visitor.until(lambda: len(listened) == 2)
    assert await page.locator("#record-title").inner_text() == "Standup"
    assert await page.locator("#record-wrong").inner_text() == ""
    visitor.forgive("503")


async def test_each_record_has_its_own_tracks(visit: Visit, scripted: ChildServer) -> None:
    """The next record with as many tracks shows its own names, its first track chosen."""

    async def answer(route: Route) -> None:
        if "/audio" in route.request.url:
            await route.fulfill(status=200, body=silence(), content_type="audio/wav")
            return
        names = ["left", "right"] if "/one" in route.request.url else ["Ana", "Budi"]
        told = RECORD | {"tracks": names, "ended_at": "2026-11-27T10:01:00Z", "seconds": 60}
        await route.fulfill(status=200, body=json.dumps(told), content_type="application/json")

    visitor = await visit(scripted.url)
    page = visitor.page
    await page.route("**/v1/records/*", answer)
    await page.route("**/v1/records/*/audio*", answer)
    await page.evaluate("location.hash = '#/recordings/one'")
    await page.locator("#record-track").select_option("1")
    await page.evaluate("location.hash = '#/recordings/two'")
    await expect(page.locator("#record-track option")).to_have_text(["Ana", "Budi"])
    assert await page.locator("#record-track").input_value() == "0"
