"""Who waits for a recording at once is served organisation by organisation."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_server.errors import ServerFull
from stream_server.jobs.line import Line


class Room:
    """People who wait in a line; `inside` are those whose turn it is, in the order in which they were called."""

    def __init__(self, at_once: int = 1, most_waiting: int = 100) -> None:
        self.line = Line(at_once, most_waiting=most_waiting)
        self.inside: list[str] = []
        self.called: list[str] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[str, asyncio.Event] = {}

    async def come(self, name: str, organisation: str = "acme") -> None:
        """Let somebody stand in line."""
        self._leaving[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._stay(name, organisation))
        await self.settle()

    async def leave(self, name: str) -> None:
        """Let somebody end his turn."""
        self._leaving[name].set()
        await self.settle()

    async def give_up(self, name: str) -> None:
        """Let somebody go away, from the line or in the middle of his turn."""
        self._tasks[name].cancel()
        await self.settle()

    async def settle(self) -> None:
        """Let everybody do what he can do now."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def _stay(self, name: str, organisation: str) -> None:
        async with self.line.turn(organisation):
            self.inside.append(name)
            self.called.append(name)
            try:
                await self._leaving[name].wait()
            finally:
                self.inside.remove(name)


async def test_those_who_find_room_do_not_wait() -> None:
    """As many as may be there at once."""
    room = Room(at_once=2)
    for name in "abc":
        await room.come(name)
    assert (room.inside, room.line.waiting) == (["a", "b"], 1)
    await room.leave("b")
    assert (room.inside, room.line.waiting) == (["a", "c"], 0)


async def test_organisations_take_turns() -> None:
    """A flood of one delays nobody else's first by more than a turn; within one, first come, first served."""
    room = Room()
    for name in ("f0", "f1", "f2", "f3"):
        await room.come(name, "flood")
    for name in ("a0", "a1"):
        await room.come(name, "acme")
    for name in ("f0", "f1", "a0", "f2", "a1", "f3"):
        await room.leave(name)
    assert room.called == ["f0", "f1", "a0", "f2", "a1", "f3"]


async def test_too_many_are_sent_away() -> None:
    """Who comes when the line is full is told when to come again; the line is as it was."""
    room = Room(most_waiting=1)
    await room.come("a")
    await room.come("b")
    with pytest.raises(ServerFull) as full:
        async with room.line.turn("other"):
            pass
    assert full.value.retry_after_seconds
    assert room.line.waiting == 1
    await room.leave("a")
    assert room.inside == ["b"]


async def test_who_gives_up_leaves_no_gap() -> None:
    """From the line, or in the middle of a turn: the next one comes."""
    room = Room()
    for name in "abcd":
        await room.come(name)
    await room.give_up("b")
    assert room.line.waiting == 2
    await room.give_up("a")
    assert room.inside == ["c"]
    await room.leave("c")
    assert room.inside == ["d"]


async def test_who_is_called_and_gone_at_once_passes_the_turn_on() -> None:
    """His turn is not lost although he never saw it."""
    room = Room()
    for name in "abc":
        await room.come(name)
    room._leaving["a"].set()
    await asyncio.sleep(0)  # now "a" is gone, and "b" has not begun
    assert room.line.waiting == 1
    assert room.inside == []
    await room.give_up("b")
    assert room.inside == ["c"]


@settings(deadline=None)
@given(
    at_once=st.integers(1, 3),
    steps=st.lists(st.tuples(st.sampled_from(["come", "leave", "give up"]), st.integers(0, 30)), max_size=40),
)
def test_no_turn_is_lost_or_given_twice(at_once: int, steps: list[tuple[str, int]]) -> None:
    """Whoever comes and goes: there are never too many, and never a free place while somebody waits."""

    async def live() -> None:
        room, here = Room(at_once), list[str]()
        for number, (step, choice) in enumerate(steps):
            if step == "come":
                here.append(f"p{number}")
                await room.come(here[-1], f"o{choice % 3}")
            elif step == "leave" and room.inside:
                name = room.inside[choice % len(room.inside)]
                here.remove(name)
                await room.leave(name)
            elif step == "give up" and here:
                await room.give_up(here.pop(choice % len(here)))
            assert len(room.inside) == min(at_once, len(here))
            assert room.line.waiting == len(here) - len(room.inside)
        for name in here:
            await room.give_up(name)
        assert room.inside == []

    asyncio.run(live())
