"""The outbox keeps everything but replaceable partials, and knows when a client does not read."""

from __future__ import annotations

import asyncio

import pytest

from stream_server.errors import SlowClient
from stream_server.protocol.dialect import Close
from stream_server.session.outbox import Outbox


async def test_outputs_leave_in_order() -> None:
    """First in, first out, the close last."""
    outbox = Outbox(100)
    outbox.put(["a", b"b"])
    outbox.put([Close(code=1000)])

    assert [("a", b"b"), (Close(code=1000),)] == [await outbox.take(), await outbox.take()]


async def test_only_the_newest_partial_of_a_track_is_kept() -> None:
    """The newer one takes its own place in the order; other tracks are not touched."""
    outbox = Outbox(100)
    for text, key in (("p1", 0), ("q1", 1), ("final", None), ("p2", 0)):
        outbox.put([text], key)

    assert [await outbox.take() for _ in range(4)] == [(), ("q1",), ("final",), ("p2",)]
    assert outbox.dropped == 1


async def test_sent_partial_is_not_replaced() -> None:
    """What was taken is gone; the next one stands on its own."""
    outbox = Outbox(100)
    outbox.put(["p1"], 0)
    assert await outbox.take() == ("p1",)
    outbox.put(["p2"], 0)

    assert (await outbox.take(), outbox.dropped) == (("p2",), 0)


async def test_replaced_partials_do_not_count_against_the_limit() -> None:
    """A client that reads slowly loses partials, not its connection."""
    outbox = Outbox(10)
    for _ in range(100):
        outbox.put(["partial!"], 0)
    outbox.put(["f"])
    with pytest.raises(SlowClient):
        outbox.put(["final"])


async def test_taking_waits_for_something() -> None:
    """A reader of an empty outbox sleeps until it is filled; nothing at all is not something."""
    outbox = Outbox(10)
    taking = asyncio.create_task(outbox.take())
    await asyncio.sleep(0)
    outbox.put([])
    await asyncio.sleep(0)
    assert not taking.done()
    outbox.put(["a"])

    assert await taking == ("a",)
