"""The shell of one session: carries frames, work and results between a conduit, the workers and the sans-I/O session.

One task reads and never waits for recognition or Redis; one task writes; quota is leased in a third now and then.
Everything else happens in plain calls on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import structlog

from stream_server.errors import InternalError, MessageTooLarge, ServerStopping, SlowClient, StreamServerError
from stream_server.events import (
    Audio,
    ChangeOptions,
    Closed,
    Command,
    EndQuota,
    Event,
    Finish,
    GrantAudio,
    KeepAlive,
    Partial,
)
from stream_server.kept_audio import AudioTape
from stream_server.protocol.dialect import (
    AudioData,
    Authenticate,
    Close,
    Conduit,
    Configure,
    DeclareAudio,
    Dialect,
    Frame,
    Input,
    Output,
    Reply,
)
from stream_server.record_voices import ALL_TRACKS
from stream_server.session.intake import Intake
from stream_server.session.load import LoadLevel
from stream_server.session.meter import UsageSnapshot
from stream_server.session.opening import (
    Beginning,
    ClientLeft,
    Place,
    check_change,
    find_place,
    give_back,
    read_opening,
    refuse,
)
from stream_server.session.outbox import Outbox
from stream_server.session.services import Services
from stream_server.session.spool import Spool
from stream_server.session.state import State
from stream_server.work import Result

log = structlog.get_logger(__name__)

LEASE_AHEAD_SECONDS = 5
"""Quota is leased again when less than this is left, so that the next lease is there before it is needed."""

HASTE_BYTES = 3_200
"""With so much audio waiting (100 ms of speech) nobody waits for the next pulse."""

ALONE_SECONDS = 10.0
"""For the finals of a session whose client has gone; then it ends with what there is."""

LEASE_RETRY_SECONDS = 0.5
"""When nothing is left to lease: somebody else's session may give something back."""


async def serve_session(
    conduit: Conduit, dialect: Dialect, services: Services, beginning: Beginning | None = None
) -> None:
    """Hold one conversation to its end, from a `beginning` at the handshake on. Never raises but for cancellation."""
    try:
        place = beginning.place if beginning else None
        if place is None:
            place = await find_place(await read_opening(conduit, dialect, services, beginning), services)
        await _serve_placed(conduit, dialect, services, place)
    except ClientLeft:
        services.observer.refused(dialect.name, "client_left")
    except StreamServerError as error:
        log.info("refused", dialect=dialect.name, error=error.code, reason=error.message)
        services.observer.refused(dialect.name, error.code)
        await refuse(conduit, dialect, error)
    except Exception as error:  # the boundary between one conversation and everybody else's
        log.exception("conversation failed", dialect=dialect.name, error=type(error).__name__)
        await refuse(conduit, dialect, InternalError("something went wrong on our side"))


async def _serve_placed(conduit: Conduit, dialect: Dialect, services: Services, place: Place) -> None:
    """Run a session and give everything back in reverse order."""
    usage: UsageSnapshot | None = None
    try:
        runner = SessionRunner(place, conduit, dialect, services)
        try:
            services.registry.enter(place.session_id, runner)
            try:
                await runner.run()
            finally:
                services.registry.leave(place.session_id)
        finally:
            services.cancel(place.session_id)
            usage = runner.session.usage()
    finally:
        await give_back(place, services, usage)


