"""Hold one conversation: with a new session, or with one that lost its connection, here or in another process."""

from __future__ import annotations

import structlog

from stream_server.auth import Principal
from stream_server.errors import InternalError, SessionUnknown, StreamServerError
from stream_server.events import Closed
from stream_server.journaling import JournalKeeper
from stream_server.protocol.dialect import Conduit, Dialect, Resume
from stream_server.session.attachment import Attachment
from stream_server.session.meter import UsageSnapshot
from stream_server.session.opening import (
    Beginning,
    ClientLeft,
    Opening,
    Place,
    Reopening,
    TakenOver,
    find_place,
    give_back,
    leave,
    read_opening,
    refuse,
)
from stream_server.session.options import SessionOptions
from stream_server.session.resumption import opens
from stream_server.session.runner import SessionRunner
from stream_server.session.services import Services
from stream_server.session.standing import Standing
from stream_server.session.transcript import Durable
from stream_server.session.written import read_end, read_options
from stream_server.store.journals import KeptJournal
from stream_server.work import ENGINE_RATE

log = structlog.get_logger(__name__)

UNKNOWN = "there is no such session to resume: it is over, or its id or its token is another"
"""Said of every session that is not to be had, whatever the reason: who guesses learns nothing."""


async def serve_session(
    conduit: Conduit, dialect: Dialect, services: Services, beginning: Beginning | None = None
) -> None:
    """Hold one conversation to its end, from a `beginning` at the handshake on. Never raises but for cancellation."""
    try:
        place = beginning.place if beginning else None
        if place is None:
            opening = await read_opening(conduit, dialect, services, beginning)
            if isinstance(opening, Reopening):
                await _resume(conduit, dialect, services, opening.principal, opening.wish)
                return
            place = await find_place(opening, services)
        await _run(conduit, dialect, services, place, await _enter(dialect, services, place))
    except ClientLeft:
        services.observer.refused(dialect.name, "client_left")
    except StreamServerError as error:
        log.info("refused", dialect=dialect.name, error=error.code, reason=error.message)
        services.observer.refused(dialect.name, error.code)
        await refuse(conduit, dialect, error)
    except Exception as error:  # the boundary between one conversation and everybody else's
        log.exception("conversation failed", dialect=dialect.name, error=type(error).__name__)
        await refuse(conduit, dialect, InternalError("something went wrong on our side"))


async def _enter(dialect: Dialect, services: Services, place: Place, taken: TakenOver | None = None) -> SessionRunner:
    """Have a session in the house; raises, its place given back, if there is no room after all."""
    try:
        runner = SessionRunner(place, dialect, services, taken)
        resumable = services.journals_for(place.opening.options) is not None
        services.registry.enter(place.session_id, runner, resumable=resumable)
    except BaseException:
        if taken is None:
            await give_back(place, services)
        else:  # its journal is there: the client may try again
            await leave(place, services, _heard(place.opening.options, taken.standing))
        raise
    return runner


async def _run(conduit: Conduit, dialect: Dialect, services: Services, place: Place, runner: SessionRunner) -> None:
    """Run a session that is in the house and give everything back in reverse order."""
    try:
        await runner.run(conduit, dialect)
    finally:
        services.registry.leave(place.session_id, runner)
        services.cancel(place.session_id)
        try:
            async with services.registry.passage(place.session_id):
                if runner.is_left:
                    await leave(place, services, runner.session.usage())
                else:
                    await give_back(place, services, runner.session.usage())
        finally:
            runner.gone.set()


# ── going on ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _resume(conduit: Conduit, dialect: Dialect, services: Services, principal: Principal, wish: Resume) -> None:
    """Go on with a session: with ours, else with one that its journal tells of; raises `SessionUnknown`."""
    if services.journals is None:
        raise SessionUnknown(UNKNOWN)
    while True:
        runner = services.registry.find(wish.session_id)
        if isinstance(runner, SessionRunner):
            if not runner.opens_to(principal, wish.token):
                raise SessionUnknown(UNKNOWN)
            if runner.is_resumable and await runner.resume(conduit, dialect, wish.sequence):
                return
            await runner.gone.wait()  # its end is being written
        async with services.registry.passage(wish.session_id):
            if isinstance(services.registry.find(wish.session_id), SessionRunner):
                continue  # another connection was faster
            kept = await _find(services.journals, principal, wish)
            if kept.ended is not None:
                break
            place, taken = await _take_over(principal, wish, kept, services, services.journals)
            runner = await _enter(dialect, services, place, taken)
        await _run(conduit, dialect, services, place, runner)
        return
    await _tell_end(conduit, dialect, services, wish, kept)


async def _find(journals: JournalKeeper, principal: Principal, wish: Resume) -> KeptJournal:
    kept = await journals.find(wish.session_id)
    if kept is None or not opens(kept.head, principal, wish.token):
        raise SessionUnknown(UNKNOWN)
    return kept


async def _take_over(
    principal: Principal, wish: Resume, kept: KeptJournal, services: Services, journals: JournalKeeper
) -> tuple[Place, TakenOver]:
    """Find room for the session, then take it from whoever has it.

    Nobody goes on from a journal that tells less than the client has seen: its numbers would be given twice; nor from
    one that lost what the client has not seen. What is masked here is so from now on, whatever was when it began.
    """
    if not _goes_on_from(kept, wish):
        raise SessionUnknown(UNKNOWN)
    options = services.with_redaction(read_options(kept.head.options))
    await services.make_ready(options)
    heard = _heard(options, journals.standing_of(kept))
    place = await find_place(Opening(principal, options), services, session_id=wish.session_id, heard=heard)
    try:
        taken = await journals.take_over(wish.session_id)
    except BaseException:
        await leave(place, services, heard)
        raise
    if taken is None or taken.ended is not None or not _goes_on_from(taken, wish):
        await leave(place, services, heard)
        raise SessionUnknown(UNKNOWN)
    return place, TakenOver(kept=taken, standing=journals.standing_of(taken), seen=wish.sequence)


def _goes_on_from(kept: KeptJournal, wish: Resume) -> bool:
    return kept.behind <= wish.sequence <= kept.sequence


async def _tell_end(conduit: Conduit, dialect: Dialect, services: Services, wish: Resume, kept: KeptJournal) -> None:
    """Say again what was said at the end of a session."""
    assert services.journals is not None  # it found the journal
    assert kept.ended is not None
    closed, options = read_end(kept.ended), read_options(kept.head.options)
    missed: list[Durable | Closed] = []
    while wish.sequence + len(missed) < kept.sequence:
        some = await services.journals.events(wish.session_id, wish.sequence + len(missed))
        if not some:
            raise SessionUnknown(UNKNOWN)
        missed += some
    resumed = services.resumed(wish.session_id, options, at=closed.at, again=False)
    attachment = Attachment(conduit, dialect, services.runner_limits.outbound_bytes)
    attachment.greet(resumed, [*missed, closed])
    await attachment.write()


def _heard(options: SessionOptions, standing: Standing) -> UsageSnapshot:
    """Return what the session had used where it stood."""
    rate = options.audio.sample_rate
    speech = sum(track.speech for track in standing.tracks) * rate // ENGINE_RATE
    return UsageSnapshot(rate, standing.at, (standing.at,) * len(standing.tracks), speech)
