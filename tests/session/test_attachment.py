"""One connection says first what its client has missed, then what comes, and nothing behind a close."""

from __future__ import annotations

import asyncio

import pytest

from stream_server.errors import SlowClient
from stream_server.events import Closed, Final, Partial, Ready
from stream_server.protocol.native import NativeDialect
from stream_server.session.attachment import Attachment
from tests.session.test_runner import Wire

READY = Ready(session_id="s", clock_rate=16_000, tracks=("a",), model="m", engine="e", language=None)


def final(sequence: int) -> Final:
    """Return a final."""
    return Final(
        sequence=sequence,
        track=0,
        speaker=None,
        utterance_id=f"0-{sequence}",
        start=0,
        end=1,
        words=(),
        text="said",
        language=None,
        lag_ms=0,
    )


def partial() -> Partial:
    """Return a partial."""
    return Partial(
        sequence=0,
        track=0,
        utterance_id="0-9",
        start=0,
        end=1,
        stable=(),
        tentative=(),
        stable_text="",
        tentative_text="",
        language=None,
        lag_ms=0,
    )


async def test_what_was_missed_comes_first_however_much_it_is() -> None:
    """The limit of what waits is for what comes; a partial that was not sent gives way to the next."""
    wire = Wire()
    attachment = Attachment(wire, NativeDialect(), 1_000)
    attachment.greet(READY, (final(number) for number in range(1, 101)))
    for event in (partial(), partial(), final(101), Closed(error=None, at=1)):
        attachment.tell(event)
    await attachment.write()
    assert wire.kinds() == ["ready", *["final"] * 100, "partial", "final", "closed"]
    assert wire.closed == (1000, "")
    assert attachment.dropped == 1


async def test_a_greeting_may_end_the_conversation() -> None:
    """As that of a session that is over."""
    wire = Wire()
    attachment = Attachment(wire, NativeDialect(), 1_000)
    attachment.greet(READY, [final(1), Closed(error=None, at=1), final(2)])
    async with asyncio.timeout(5):
        await attachment.write()
    assert wire.kinds() == ["ready", "final", "closed"]


async def test_too_much_that_waits_is_a_slow_client() -> None:
    """Whoever tells hears of it."""
    attachment = Attachment(Wire(), NativeDialect(), 1_000)
    attachment.put([b"x" * 1_000])
    with pytest.raises(SlowClient):
        attachment.tell(final(1))