class SessionRunner:
    """Runs one session; an `Occupant` of the registry."""

    def __init__(self, place: Place, conduit: Conduit, dialect: Dialect, services: Services) -> None:
        session_id, opening, account = place.session_id, place.opening, place.account
        self._conduit = conduit
        self._dialect = dialect
        self._services = services
        self._account = account
        self._early = opening.early
        self._log = log.bind(session_id=session_id, dialect=dialect.name)
        self._principal = opening.principal
        limits = services.runner_limits
        self.session = services.new_session(
            session_id,
            opening.options,
            opening.principal,
            limits=services.limits,
            granted_until=account.granted_until,
        )
        self._intake = Intake(
            Spool(
                services.spool_directory,
                memory_bytes=limits.spool_memory_bytes,
                disk_bytes=limits.spool_disk_bytes,
            ),
            lambda declared: services.open_decoder(declared or opening.options.audio),
            feed=self._feed,
            has_room=self._has_room,
            on_progress=self.advance,
            spawn=self._spawn,
        )
        self._alone = False
        self._settled = asyncio.Event()
        self._room_seconds = 0.0
        self._tape: AudioTape | None = None
        self._outbox = Outbox(limits.outbound_bytes)
        self._told: tuple[UsageSnapshot, dict[str, int]] = (self.session.usage(), {})
        self._outcome = "vanished"
        self._over = asyncio.Event()
        self._heard_from = False
        self._input_ended = False
        self._lease: asyncio.Task[None] | None = None
        self._giving_up: asyncio.Task[None] | None = None

    # ── the life of it ──────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Run until the session has closed, the client has gone, or somebody aborts it."""
        opened_by = {"organisation": self._principal.organisation, "key_id": self._principal.key_id}
        self._log.info("session opened", **opened_by, model=self._services.capabilities.model)
        self._services.observer.session_opened(self._dialect.name)
        record = self._services.new_record(self.session.session_id, self.session.options, self._principal, "live")
        if self._services.records.open(record):
            self._tape = self._open_tape()
        self._pump()
        self._receive(self._early)
        tasks = [self._spawn(self._read), self._spawn(self._write)]
        try:
            await self._over.wait()
        finally:
            self._intake.close()
            tasks += [self._lease] if self._lease else []
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._say_goodbye()

    def _open_tape(self) -> AudioTape | None:
        """Begin to keep the audio, if the client asked for that."""
        options, kept = self.session.options, self._services.kept_audio
        if not options.keep_audio or kept is None:
            return None
        try:
            return kept.open(self.session.session_id, options.audio.sample_rate, len(options.track_names))
        except OSError as error:
            self._log.error("the audio is not kept", reason=error.strerror)  # a full disk needs no traceback
            return None

    def _end_record(self) -> None:
        """Keep how the speakers sound, and let go of the record."""
        session, services = self.session, self._services
        try:
            if self._tape is not None:
                self._tape.close()
            if services.sealed_voices is not None and (voices := session.voices):
                embedder, sealed = services.sealed_voices(session.session_id, voices)
                services.records.embeddings(session.session_id, ALL_TRACKS, embedder, sealed)
        finally:
            services.records.close(session.session_id, self._outcome, session.usage().session)

    def _say_goodbye(self) -> None:
        self._end_record()
        usage = self.session.usage()
        self._services.observer.partials_dropped(self._outbox.dropped)
        self._tell_observer()
        self._services.observer.session_closed(self._dialect.name, self._outcome)
        self._log.info(
            "session closed",
            outcome=self._outcome,
            seconds=round(float(usage.session_seconds), 3),
            speech_seconds=round(float(usage.speech_seconds), 3),
            removed=self.session.guard_removals,
        )

    def _tell_observer(self) -> None:
        """Tell of what was heard and removed since the last time."""
        observer, (told, told_removed) = self._services.observer, self._told
        usage, removed = self.session.usage(), dict(self.session.guard_removals)
        observer.heard(
            self._dialect.name,
            float(usage.session_seconds - told.session_seconds),
            float(usage.speech_seconds - told.speech_seconds),
        )
        for reason, count in removed.items():
            if more := count - told_removed.get(reason, 0):
                observer.words_removed(reason, more)
        self._told = usage, removed

    # ── what the registry calls ─────────────────────────────────────────────────────────────────────────────────────

    def receive_results(self, results: list[Result]) -> None:
        """Take results of this session's work."""
        now = self._services.monotonic()
        self._shielded(lambda: self._take_results(results, now), self._follow_up)

    def receive_load(self, level: LoadLevel) -> None:
        """Give up, or take up again, what the level says, and tell the client."""
        self._shielded(lambda: self.session.receive_load(level), self._follow_up)

    def receive_command(self, command: Command) -> bool:
        """Take a command that comes from elsewhere than the client: somebody renames a speaker."""
        if self.session.state is State.CLOSED or self._giving_up is not None:
            return False
        now = self._services.monotonic()
        self._shielded(lambda: self.session.receive_command(command, now), self._follow_up)
        return True

    def tick(self) -> None:
        """Keep a session that is waiting for us from idling out, look at lag, and write usage down."""
        now = self._services.monotonic()
        alive = self._heard_from or self._wants_quota or not self._intake.is_empty
        self._heard_from = False
        self._shielded(self._tell_observer, lambda: self._look_at_the_clock(now, alive=alive), self._follow_up)

    def stop(self) -> None:
        """Take nothing more; deliver the finals of everything received, then close."""
        self._end_input(ServerStopping("the server is shutting down; everything received was transcribed"))

    def abort(self) -> None:
        """Close at once."""
        self._give_up(ServerStopping("the server is shutting down"))

    def _take_results(self, results: list[Result], now: float) -> None:
        for result in results:
            self.session.receive_result(result, now)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self) -> None:
        try:
            while (frame := await self._conduit.receive()) is not None:
                self._receive_frame(frame)
        except MessageTooLarge as error:
            self._log.info("refused", error=error.code)
            self._outcome = error.code
        self.advance()  # what waits for a pulse was received, and is paid for
        await self._finish_alone()
        self._over.set()

    async def _finish_alone(self) -> None:
        """Let what was received become final although the client has gone: its record has it."""
        self._alone = True
        if not self._input_ended:
            self._input_ended = True
            self._intake.put(Finish())
            self.advance()
        if self.session.state is not State.CLOSED and self._giving_up is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), ALONE_SECONDS)

    def _receive_frame(self, frame: Frame) -> None:
        self._heard_from = True
        if self._input_ended:
            return
        try:
            inputs = self._dialect.decode(frame)
        except StreamServerError as error:
            self._log.info("refused", error=error.code, reason=error.message)
            self._end_input(error)
        else:
            if len(inputs) == 1 and isinstance(inputs[0], AudioData):
                self._receive_audio(inputs[0])
            elif inputs:
                self._receive(inputs)

    def _receive(self, inputs: list[Input]) -> None:
        self._shielded(lambda: self._take_inputs(inputs))

    def _receive_audio(self, item: AudioData) -> None:
        """Take audio; in small pieces it may wait for the next pulse."""
        self._spool(item)
        if self._intake.waiting_bytes >= HASTE_BYTES or self._input_ended:
            self.advance()
        else:
            self._services.registry.await_pulse(self.session.session_id)

    def _take_inputs(self, inputs: list[Input]) -> None:
        for item in inputs:
            match item:
                case Reply(frame=frame):
                    self._put([frame])
                case Authenticate() | Configure():
                    pass  # the dialect let it through again: nothing changes in mid-session
                case ChangeOptions():
                    self._spool(check_change(item, self._services.capabilities))
                case _:
                    self._spool(item)
        self._follow_up()

    def _spool(self, item: AudioData | DeclareAudio | Command) -> None:
        if self._input_ended:
            return
        self._input_ended = isinstance(item, Finish)
        try:
            self._intake.put(item)
        except StreamServerError as error:
            self._log.info("refused", error=error.code, reason=error.message)
            self._input_ended = False
            self._end_input(error)

    def _end_input(self, error: StreamServerError) -> None:
        """Take nothing more from the client; what was accepted before is finished first."""
        if not self._input_ended:
            self._input_ended = True
            self._intake.put(Finish(error=error))
            self.advance()

    # ── the session ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _has_room(self) -> bool:
        """Tell whether more audio may be fed; measured anew when what was room then has been used up."""
        if self._room_seconds <= 0:
            self._room_seconds = self._services.runner_limits.unheard_seconds - self.session.unheard_seconds
        return self._room_seconds > 0

    def _feed(self, command: Command) -> None:
        if isinstance(command, Audio):
            self._room_seconds -= len(command.samples) / self.session.options.audio.sample_rate
            if self._tape is not None:
                self._tape.write(command.samples, command.track)
        try:
            self.session.receive_command(command, self._services.monotonic())
        except StreamServerError as error:
            self._log.info("refused", error=error.code, reason=error.message)
            self.session.receive_command(Finish(error=error), self._services.monotonic())

    def advance(self) -> None:
        """Pass on the audio that waits, as far as there is room."""
        self._shielded(self._follow_up)

    def _look_at_the_clock(self, now: float, *, alive: bool) -> None:
        if alive:
            self.session.receive_command(KeepAlive(), now)
        self.session.receive_timeout(now)
        self._account.mark(self.session.usage())

    def _shielded(self, *steps: Callable[[], None]) -> None:
        """Take steps; an error of ours costs this session alone."""
        if self._giving_up is not None:
            return
        try:
            for step in steps:
                step()
        except SlowClient as error:
            self._give_up(error)
        except Exception as error:  # noqa: BLE001  # the boundary between one session and everybody else's
            self._log.exception("session failed", error=type(error).__name__)
            self._give_up(InternalError("something went wrong on our side"))

    def _follow_up(self) -> None:
        """Do what follows from a step: there may be room for more audio, work for the engines, news for the client."""
        self._intake.advance()
        self._pump()

    def _pump(self) -> None:
        """Send out the work and the events that are ready."""
        for work in self.session.work_to_do():
            self._services.submit(work)
        for event in self.session.events_to_send():
            self._emit(event)
        if self._account.granted_until is not None and self._lease is None:
            self._watch_quota(self._account.granted_until)

    def _emit(self, event: Event) -> None:
        self._services.observer.event(event)
        if isinstance(event, Closed):
            self._settled.set()
            self._account.mark(self.session.usage())
            if not self._alone:
                self._outcome = "ok" if event.error is None else event.error.code
        if not (self._alone and isinstance(event, Closed)):  # the record says that the client vanished
            self._services.records.event(self.session.session_id, event)
        if self._alone:
            return
        outputs = self._dialect.encode(event)
        key = ("partial", event.track) if isinstance(event, Partial) and self._dialect.partials_replace else None
        self._put(outputs, key)

    def _put(self, outputs: Sequence[Output], key: object | None = None) -> None:
        self._outbox.put(outputs, key)

    def _give_up(self, error: StreamServerError) -> None:
        """Close without a word more: the client does not read, nothing can be trusted any more, or time is up."""
        if not self._over.is_set() and self._giving_up is None:
            self._outcome = error.code
            self._input_ended = True
            self._giving_up = asyncio.create_task(self._close_then_end(error))

    async def _close_then_end(self, error: StreamServerError) -> None:
        await self._conduit.close(error.close_code, error.code)
        self._over.set()

    # ── quota ───────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _wants_quota(self) -> bool:
        """Whether the client has sent audio that waits for its quota, and so for us."""
        granted = self._account.granted_until
        return self._lease is not None and granted is not None and self.session.wanted_until > granted

    def _watch_quota(self, granted: int) -> None:
        ahead = LEASE_AHEAD_SECONDS * self.session.options.audio.sample_rate
        if self.session.state is State.LISTENING and self.session.wanted_until + ahead > granted:
            self._lease = self._spawn(lambda: self._extend_lease(granted))

    async def _extend_lease(self, granted: int) -> None:
        """Lease more; when nothing is left, end the session at the sample where the quota ends."""
        until = await self._account.extend()
        if until != granted:
            self._lease = None
            self._feed(GrantAudio(until=until))
        elif self.session.wanted_until > granted:
            self._feed(EndQuota())
        else:
            await asyncio.sleep(LEASE_RETRY_SECONDS)  # audio up to the last sample of the quota may be all there is
            self._lease = None
        self.advance()

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _write(self) -> None:
        while True:
            for output in await self._outbox.take():
                if isinstance(output, Close):
                    await self._conduit.close(output.code, output.reason)
                    self._over.set()
                    return
                await self._conduit.send(output)

    def _spawn(self, task: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        return asyncio.create_task(self._guarded(task), name=f"session {self.session.session_id}")

    async def _guarded(self, task: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a task of this session; if it breaks, the session ends and says so in the log."""
        try:
            await task()
        except Exception as error:  # noqa: BLE001  # the boundary of a task nobody awaits
            self._log.exception("session failed", error=type(error).__name__)
            self._give_up(InternalError("something went wrong on our side"))
