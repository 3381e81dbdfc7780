"""The shell of one session: carries frames, work and results between a conduit, the workers and the sans-I/O session.

One task reads and never waits for recognition or Redis; one task writes; quota is leased in a third now and then.
Everything else happens in plain calls on the event loop. A resumable session outlives its conduit for a while: durable
events, and what follows them, go out once they are safe in its journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from stream_server.auth import Principal
from stream_server.errors import MessageTooLarge, ResumedElsewhere, ServerStopping, SlowClient, StreamServerError
from stream_server.events import Closed, Command, Event, KeepAlive, Ready
from stream_server.protocol.dialect import Conduit, Dialect
from stream_server.session.attachment import Attachment
from stream_server.session.connections import Connections
from stream_server.session.delivery import Delivery
from stream_server.session.feed import Feed
from stream_server.session.lease import QuotaLease
from stream_server.session.life import Life
from stream_server.session.load import LoadLevel
from stream_server.session.opening import Place, TakenOver
from stream_server.session.received import Received
from stream_server.session.reception import Reception
from stream_server.session.record import LiveRecord
from stream_server.session.report import Report
from stream_server.session.resumption import Resumption
from stream_server.session.services import Services
from stream_server.session.state import State
from stream_server.work import Result

log = structlog.get_logger(__name__)

ALONE_SECONDS = 10.0
"""For the finals of a session whose client has gone; then it ends with what there is."""

STOPPING = "the server is shutting down; everything received was transcribed"


class SessionRunner:
    """Runs one session; an `Occupant` of the registry. It goes on with one that was `taken` over from elsewhere."""

    def __init__(self, place: Place, dialect: Dialect, services: Services, taken: TakenOver | None = None) -> None:
        options, standing = place.opening.options, taken.standing if taken else None
        self._place = place
        self._services = services
        self._taken = taken
        self._log = log.bind(session_id=place.session_id, dialect=dialect.name)
        self.session = services.new_session(
            place.session_id,
            options,
            place.opening.principal,
            limits=services.limits,
            granted_until=place.account.granted_until,
            standing=standing,
        )
        self._life = Life(place.session_id, self._hang_up, self._log)
        self._connections = Connections(self._life, services.runner_limits.outbound_bytes, self._read)
        self._report = Report(self.session, services.observer, dialect.name, self._log)
        self._record = LiveRecord(self.session, services, self._log)
        feed = Feed(self.session, services, self._record, self._log)
        journals = services.journals_for(options)
        self._reception = Reception(
            self.session,
            services,
            feed,
            Received(options, standing.at if standing else 0) if journals else None,
            life=self._life,
            reply=lambda frame: self._send(lambda connection: connection.put([frame])),
            on_progress=self.advance,
            log=self._log,
        )
        self._lease = QuotaLease(
            place.account, self.session, feed=feed.give, on_progress=self.advance, spawn=self._life.spawn
        )
        self._delivery = Delivery(self._let_out, standing.sequence if standing else 0)
        self._resumption: Resumption | None = None
        self._begun = asyncio.Event()
        """Set when its first connection is attached, or never will be: nobody else attaches before."""
        self._alone = False
        """Whether no client is waited for any more, nor told anything."""
        self.is_left = False
        """Whether somebody else goes on with the session, or may: nothing of it is ended here."""
        self.gone = asyncio.Event()
        """Set when it has left the house."""

    # ── the life of it ──────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self, conduit: Conduit, dialect: Dialect) -> None:
        """Run until the session has closed, the client has gone for good, or somebody aborts it."""
        principal = self._place.opening.principal
        self._report.opened(principal, self._services.capabilities.model)
        self._open_journal()
        self._record.open(principal, self._taken.kept.head.started_at if self._taken else None)
        attachment = self._connections.new(conduit, dialect)
        try:
            if self._taken is not None:
                await self._go_on(attachment, self._taken)
            self._connections.attach(attachment)
            self._begun.set()
            self._pump()
            self._reception.take(self._place.opening.early)
            await self._life.over.wait()
        finally:
            self._begun.set()
            self._reception.close()
            self._connections.part()
            await self._lease.close()
            await self._connections.parted()
            if self._resumption is not None:
                await self._resumption.close(is_left=self.is_left)
            try:
                self._record.close_tape()
            finally:
                self._say_goodbye()

    def _say_goodbye(self) -> None:
        if self.is_left:
            self._record.let_go()
        else:
            self._record.end(self._life.outcome)
        self._report.closed(self._life.outcome, self._connections.dropped)

    async def _hang_up(self, error: StreamServerError) -> None:
        """Close the connection, if there is one; the session ends with it."""
        if self._connections.current is not None:
            await self._connections.current.close(error)

    # ── what the registry calls ─────────────────────────────────────────────────────────────────────────────────────

    def receive_results(self, results: list[Result]) -> None:
        """Take results of this session's work."""
        self._life.take(lambda: self._take_results(results), self._follow_up)

    def receive_load(self, level: LoadLevel) -> None:
        """Give up, or take up again, what the level says, and tell the client."""
        self._life.take(lambda: self.session.receive_load(level), self._follow_up)

    def receive_command(self, command: Command) -> bool:
        """Take a command that comes from elsewhere than the client: somebody renames a speaker."""
        if self.session.state is State.CLOSED or self._life.given_up:
            return False
        now = self._services.monotonic()
        self._life.take(lambda: self.session.receive_command(command, now), self._follow_up)
        return True

    def advance(self) -> None:
        """Pass on the audio that waits, as far as there is room."""
        self._life.take(self._follow_up)

    def tick(self) -> None:
        """Keep a session that is waiting for us from idling out, look at lag, and write usage down."""
        now = self._services.monotonic()
        waits = self._lease.is_awaited or not self._reception.is_empty or self._connections.current is None
        alive, self._reception.heard_from = self._reception.heard_from or waits, False
        self._life.take(self._report.heard, lambda: self._look_at_the_clock(now, alive=alive), self._follow_up)
        since = self._connections.absent_since
        if self._resumption is not None and since is not None and now - since >= self._resumption.seconds:
            self._connections.absent_since = None
            self._go_alone()
            self._life.spawn(self._give_up_waiting)

    def stop(self) -> None:
        """Leave what another process can go on with; else take nothing more, deliver all finals, then close."""
        if self.is_resumable and not self._reception.has_ended:
            self._life.spawn(self._leave)
        else:
            self._reception.end(ServerStopping(STOPPING))

    def abort(self) -> None:
        """Close at once."""
        self._life.give_up(ServerStopping("the server is shutting down"))

    async def _leave(self) -> None:
        """Let another process go on in mid-sentence, with the journal as it is now; without one, stop as all do."""
        assert self._resumption is not None  # or it would not be resumable
        if await self._resumption.journal.is_up_to_date():
            self.is_left = True
            self._life.give_up(ServerStopping("the server is shutting down; the session can be resumed"))
        else:
            self._reception.end(ServerStopping(STOPPING))

    def _take_results(self, results: list[Result]) -> None:
        now = self._services.monotonic()
        for result in results:
            self.session.receive_result(result, now)

    def _look_at_the_clock(self, now: float, *, alive: bool) -> None:
        if alive:
            self.session.receive_command(KeepAlive(), now)
        self.session.receive_timeout(now)
        self._place.account.mark(self.session.usage())

    # ── the session ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _follow_up(self) -> None:
        """Do what follows from a step: there may be room for more audio, work for the engines, news for the client."""
        self._reception.advance()
        self._pump()

    def _pump(self) -> None:
        """Send out the work and the events that are ready."""
        if not self._begun.is_set():
            return  # nobody would hear it: `ready` of a session that enters a crowded house
        for work in self.session.work_to_do():
            self._services.submit(work)
        for event in self.session.events_to_send():
            self._take_event(event)
        self._lease.watch()

    def _take_event(self, event: Event) -> None:
        self._services.observer.event(event)
        if isinstance(event, Ready) and self._resumption is not None:
            event = self._resumption.announced(event)
        if isinstance(event, Closed):
            self._place.account.mark(self.session.usage())
            if not self._alone:
                self._life.outcome = "ok" if event.error is None else event.error.code
        self._delivery.take(event, self._resumption.journal if self._resumption and not self._alone else None)

    def _let_out(self, event: Event) -> None:
        """Write an event down and tell the client, if one is there."""
        if not (self._alone and isinstance(event, Closed)):  # the record says that the client vanished
            self._record.note(event)
        if self._alone:
            return
        if self._connections.current is not None:
            self._send(lambda connection: connection.tell(event))
        elif isinstance(event, Closed):
            self._life.over.set()

    def _send(self, send: Callable[[Attachment], None]) -> None:
        """Send something; a connection that does not read is lost, and with it what can go on with no other."""
        if self._connections.current is None:
            return
        try:
            send(self._connections.current)
        except SlowClient as error:
            if not self.is_resumable:
                raise
            self._log.info("connection given up", error=error.code)
            self._connections.dismiss(error)
            self._wait_for_another()

    # ── one connection ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self, attachment: Attachment) -> None:
        lost = True
        try:
            while (frame := await attachment.conduit.receive()) is not None and attachment is self._connections.current:
                self._reception.receive(frame, attachment.dialect)
        except MessageTooLarge as error:
            self._log.info("refused", error=error.code)
            self._life.outcome, lost = error.code, False
        self.advance()  # what waits for a pulse was received, and is paid for
        if attachment is not self._connections.current or (self._resumption is not None and self._life.given_up):
            return  # the session goes on with another, or it was we who closed
        if lost and self._resumption is not None:
            self._wait_for_another()
        else:
            await self._finish_alone()

    def _wait_for_another(self) -> None:
        """Wait for the client to come back, unless all that is left to do is to say that the session is closed."""
        self._connections.detach(self._services.monotonic())
        if self.session.state is State.CLOSED and not self._delivery.is_waiting:
            self._life.over.set()

    async def _give_up_waiting(self) -> None:
        """End a session to which nobody came back."""
        self._log.info("nobody came back")
        await self._finish_alone()

    async def _finish_alone(self) -> None:
        """Let what was received become final although the client has gone: its record has it."""
        self._go_alone()
        if self._resumption is not None:
            await self._resumption.journal.forget()
        self._reception.end()
        if self.session.state is not State.CLOSED and not self._life.given_up:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._delivery.closed.wait(), ALONE_SECONDS)
        self._life.over.set()

    def _go_alone(self) -> None:
        """Wait for no client from now on."""
        self._alone = True
        self._delivery.let_all_out()

    # ── resuming ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_resumable(self) -> bool:
        """Whether another connection may still go on with the session here."""
        open_here = not self._alone and not self.is_left and not self._life.given_up and not self._life.over.is_set()
        return self._resumption is not None and open_here and self.session.state is not State.CLOSED

    def opens_to(self, principal: Principal, token: str) -> bool:
        """Tell whether this client may go on with the session."""
        return self._resumption is not None and self._resumption.opens_to(principal, token)

    async def resume(self, conduit: Conduit, dialect: Dialect, sequence: int) -> bool:
        """Go on with another connection whose client has seen the events up to `sequence`; return when it has ended.

        False: the session has just ended, or was left. Raises `SessionUnknown` if its events are not known any more.
        """
        assert self._resumption is not None  # it opened to somebody
        await self._begun.wait()
        attachment = self._connections.new(conduit, dialect)
        missed = await self._resumption.missed(sequence)
        if not self.is_resumable:
            return False
        self._connections.dismiss(ResumedElsewhere("the session goes on with another connection"))
        self._resumption.greet(attachment, self._reception.go_back(), missed, again=False)
        self._log.info("session resumed")
        self._connections.attach(attachment)
        self.advance()
        await attachment.over.wait()
        return True

    async def _go_on(self, attachment: Attachment, taken: TakenOver) -> None:
        """Greet the client of a session that was taken over, its record brought to where its journal is."""
        assert self._resumption is not None  # it was taken over by its journal
        try:
            said = await self._resumption.journal.since(taken.kept.behind)
        except BaseException:
            self.is_left = True  # by nobody: the client may try again
            raise
        for event in said:
            self._record.note(event)
        missed = [event for event in said if event.sequence > taken.seen]
        self._resumption.greet(attachment, taken.standing.at, missed, again=True)
        self._log.info("session taken over")

    def _open_journal(self) -> None:
        if (journals := self._services.journals_for(self.session.options)) is not None:
            self._resumption = Resumption(
                self.session,
                self._services,
                journals,
                self._place.opening.principal,
                self._taken.kept if self._taken else None,
                delivery=self._delivery,
                life=self._life,
                on_taken=self._end_without_a_trace,
            )

    def _end_without_a_trace(self) -> None:
        self.is_left = True
        self._life.give_up(ResumedElsewhere("the session goes on elsewhere"))
