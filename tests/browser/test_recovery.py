"""The page recovers by itself from a server that dies and from a network that is away, in mid-sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from playwright.async_api import Locator, Page

from tests.browser.chromium import Microphone
from tests.browser.conftest import Visit
from tests.browser.line import Line
from tests.browser.servers import data_directory
from tests.browser.speech import meeting_until
from tests.browser.test_live import begin, said, stop
from tests.browser.visitor import Visitor
from tests.child_server import RATE, ChildServer, Message, native

OPTIONS = ("--diarization", "false")
WITHOUT_PARTIALS = ("--partial-interval-ms", "10000")
"""Longer than any utterance here: when partials come depends on the load, and with that what is committed when."""

AWAY_SECONDS = 15
WHAT_MUST_BE_COMPLAINED_OF = "WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE|Failed to load resource"


async def undisturbed(server: ChildServer, visitor: Visitor) -> list[tuple[int, int, str]]:
    """Return what a session that nothing happens to says of the same samples."""
    start = next(message for wire in visitor.wires for message in wire.sent if message["type"] == "start")
    options: Message = {name: value for name, value in start.items() if name not in ("type", "audio", "resumable")}
    async with native(server, **options) as client:
        await client.speak(visitor.audio_as_the_session_has_it(), speed=0)
        await client.finish()
    return client.said


def finals_once(visitor: Visitor) -> list[tuple[int, int, str]]:
    """Return the finals in order, each once by its sequence; what comes again must be the same."""
    by_sequence: dict[int, tuple[int, int, str]] = {}
    for final in visitor.of_type("final"):
        told = (final["start_sample"], final["end_sample"], final["text"])
        assert by_sequence.setdefault(final["sequence"], told) == told
    return [by_sequence[sequence] for sequence in sorted(by_sequence)]


async def heard(visitor: Visitor, seconds: float) -> None:
    """Return once so much sound has gone out."""
    await visitor.until(lambda: len(visitor.audio_as_the_session_has_it()) >= seconds * RATE)


@asynccontextmanager
async def killed_in_mid_sentence(
    visit: Visit, microphone: Microphone, options: Sequence[str], recovered: Callable[[Page], Locator]
) -> AsyncIterator[tuple[Visitor, ChildServer]]:
    """Give a page that was through `kill -9` and a restart, saw what shows that it has `recovered`, and was stopped."""
    pcm, _ = meeting_until(17)
    microphone.hears(pcm, RATE)
    async with data_directory() as directory, Line() as line:
        server = await ChildServer.start(directory, *options)
        line.lead_to(server.url)
        visitor = await visit(line.url)
        await begin(visitor)
        await heard(visitor, 8.5)
        await server.kill()
        await visitor.page.locator("#live-bar[data-state=reconnecting]").wait_for()
        server = await ChildServer.start(directory, *options)
        line.lead_to(server.url)
        await recovered(visitor.page).wait_for(timeout=60_000)
        await heard(visitor, len(pcm) / RATE + 1)
        await stop(visitor)
        yield visitor, server
        visitor.forgive(WHAT_MUST_BE_COMPLAINED_OF)
        await server.kill()


async def test_a_server_that_is_killed_and_started_again(visit: Visit, microphone: Microphone) -> None:
    """After `kill -9` in mid-sentence the page says what an undisturbed session says, no word lost or doubled."""
    async with killed_in_mid_sentence(
        visit, microphone, OPTIONS, lambda page: page.locator("#live-bar[data-state=open]")
    ) as (visitor, server):
        assert len(visitor.of_type("resumed")) >= 1
        expected = await undisturbed(server, visitor)
        assert finals_once(visitor) == expected
        assert (await said(visitor)).split() == " ".join(text for _, _, text in expected).split()


async def test_real_words_survive_a_server_that_is_killed(visit: Visit, microphone: Microphone) -> None:
    """With real recognition all utterances but the one that was recognised again are an undisturbed session's."""
    options = (*OPTIONS, *WITHOUT_PARTIALS, "--engine", "whisper", "--model", "tiny.en")
    async with killed_in_mid_sentence(
        visit, microphone, options, lambda page: page.get_by_text("recognised once more")
    ) as (visitor, server):
        got, expected = finals_once(visitor), await undisturbed(server, visitor)
        assert len(got) == len(expected)
        assert sum(one != other for one, other in zip(got, expected, strict=True)) <= 1, (got, expected)
        assert (await said(visitor)).split() == " ".join(text for _, _, text in got).split()


async def test_a_network_that_is_away(visit: Visit, scripted: ChildServer, microphone: Microphone) -> None:
    """After 15 seconds without a network in mid-sentence no word is lost or doubled."""
    pcm, _ = meeting_until(25)
    microphone.hears(pcm, RATE)
    async with Line() as line:
        line.lead_to(scripted.url)
        visitor = await visit(line.url)
        await begin(visitor)
        await heard(visitor, 6.5)
        line.cut()
        await visitor.page.locator("#live-bar[data-state=reconnecting]").wait_for()
        await asyncio.sleep(AWAY_SECONDS)
        await line.mend()
        await visitor.page.locator("#live-bar[data-state=open]").wait_for(timeout=60_000)
        await heard(visitor, len(pcm) / RATE + 1)
        await stop(visitor)
        expected = await undisturbed(scripted, visitor)
        assert finals_once(visitor) == expected
        assert (await said(visitor)).split() == " ".join(text for _, _, text in expected).split()
        visitor.forgive(WHAT_MUST_BE_COMPLAINED_OF)
