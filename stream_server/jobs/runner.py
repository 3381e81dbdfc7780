"""The shell of one recording: the same session as a live one, fed as fast as its backlog allows.

What it asks for gives way to everybody who speaks now. It takes blocks of samples, so it knows neither files nor
sockets, and it answers for what was recognised before a crash out of its journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import structlog

from stream_server.auth import Principal
from stream_server.errors import EngineFailed, InternalError, ServerStopping, StreamServerError
from stream_server.events import Audio, Closed, Command, EndQuota, Event, Final, Finish, GrantAudio, Revised, Samples
from stream_server.jobs.journal import Journal
from stream_server.jobs.recording import RECORDING_RATE
from stream_server.session.load import LoadLevel
from stream_server.session.options import SessionOptions
from stream_server.session.services import Services
from stream_server.session.state import State
from stream_server.usage import UsageAccount
from stream_server.work import Result, Transcribe, WorkFailed

log = structlog.get_logger(__name__)

LANGUAGE_BLOCKS = 10
"""Seconds that are fed at a time until the language is known: what comes then depends on no timing."""

MOST_FAILURES = 3
"""Windows that may fail: more, and it is not the recording that is at fault, and nobody should take it for done."""

STALLED_SECONDS = 600.0
"""A recording of which nothing is heard for so long will not be finished."""


BEYOND_SECONDS = 1 << 30
"""No recording lasts so long: what holds for live sessions alone is set to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLimits:
    """Set by the operator; see `docs/settings.md`."""

    ahead_seconds: float = 300.0
    endpointing_ms: int = 1_500
    max_utterance_seconds: float = 24.0


