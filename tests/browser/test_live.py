"""The live view, with a recording for a microphone."""

from __future__ import annotations

import json
import re

from tests.browser.chromium import LAN_HOST, Microphone
from tests.browser.conftest import Visit
from tests.browser.servers import data_directory
from tests.browser.speech import clips, word_error_rate
from tests.browser.test_readme import make_key
from tests.browser.visitor import Visitor
from tests.child_server import RATE, ChildServer

MOST_WRONG = 0.08
"""What tests/asr/test_live_path.py holds the live path to on the same clips."""


async def begin(visitor: Visitor) -> None:
    """Start to listen to the microphone."""
    await visitor.page.locator("body[data-ready]").wait_for()
    await visitor.page.locator("#start").click()


async def said(visitor: Visitor) -> str:
    """Return the words that stand on the page."""
    return " ".join(await visitor.page.locator("#live-turns .words").all_inner_texts())


async def stop(visitor: Visitor) -> None:
    """Stop and wait until everything has been said."""
    await visitor.page.locator("#stop").click()
    await visitor.page.locator("#live-bar[data-state=closed]").wait_for(timeout=60_000)


async def test_words_on_the_page_are_those_that_were_spoken(
    visit: Visit, recognising: ChildServer, microphone: Microphone
) -> None:
    """Partials come before finals, words are right within the live path's error rate, and stop loses no tail."""
    pcm, words = clips("weather", "question", "train")
    microphone.hears(pcm, RATE)
    visitor = await visit(recognising.url)
    await begin(visitor)
    await visitor.page.locator("#live-turns .tentative, #live-turns .said").first.wait_for(timeout=30_000)
    enough = len(pcm) + RATE // 2
    await visitor.until(lambda: len(visitor.audio_as_the_session_has_it()) >= enough)
    await stop(visitor)

    kinds = [message["type"] for wire in visitor.wires for message in wire.received]
    assert kinds.index("partial") < kinds.index("final")
    finals = visitor.of_type("final")
    heard = " ".join(word.get("spoken", word["text"]) for final in finals for word in final["words"])
    assert word_error_rate(words, heard) <= MOST_WRONG
    assert re.sub(r"\W", "", heard.lower()).endswith(("nine", "9"))
    assert (await said(visitor)).split() == " ".join(final["text"] for final in finals).split()
    assert "at 9:10" in await said(visitor)


async def test_what_was_said_can_be_taken_along(visit: Visit, scripted: ChildServer, microphone: Microphone) -> None:
    """The downloads hold the words on the page."""
    microphone.hears(clips("weather")[0], RATE)
    visitor = await visit(scripted.url)
    await begin(visitor)
    await visitor.until(lambda: visitor.of_type("final"))
    await stop(visitor)
    words = await said(visitor)
    first = words.split()[0]
    for name in ("txt", "md", "srt", "vtt", "json"):
        if not await visitor.page.locator("#download").evaluate("menu => menu.open"):
            await visitor.page.locator("#download summary").click()
        async with visitor.page.expect_download() as coming:
            await visitor.page.locator(f"#download [data-format={name}]").click()
        path = await (await coming.value).path()
        text = path.read_text("utf-8")
        assert first in text
        if name == "json":
            json.loads(text)


async def test_an_insecure_address_is_said_to_be_one(visit: Visit) -> None:
    """Without a secure context the page says what to do; it does not fail at the microphone."""
    async with data_directory() as directory:
        await make_key(directory)
        server = await ChildServer.start(directory, "--diarization", "false")
        visitor = await visit(server.url.replace("127.0.0.1", LAN_HOST))
        notice = visitor.page.locator("#insecure")
        await notice.wait_for()
        assert "--tls-self-signed" in await notice.inner_text()
        visitor.forgive("401|Cross-Origin-Opener-Policy")  # not let in yet; and a header that is for secure addresses
        await server.kill()


async def test_the_page_speaks_indonesian(visit: Visit, scripted: ChildServer) -> None:
    """A choice of language changes every sentence, and stays."""
    visitor = await visit(scripted.url)
    english = await visitor.page.locator("#start").inner_text()
    await visitor.page.locator("#language-select").select_option("id")
    assert await visitor.page.locator("html").get_attribute("lang") == "id"
    assert await visitor.page.locator("#start").inner_text() != english
    await visitor.page.reload()
    await visitor.page.locator("body[data-ready]").wait_for()
    assert await visitor.page.locator("html").get_attribute("lang") == "id"
