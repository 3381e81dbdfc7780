"""The registry knows who is there, lets nobody in beyond the limit, and empties the house in order."""

from __future__ import annotations

import asyncio

import pytest

from stream_server.errors import ServerFull, ServerStopping
from stream_server.session.load import LoadGauge, LoadLevel, LoadLimits
from stream_server.session.registry import Registry
from stream_server.work import Result, WorkDropped


class Guest:
    """An occupant that notes what is done to it."""

    def __init__(self, registry: Registry, name: str, *, stubborn: bool = False) -> None:
        self.registry, self.name, self.stubborn = registry, name, stubborn
        self.results: list[list[Result]] = []
        self.done: list[str] = []
        self.ticked = asyncio.Event()
        self.advanced = asyncio.Event()

    def receive_results(self, results: list[Result]) -> None:
        self.results.append(results)

    def tick(self) -> None:
        self.ticked.set()

    def advance(self) -> None:
        self.done.append("advance")
        self.advanced.set()

    def receive_load(self, level: LoadLevel) -> None:
        self.done.append(level.name)

    def stop(self) -> None:
        self.done.append("stop")
        if not self.stubborn:
            self.registry.leave(self.name, self)

    def abort(self) -> None:
        self.done.append("abort")
        self.registry.leave(self.name, self)


def result(session_id: str, work_id: int = 1) -> Result:
    """Return some result."""
    return WorkDropped(session_id=session_id, work_id=work_id)


async def test_results_reach_their_session_once_per_delivery() -> None:
    """Grouped by session; those of sessions that have left are dropped."""
    registry = Registry(2)
    one, two = Guest(registry, "1"), Guest(registry, "2")
    registry.enter("1", one)
    registry.enter("2", two)
    registry.deliver([result("1", 1), result("2", 2), result("1", 3), result("gone", 4)])

    assert [[[r.work_id for r in batch] for batch in guest.results] for guest in (one, two)] == [[[1, 3]], [[2]]]


async def test_full_registry_refuses_with_a_hint() -> None:
    """When somebody leaves there is room again."""
    registry = Registry(1)
    first = Guest(registry, "1")
    registry.enter("1", first)
    with pytest.raises(ServerFull) as refused:
        registry.enter("2", Guest(registry, "2"))
    assert refused.value.retry_after_seconds
    registry.leave("1", first)
    registry.enter("2", Guest(registry, "2"))

    assert len(registry) == 1


async def test_draining_asks_first_and_closes_later() -> None:
    """Polite sessions are stopped only; a stubborn one is closed after the grace; nobody new comes in."""
    registry = Registry(3)
    polite, stubborn = Guest(registry, "p"), Guest(registry, "s", stubborn=True)
    registry.enter("p", polite)
    registry.enter("s", stubborn)
    registry.start(tick_seconds=60)
    await registry.drain(0.01)

    assert (polite.done, stubborn.done) == (["stop"], ["stop", "abort"])
    with pytest.raises(ServerStopping):
        registry.enter("n", polite)


async def test_ticks_reach_everybody() -> None:
    """One timer for all sessions."""
    registry = Registry(2)
    guests = [Guest(registry, str(number)) for number in range(2)]
    for guest in guests:
        registry.enter(guest.name, guest)
    registry.start(tick_seconds=0)
    await asyncio.gather(*(guest.ticked.wait() for guest in guests))
    await registry.drain(0.01)


async def test_a_pulse_is_for_all_who_wait_for_it() -> None:
    """However often a session asks, it advances once; one that has left is not looked for."""
    registry = Registry(3)
    guests = [Guest(registry, str(number)) for number in range(3)]
    for guest in guests:
        registry.enter(guest.name, guest)
    for name in ("0", "1", "0", "0"):
        registry.await_pulse(name)
    registry.leave("1", guests[1])
    async with asyncio.timeout(5):
        await guests[0].advanced.wait()

    assert [guest.done for guest in guests] == [["advance"], [], []]


async def test_load_is_measured_and_told() -> None:
    """Each change reaches everybody once, and newcomers at the door; the full house opens again by itself."""
    wait, told, now = [0.0], [], [0.0]
    registry = Registry(
        9,
        gauge=LoadGauge(LoadLimits(recovery_seconds=1)),
        wait_seconds=lambda: wait[0],
        on_load=lambda level: told.append(level.name),
        clock=lambda: now[0],
    )
    first, second = Guest(registry, "1"), Guest(registry, "2")
    registry.enter("1", first)
    for wait[0], now[0] in ((0.1, 0.0), (0.5, 1.0), (0.5, 2.0)):
        registry.look_at_load()
    registry.enter("2", second)
    wait[0] = 5.0
    registry.look_at_load()
    with pytest.raises(ServerFull) as refused:
        registry.enter("3", Guest(registry, "3"))
    assert refused.value.retry_after_seconds
    wait[0] = 0.0
    for now[0] in range(3, 9):
        registry.look_at_load()
    registry.enter("3", Guest(registry, "3"))

    assert told == ["SLOW_PARTIALS", "FULL", "FINALS_ONLY", "SLOW_PARTIALS", "NORMAL"]
    assert first.done == second.done == told


async def test_a_session_is_here_once() -> None:
    """Nobody else enters with its id, and nobody but itself makes it leave."""
    registry = Registry(3)
    guest, other = Guest(registry, "1"), Guest(registry, "1")
    registry.enter("1", guest)
    with pytest.raises(ValueError, match="here already"):
        registry.enter("1", other)
    registry.leave("1", other)
    assert registry.find("1") is guest
    registry.leave("1", guest)
    assert len(registry) == 0


async def test_a_session_comes_and_goes_one_at_a_time() -> None:
    """Each by itself; who is not on the way is forgotten."""
    registry = Registry(3)
    async with registry.passage("1"):
        assert registry.passage("1").locked()
        assert not registry.passage("2").locked()
    assert not registry.passage("1").locked()