class RecordingRunner:
    """Runs one recording; an `Occupant` of the registry. `on_event` hears every event of the session."""

    def __init__(
        self,
        session_id: str,
        options: SessionOptions,
        services: Services,
        account: UsageAccount,
        *,
        principal: Principal,
        limits: RecordingLimits,
        journal: Journal,
        on_event: Callable[[Event], None],
    ) -> None:
        self._services = services
        self._account = account
        self._limits = limits
        self._journal = journal
        self._on_event = on_event
        house = replace(
            services.limits,
            max_session_seconds=BEYOND_SECONDS,
            idle_seconds=BEYOND_SECONDS,
            usage_event_seconds=BEYOND_SECONDS,
            endpointing_ms=limits.endpointing_ms,
            max_utterance_seconds=limits.max_utterance_seconds,
            ask_ahead=False,
            steady_language=True,
        )
        self.session = services.new_session(
            session_id, options, principal, limits=house, granted_until=account.granted_until
        )
        self._detects = services.capabilities.detects_language and options.language is None
        self._failures = 0
        self._recognised_seconds = 0.0
        self._progress = asyncio.Event()
        self._closed: asyncio.Future[StreamServerError | None] = asyncio.get_running_loop().create_future()
        self._pump()

    async def run(self, blocks: AsyncIterator[Samples]) -> StreamServerError | None:
        """Feed everything; return the error that ended the session, None if all went well.

        Raises what reading the blocks raises. The caller enters and leaves the registry.
        """
        fed = 0
        async for block in blocks:
            await self._room(fed)
            if self._closed.done():
                break
            if not await self._granted(len(block)):
                self._feed(Audio(samples=block), EndQuota())
                break
            self._feed(Audio(samples=block))
            fed += 1
        self._feed(Finish())
        while not self._closed.done():
            await self._wait()
        return await self._closed

    @property
    def seconds_done(self) -> float:
        """How much of the recording is settled."""
        session = self.session
        return max(0.0, session.wanted_until / RECORDING_RATE - session.unheard_seconds)

    async def _room(self, fed: int) -> None:
        """Wait until the session may be fed; while its language is not known it is fed little by little."""
        little = self._detects and self.session.language is None
        if little and fed % LANGUAGE_BLOCKS:
            return
        ahead = 1.0 if little else self._limits.ahead_seconds
        while self.session.unheard_seconds > ahead and not self._closed.done():
            await self._wait()

    async def _wait(self) -> None:
        """Wait for a result, or for the end."""
        self._progress.clear()
        try:
            async with asyncio.timeout(STALLED_SECONDS):  # `wait_for` would overhear being cancelled in Python 3.11
                await self._progress.wait()
        except TimeoutError:
            if len(self._services.registry):
                return  # those who speak now leave nothing over: it gives way, and goes on later
            raise EngineFailed(f"nothing was recognised for {STALLED_SECONDS:g} s") from None

    async def _granted(self, samples: int) -> bool:
        """Lease quota for a block; False when nothing is left."""
        wanted = self.session.wanted_until + samples
        while (granted := self._account.granted_until) is not None and granted < wanted:
            until = await self._account.extend()
            if until == granted:
                return False
            self._feed(GrantAudio(until=until))
        return True

    # ── what the registry calls ─────────────────────────────────────────────────────────────────────────────────────

    def receive_results(self, results: list[Result]) -> None:
        """Take results of this recording's work."""
        now = self._services.monotonic()
        self._shielded(lambda: self._take(results, now))

    def receive_command(self, command: Command) -> bool:
        """Take a command from elsewhere: somebody renames a speaker."""
        if self.session.state is State.CLOSED:
            return False
        self._feed(command)
        return True

    def receive_load(self, level: LoadLevel) -> None:
        """Nothing: a recording has no partials to give up, and always gives way."""

    def tick(self) -> None:
        """Write usage down."""
        self._tell_done()
        self._account.mark(self.session.usage())

    def advance(self) -> None:
        """Nothing waits for a pulse here."""

    def stop(self) -> None:
        """Stop at once: whoever goes on finds in the journal what was recognised."""
        self._end(ServerStopping("the server is shutting down; the recording is finished later"))

    abort = stop

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, results: list[Result], now: float) -> None:
        for result in results:
            self._journal.note(result)
            if isinstance(result, WorkFailed):
                self._failures += 1
                if self._failures > MOST_FAILURES:
                    self._end(result.error)
                    return
            self.session.receive_result(result, now)
        self._pump()

    def _feed(self, *commands: Command) -> None:
        now = self._services.monotonic()

        def feed() -> None:
            for command in commands:
                self.session.receive_command(command, now)
            self._pump()

        self._shielded(feed)

    def _pump(self) -> None:
        """Hand out work, or answer it from the journal, until there is no more; then tell the events."""
        while works := self.session.work_to_do():
            for work in works:
                known = self._journal.answer(work)
                if known is not None:
                    self.session.receive_result(known, self._services.monotonic())
                else:
                    self._services.submit(replace(work, background=True) if isinstance(work, Transcribe) else work)
        for event in self.session.events_to_send():
            self._emit(event)
        self._progress.set()

    def _emit(self, event: Event) -> None:
        if isinstance(event, Final | Revised):
            self._services.observer.event(event)
        self._on_event(event)
        if isinstance(event, Closed):
            self._tell_done()
            self._account.mark(self.session.usage())
            self._end(event.error)

    def _tell_done(self) -> None:
        """Tell how much more is settled."""
        before, self._recognised_seconds = self._recognised_seconds, max(self._recognised_seconds, self.seconds_done)
        self._services.observer.recording_recognised(self._recognised_seconds - before)

    def _end(self, error: StreamServerError | None) -> None:
        if not self._closed.done():
            self._closed.set_result(error)
        self._progress.set()

    def _shielded(self, step: Callable[[], None]) -> None:
        """Take a step; an error of ours costs this recording alone."""
        try:
            step()
        except StreamServerError as error:
            self._end(error)
        except Exception as error:  # the boundary between one recording and everybody else's sessions
            log.exception("recording failed", recording_id=self.session.session_id, error=type(error).__name__)
            self._end(InternalError(f"something went wrong on our side ({type(error).__name__})"))
