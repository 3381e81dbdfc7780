"""The shell of one session: carries frames, work and results between a conduit, the workers and the sans-I/O session.

One task reads and never waits for recognition or Redis; one task writes; quota is leased in a third now and then.
Everything else happens in plain calls on the event loop. A resumable session outlives its conduit for a while: durable
events, and what follows them, go out once they are safe in its journal.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog

from stream_server.audio.decoding import Decoder, open_raw_decoder
from stream_server.auth import Principal
from stream_server.errors import (
    InternalError,
    MessageTooLarge,
    ResumedElsewhere,
    ServerStopping,
    SlowClient,
    StreamServerError,
)
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
    Ready,
)
from stream_server.journaling import Journal
from stream_server.kept_audio import AudioTape
from stream_server.protocol.dialect import (
    AudioData,
    Authenticate,
    Conduit,
    Configure,
    DeclareAudio,
    Dialect,
    Frame,
    Input,
    Reply,
    Resume,
)
from stream_server.record_voices import ALL_TRACKS
from stream_server.session.attachment import Attachment
from stream_server.session.delivery import Delivery
from stream_server.session.intake import Intake
from stream_server.session.load import LoadLevel
from stream_server.session.meter import UsageSnapshot
from stream_server.session.opening import Place, TakenOver, check_change
from stream_server.session.options import AudioFormat
from stream_server.session.received import Received
from stream_server.session.services import Services
from stream_server.session.spool import Spool
from stream_server.session.state import State
from stream_server.session.transcript import Durable
from stream_server.store.journals import JournalHead
from stream_server.store.keys import digest
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

STOPPING = "the server is shutting down; everything received was transcribed"


class SessionRunner:
    """Runs one session; an `Occupant` of the registry. It goes on with one that was `taken` over from elsewhere."""

    def __init__(self, place: Place, dialect: Dialect, services: Services, taken: TakenOver | None = None) -> None:
        session_id, opening, account = place.session_id, place.opening, place.account
        self._dialect_name = dialect.name
        self._services = services
        self._taken = taken
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
            standing=taken.standing if taken else None,
        )
        self._intake = Intake(
            Spool(
                services.spool_directory,
                memory_bytes=limits.spool_memory_bytes,
                disk_bytes=limits.spool_disk_bytes,
            ),
            self._open_decoder,
            feed=self._feed,
            has_room=self._has_room,
            on_progress=self.advance,
            spawn=self._spawn,
        )
        self._alone = False
        self._settled = asyncio.Event()
        self._room_seconds = 0.0
        self._tape: AudioTape | None = None
        self._attachment: Attachment | None = None
        self._dropped = 0
        self._journal: Journal | None = None
        self._received: Received | None = None
        self._head: JournalHead | None = None
        self._token: str | None = None
        self._ending: list[asyncio.Task[None]] = []
        """Tasks that are to be over before the session is."""
        self._delivery = Delivery(self._let_out, taken.standing.sequence if taken else 0)
        self._alone_since: float | None = None
        self.is_left = False
        """Whether somebody else goes on with the session, or may: nothing of it is ended here."""
        self._begun = asyncio.Event()
        """Set when its first connection is attached, or never will be: nobody else attaches before."""
        self.gone = asyncio.Event()
        """Set when it has left the house."""
        self._told: tuple[UsageSnapshot, dict[str, int]] = (self.session.usage(), {})
        self._outcome = "vanished"
        self._over = asyncio.Event()
        self._heard_from = False
        self._input_ended = False
        self._lease: asyncio.Task[None] | None = None
        self._giving_up: asyncio.Task[None] | None = None

    # ── the life of it ──────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self, conduit: Conduit, dialect: Dialect) -> None:
        """Run until the session has closed, the client has gone for good, or somebody aborts it."""
        opened_by = {"organisation": self._principal.organisation, "key_id": self._principal.key_id}
        self._log.info("session opened", **opened_by, model=self._services.capabilities.model)
        self._services.observer.session_opened(self._dialect_name)
        self._open_journal()
        self._open_record()
        attachment = self._new_attachment(conduit, dialect)
        try:
            if self._taken is not None:
                await self._go_on(attachment, self._taken)
            self._attach(attachment)
            self._begun.set()
            self._pump()
            self._receive(self._early)
            await self._over.wait()
        finally:
            self._begun.set()
            self._intake.close()
            self._part()
            if self._lease is not None:
                self._lease.cancel()
                self._ending.append(self._lease)
            await asyncio.gather(*self._ending, return_exceptions=True)
            await self._close_journal()
            try:
                if self._tape is not None:
                    self._tape.close()
            finally:
                self._say_goodbye()

    def _open_record(self) -> None:
        started_at = self._taken.kept.head.started_at if self._taken else None
        record = self._services.new_record(
            self.session.session_id, self.session.options, self._principal, "live", started_at=started_at
        )
        if self._services.records.open(record) and self._taken is None:
            self._tape = self._open_tape()

    def _open_decoder(self, declared: AudioFormat | None) -> Decoder:
        audio = declared or self.session.options.audio
        return self._services.open_decoder(audio) if self._received is None else open_raw_decoder(audio)

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
            if services.sealed_voices is not None and (voices := session.voices):
                embedder, sealed = services.sealed_voices(session.session_id, voices)
                services.records.embeddings(session.session_id, ALL_TRACKS, embedder, sealed)
        finally:
            services.records.close(session.session_id, self._outcome, session.usage().session)

    def _say_goodbye(self) -> None:
        if self.is_left:
            self._services.records.let_go(self.session.session_id)
        else:
            self._end_record()
        usage = self.session.usage()
        self._services.observer.partials_dropped(self._dropped)
        self._tell_observer()
        self._services.observer.session_closed(self._dialect_name, self._outcome)
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
            self._dialect_name,
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
        detached = self._attachment is None
        alive = self._heard_from or self._wants_quota or not self._intake.is_empty or detached
        self._heard_from = False
        self._shielded(self._tell_observer, lambda: self._look_at_the_clock(now, alive=alive), self._follow_up)
        if self._alone_since is not None and now - self._alone_since >= self._resume_seconds:
            self._alone_since = None
            self._go_alone()
            self._spawn(self._give_up_waiting)

    def stop(self) -> None:
        """Leave what another process can go on with; else take nothing more, deliver all finals, then close."""
        if self.is_resumable and not self._input_ended:
            self._spawn(self._leave)
        else:
            self._end_input(ServerStopping(STOPPING))

    async def _leave(self) -> None:
        """Let another process go on in mid-sentence, with the journal as it is now; without one, stop as all do."""
        assert self._journal is not None  # it is resumable
        if await self._journal.is_up_to_date():
            self.is_left = True
            self._give_up(ServerStopping("the server is shutting down; the session can be resumed"))
        else:
            self._end_input(ServerStopping(STOPPING))

    def abort(self) -> None:
        """Close at once."""
        self._give_up(ServerStopping("the server is shutting down"))

    def _take_results(self, results: list[Result], now: float) -> None:
        for result in results:
            self.session.receive_result(result, now)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self, attachment: Attachment) -> None:
        lost = True
        try:
            while (frame := await attachment.conduit.receive()) is not None and attachment is self._attachment:
                self._receive_frame(frame, attachment)
        except MessageTooLarge as error:
            self._log.info("refused", error=error.code)
            self._outcome, lost = error.code, False
        self.advance()  # what waits for a pulse was received, and is paid for
        if attachment is not self._attachment or (self._journal is not None and self._giving_up is not None):
            return  # the session goes on with another, or it was we who closed
        if lost and self._journal is not None:
            self._detach()
            return
        await self._finish_alone()
        self._over.set()

    async def _give_up_waiting(self) -> None:
        """End a session to which nobody came back."""
        self._log.info("nobody came back")
        await self._finish_alone()
        self._over.set()

    def _go_alone(self) -> None:
        """Wait for no client from now on."""
        self._alone = True
        self._delivery.let_all_out()

    async def _finish_alone(self) -> None:
        """Let what was received become final although the client has gone: its record has it."""
        self._go_alone()
        if self._journal is not None:
            await self._journal.forget()
        if not self._input_ended:
            self._input_ended = True
            self._intake.put(Finish())
            self.advance()
        if self.session.state is not State.CLOSED and self._giving_up is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), ALONE_SECONDS)

    def _receive_frame(self, frame: Frame, attachment: Attachment) -> None:
        self._heard_from = True
        if self._input_ended:
            return
        try:
            inputs = attachment.dialect.decode(frame)
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
                    self._put(frame)
                case Authenticate() | Configure() | Resume():
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
        if self._received is not None and isinstance(item, AudioData):
            item = replace(item, data=self._received.take(item.data, item.track))
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
        if not self._begun.is_set():
            return  # nobody would hear it: `ready` of a session that enters a crowded house
        for work in self.session.work_to_do():
            self._services.submit(work)
        for event in self.session.events_to_send():
            self._take_event(event)
        if self._account.granted_until is not None and self._lease is None:
            self._watch_quota(self._account.granted_until)

    def _take_event(self, event: Event) -> None:
        self._services.observer.event(event)
        if isinstance(event, Ready) and self._token is not None:
            event = replace(event, resume_token=self._token, resume_seconds=self._resume_seconds)
        if isinstance(event, Closed):
            self._settled.set()
            self._account.mark(self.session.usage())
            if not self._alone:
                self._outcome = "ok" if event.error is None else event.error.code
        self._delivery.take(event, None if self._alone else self._journal)

    def _let_out(self, event: Event) -> None:
        """Write an event down and tell the client, if one is there."""
        if not (self._alone and isinstance(event, Closed)):  # the record says that the client vanished
            self._services.records.event(self.session.session_id, event)
        attachment = self._attachment
        if attachment is not None and not self._alone:
            self._send(lambda: attachment.tell(event))
        elif isinstance(event, Closed) and not self._alone:
            self._over.set()

    def _send(self, send: Callable[[], None]) -> None:
        """Send something; a connection that does not read is lost, and with it what can go on with no other."""
        try:
            send()
        except SlowClient as error:
            if not self.is_resumable:
                raise
            self._log.info("connection given up", error=error.code)
            self._dismiss(error)
            self._detach()

    def _put(self, frame: Frame) -> None:
        attachment = self._attachment
        if attachment is not None:
            self._send(lambda: attachment.put([frame]))

    def _give_up(self, error: StreamServerError) -> None:
        """Close without a word more: the client does not read, nothing can be trusted any more, or time is up."""
        if not self._over.is_set() and self._giving_up is None:
            self._outcome = error.code
            self._input_ended = True
            self._giving_up = asyncio.create_task(self._close_then_end(error))

    async def _close_then_end(self, error: StreamServerError) -> None:
        if self._attachment is not None:
            await self._attachment.conduit.close(error.close_code, error.code)
        self._over.set()

    # ── resuming ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_resumable(self) -> bool:
        """Whether another connection may still go on with the session here."""
        open_here = not self._alone and not self.is_left and self._giving_up is None and not self._over.is_set()
        return self._journal is not None and open_here and self.session.state is not State.CLOSED

    def opens_to(self, principal: Principal, token: str) -> bool:
        """Tell whether this client may go on with the session."""
        return self._head is not None and opens(self._head, principal, token)

    async def resume(self, conduit: Conduit, dialect: Dialect, sequence: int) -> bool:
        """Go on with another connection whose client has seen the events up to `sequence`; return when it has ended.

        False: the session has just ended, or was left. Raises `SessionUnknown` if its events are not known any more.
        """
        assert self._journal is not None  # it opened to somebody
        assert self._received is not None  # as it has a journal
        await self._begun.wait()
        attachment = self._new_attachment(conduit, dialect)
        missed = [event for event in await self._journal.since(sequence) if event.sequence <= self._delivery.told]
        if not self.is_resumable:
            return False
        self._dismiss(ResumedElsewhere("the session goes on with another connection"))
        at = self._received.go_back()
        self._spool(DeclareAudio(audio=self.session.options.audio))
        self._greet(attachment, at, missed, again=False)
        self._log.info("session resumed")
        self._attach(attachment)
        self.advance()
        await attachment.over.wait()
        return True

    async def _go_on(self, attachment: Attachment, taken: TakenOver) -> None:
        """Greet the client of a session that was taken over, its record brought to where its journal is."""
        assert self._journal is not None  # it was taken over by it
        try:
            said = await self._journal.since(0)
        except BaseException:
            self.is_left = True  # by nobody: the client may try again
            raise
        for event in said:
            self._services.records.event(self.session.session_id, event)
        self._greet(attachment, taken.standing.at, [event for event in said if event.sequence > taken.seen], again=True)
        self._log.info("session taken over")

    def _greet(self, attachment: Attachment, at: int, missed: list[Durable], *, again: bool) -> None:
        resumed = self._services.resumed(self.session.session_id, self.session.options, at=at, again=again)
        acknowledged = self._delivery.acknowledged
        attachment.greet(resumed, [*self._delivery.retracted, *missed, *([acknowledged] if acknowledged else [])])

    def _new_attachment(self, conduit: Conduit, dialect: Dialect) -> Attachment:
        return Attachment(conduit, dialect, self._services.runner_limits.outbound_bytes)

    def _attach(self, attachment: Attachment) -> None:
        self._attachment, self._alone_since = attachment, None
        attachment.tasks = [self._spawn(lambda: self._read(attachment)), self._spawn(lambda: self._write(attachment))]

    def _detach(self) -> None:
        """Wait for the client to come back, unless all that is left to do is to say that the session is closed."""
        self._part()
        self._alone_since = self._services.monotonic()
        if self.session.state is State.CLOSED and not self._delivery.is_waiting:
            self._over.set()

    def _part(self) -> None:
        """Let go of the connection, if there is one."""
        attachment, self._attachment = self._attachment, None
        if attachment is None:
            return
        self._dropped += attachment.dropped
        attachment.over.set()
        for task in attachment.tasks:
            if task is not asyncio.current_task():
                task.cancel()
                self._ending.append(task)

    def _dismiss(self, error: StreamServerError) -> None:
        """Close the connection, if there is one, without a word more; the session stays."""
        attachment = self._attachment
        if attachment is not None:
            self._part()
            self._ending.append(self._spawn(lambda: attachment.conduit.close(error.close_code, error.code)))

    # ── the journal ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _resume_seconds(self) -> float:
        return self._services.journals.resume_seconds if self._services.journals else 0.0

    def _open_journal(self) -> None:
        options, journals = self.session.options, self._services.journals
        if journals is None or not options.resumable:
            return
        self._received = Received(options, self._taken.standing.at if self._taken else 0)
        if self._taken is not None:
            self._head = self._taken.kept.head
            self._journal = journals.open(self._head, self.session, self._taken.kept)
        else:
            self._token = secrets.token_urlsafe(32)
            self._head = self._services.new_head(self.session.session_id, options, self._principal, digest(self._token))
            self._journal = journals.open(self._head, self.session)
        self._journal.watch(self)

    async def _close_journal(self) -> None:
        """Have the end written down, and let out what still waited for that."""
        if self._journal is None:
            return
        if self.is_left or self.session.state is State.CLOSED:
            await self._journal.close()
        else:
            await self._journal.forget()
        if not self.is_left:
            self._delivery.let_all_out()

    def journal_kept(self, sequence: int, at: int | None) -> None:
        """Let out what is safe, and tell the client how much of its audio that is."""
        self._shielded(lambda: self._delivery.kept(sequence, at))

    def journal_taken(self) -> None:
        """End here without a trace: somebody else goes on."""
        self.is_left = True
        self._delivery.drop()
        self._give_up(ResumedElsewhere("the session goes on elsewhere"))

    def journal_away(self) -> None:
        """Let out what would have to wait, and say once that nothing is safe for now."""
        self._shielded(self._delivery.go_without)

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

    async def _write(self, attachment: Attachment) -> None:
        await attachment.write()
        self._over.set()

    def _spawn(self, task: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        return asyncio.create_task(self._guarded(task), name=f"session {self.session.session_id}")

    async def _guarded(self, task: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a task of this session; if it breaks, the session ends and says so in the log."""
        try:
            await task()
        except Exception as error:  # noqa: BLE001  # the boundary of a task nobody awaits
            self._log.exception("session failed", error=type(error).__name__)
            self._give_up(InternalError("something went wrong on our side"))


def opens(head: JournalHead, principal: Principal, token: str) -> bool:
    """Tell whether a client may go on with a session: it holds the key that began it, and the session's token."""
    same = (head.organisation, head.key_id) == (principal.organisation, principal.key_id)
    return secrets.compare_digest(head.digest, digest(token)) and same
