"""Every open session of this process: who gets a result, who is woken, who must leave."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Protocol
from weakref import WeakValueDictionary

from stream_server.errors import ServerFull, ServerStopping, StreamServerError
from stream_server.events import Command
from stream_server.session.load import LoadGauge, LoadLevel, LoadLimits
from stream_server.work import Result

TICK_SECONDS = 0.5
"""One timer serves all sessions."""

PULSE_SECONDS = 0.04
"""Small pieces of audio are passed on this often, for all sessions together: frames of 20 ms two by two, and every
session's to one call of the speech detector."""

PULSE_PER_SESSION_SECONDS = 0.0004
MOST_PULSE_SECONDS = 0.1
"""With more than a hundred sessions pulses come further apart: each costs a session a third of a millisecond."""

RETRY_AFTER_SECONDS = 5.0


class Occupant(Protocol):
    """What the registry knows of a runner. None of these raises."""

    def receive_results(self, results: list[Result]) -> None:
        """Take results of this session's work."""
        ...

    def tick(self) -> None:
        """Look at the clock."""
        ...

    def advance(self) -> None:
        """Pass on the audio that waits."""
        ...

    def receive_load(self, level: LoadLevel) -> None:
        """Give up, or take up again, what the level says."""
        ...

    def receive_command(self, command: Command) -> bool:
        """Take a command that comes from elsewhere than its client; return whether it was taken."""
        ...

    def stop(self) -> None:
        """Take nothing more; deliver the finals of everything received, then close."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Registry:
    """Bounded by `max_sessions` and by the load.

    `gauge` turns `wait_seconds`, measured at every tick, into a level; `on_load` hears of each change.
    """

    def __init__(
        self,
        max_sessions: int,
        *,
        gauge: LoadGauge | None = None,
        wait_seconds: Callable[[], float] = lambda: 0.0,
        on_load: Callable[[LoadLevel], None] = lambda _level: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_sessions = max_sessions
        self._gauge = gauge or LoadGauge(LoadLimits())
        self._wait_seconds = wait_seconds
        self._on_load = on_load
        self._clock = clock
        self._occupants: dict[str, Occupant] = {}
        self._recordings: set[str] = set()
        self._resumable: set[str] = set()
        self._live = 0
        """How many are no recordings: a number of its own, for workers' threads look at it."""
        self._stopping = False
        self._emptied = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None
        self._awaiting: dict[str, None] = {}
        self._passages: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        """Return how many live sessions there are."""
        return self._live

    @property
    def recordings(self) -> int:
        """How many finished recordings are being worked on."""
        return len(self._recordings)

    def closed_to_all(self) -> StreamServerError | None:
        """Return why no conversation can begin now, or None: a full house lets those in who may have a session here."""
        error = self.unavailable()
        return None if isinstance(error, ServerFull) and self._resumable else error

    def unavailable(self) -> StreamServerError | None:
        """Return why no session can begin now, or None."""
        if self._stopping:
            return ServerStopping("the server is shutting down", retry_after_seconds=RETRY_AFTER_SECONDS)
        if len(self) >= self._max_sessions:
            message = f"the server holds {self._max_sessions} sessions and no more"
            return ServerFull(message, retry_after_seconds=RETRY_AFTER_SECONDS)
        if self._gauge.level is LoadLevel.FULL:
            message = "recognition is behind with the sessions that are here"
            return ServerFull(message, retry_after_seconds=RETRY_AFTER_SECONDS)
        return None

    def enter(self, session_id: str, occupant: Occupant, *, resumable: bool = False) -> None:
        """Admit a session that is not here; raises `ServerFull` or `ServerStopping`."""
        if (error := self.unavailable()) is not None:
            raise error
        if session_id in self._occupants:
            raise ValueError("the session is here already")
        self._occupants[session_id] = occupant
        if resumable:
            self._resumable.add(session_id)
        self._count()
        if self._gauge.level is not LoadLevel.NORMAL:
            occupant.receive_load(self._gauge.level)

    def enter_recording(self, session_id: str, occupant: Occupant) -> None:
        """Admit a finished recording, which takes no live session's place; raises `ServerStopping`."""
        if self._stopping:
            raise ServerStopping("the server is shutting down", retry_after_seconds=RETRY_AFTER_SECONDS)
        self._occupants[session_id] = occupant
        self._recordings.add(session_id)

    def leave(self, session_id: str, occupant: Occupant) -> None:
        """Let a session go, if it is this occupant's; its results are dropped from now on."""
        if self._occupants.get(session_id) is not occupant:
            return
        del self._occupants[session_id]
        self._recordings.discard(session_id)
        self._resumable.discard(session_id)
        self._count()
        if not self._occupants:
            self._emptied.set()

    def passage(self, session_id: str) -> asyncio.Lock:
        """Return what to hold while a session is taken in from elsewhere, and while it goes: one at a time for each."""
        return self._passages.setdefault(session_id, asyncio.Lock())

    def _count(self) -> None:
        self._live = len(self._occupants) - len(self._recordings)

    def find(self, session_id: str) -> Occupant | None:
        """Return an open session."""
        return self._occupants.get(session_id)

    def tell(self, session_id: str, command: Command) -> bool:
        """Hand a command to a session; return whether it took it."""
        occupant = self._occupants.get(session_id)
        return occupant is not None and occupant.receive_command(command)

    def await_pulse(self, session_id: str) -> None:
        """Have a session advance at the next pulse, beside all others that ask until then."""
        if not self._awaiting:
            crowd = min(MOST_PULSE_SECONDS, len(self) * PULSE_PER_SESSION_SECONDS)
            asyncio.get_running_loop().call_later(max(PULSE_SECONDS, crowd), self._pulse)
        self._awaiting[session_id] = None

    def _pulse(self) -> None:
        awaiting, self._awaiting = self._awaiting, {}
        for session_id in awaiting:
            occupant = self._occupants.get(session_id)
            if occupant is not None:
                occupant.advance()

    def deliver(self, results: Iterable[Result]) -> None:
        """Hand results to their sessions, each session once."""
        grouped: dict[str, list[Result]] = {}
        for result in results:
            grouped.setdefault(result.session_id, []).append(result)
        for session_id, own in grouped.items():
            occupant = self._occupants.get(session_id)
            if occupant is not None:
                occupant.receive_results(own)

    def look_at_load(self) -> None:
        """Measure, and tell everybody if the level has changed."""
        before = self._gauge.level
        level = self._gauge.follow(self._wait_seconds(), self._clock())
        if level is before:
            return
        self._on_load(level)
        for occupant in list(self._occupants.values()):
            occupant.receive_load(level)

    def start(self, *, tick_seconds: float = TICK_SECONDS) -> None:
        """Begin to wake sessions."""
        self._ticking = asyncio.create_task(self._tick(tick_seconds), name="session ticks")

    async def drain(self, grace_seconds: float) -> None:
        """Let nobody in, have every session finish; after `grace_seconds` close those that are left."""
        self._stopping = True
        await self._leave_all(lambda occupant: occupant.stop(), grace_seconds)
        await self._leave_all(lambda occupant: occupant.abort(), grace_seconds)
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking

    async def _leave_all(self, ask: Callable[[Occupant], None], grace_seconds: float) -> None:
        if not self._occupants:
            return
        self._emptied.clear()
        for occupant in list(self._occupants.values()):
            ask(occupant)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._emptied.wait(), grace_seconds)

    async def _tick(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.look_at_load()
            for occupant in list(self._occupants.values()):
                occupant.tick()
