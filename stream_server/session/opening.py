"""The beginning of a conversation: who is it, what is wanted, is there room."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from stream_server.asr.engine import Capabilities
from stream_server.auth import Principal
from stream_server.errors import IdleTimeout, InvalidConfiguration, StreamServerError, UnexpectedMessage, UnknownModel
from stream_server.events import ChangeOptions, Closed, Failed
from stream_server.patience import patience
from stream_server.protocol.dialect import (
    Authenticate,
    Close,
    Conduit,
    Configure,
    Dialect,
    Handshake,
    Input,
    Reply,
    Resume,
)
from stream_server.session.meter import UsageSnapshot
from stream_server.session.options import SessionOptions
from stream_server.session.services import Services
from stream_server.session.standing import Standing
from stream_server.store.journals import KeptJournal
from stream_server.usage import UsageAccount

SCOPE = "transcribe"


class ClientLeft(Exception):
    """The client closed the connection before it had said what it wants."""


@dataclass(slots=True)
class Opening:
    """Who asked for what. `early` are inputs that came in the same message, after the configuration."""

    principal: Principal
    options: SessionOptions
    early: list[Input] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reopening:
    """Who asks to go on with which session."""

    principal: Principal
    wish: Resume


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Room for one session: counted in, with an account for its usage. It must be given back."""

    session_id: str
    opening: Opening
    account: UsageAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """A session that somebody else began and that goes on here; its client has `seen` the events up to a sequence."""

    kept: KeptJournal
    standing: Standing
    seen: int


@dataclass(slots=True, kw_only=True)
class Beginning:
    """What a handshake alone has settled: who it is and, if the options came with it, the place that was found.

    `inputs` are those not dealt with yet.
    """

    principal: Principal
    place: Place | None = None
    inputs: list[Input] = field(default_factory=list)


async def begin(dialect: Dialect, handshake: Handshake, services: Services) -> Beginning:
    """Judge a handshake before the connection is upgraded; raises whatever of our errors the client has earned."""
    inputs = dialect.open(handshake)
    key = next((item.key for item in inputs if isinstance(item, Authenticate)), None)
    principal = await services.authenticator.authorise(key, SCOPE)
    rest: list[Input] = [item for item in inputs if not isinstance(item, Authenticate)]
    configured = next((index for index, item in enumerate(rest) if isinstance(item, Configure)), None)
    if configured is None:
        return Beginning(principal=principal, inputs=rest)
    item = rest.pop(configured)
    assert isinstance(item, Configure)  # as it was found
    options = await services.with_house_rules(check_options(item.options, services.capabilities), principal)
    place = await find_place(Opening(principal, options, rest), services)
    return Beginning(principal=principal, place=place)


async def find_place(
    opening: Opening, services: Services, *, session_id: str | None = None, heard: UsageSnapshot | None = None
) -> Place:
    """Count a session in and open its account; raises `RateLimited`, `TooManySessions` or `QuotaExceeded`.

    One that somebody else began has its id, and has `heard` so much. A full house raises first, and counts nothing.
    """
    if (full := services.registry.unavailable()) is not None:
        raise full
    session_id, options = session_id or uuid.uuid4().hex, opening.options
    await services.authenticator.admit(opening.principal, session_id)
    try:
        account = await services.recorder.open(
            session_id,
            opening.principal,
            "live",
            options.audio.sample_rate,
            len(options.track_names),
            heard=heard,
        )
    except BaseException:
        await services.authenticator.release(opening.principal, session_id)
        raise
    return Place(session_id=session_id, opening=opening, account=account)


async def give_back(place: Place, services: Services, usage: UsageSnapshot | None = None) -> None:
    """Close the account of a session with what it used, nothing if it never began, and free its place."""
    options = place.opening.options
    unused = UsageSnapshot(
        clock_rate=options.audio.sample_rate, session=0, tracks=(0,) * len(options.track_names), speech=0
    )
    try:
        await place.account.close(usage or unused)
    finally:
        await services.authenticator.release(place.opening.principal, place.session_id)


async def leave(place: Place, services: Services, usage: UsageSnapshot) -> None:
    """Give a place back whose session somebody else goes on with, or may: its account is not closed."""
    try:
        await place.account.leave(usage)
    finally:
        await services.authenticator.release(place.opening.principal, place.session_id)


async def abandon(beginning: Beginning, services: Services) -> None:
    """Give back what a handshake was given whose connection never became a conversation."""
    if beginning.place is not None:
        await give_back(beginning.place, services)


async def read_opening(
    conduit: Conduit, dialect: Dialect, services: Services, beginning: Beginning | None = None
) -> Opening | Reopening:
    """Read up to the configuration; from where a `beginning` at the handshake has left off.

    Raises `ClientLeft`, or whatever of our errors the client has earned.
    """
    seconds = services.runner_limits.handshake_seconds
    try:
        async with patience(seconds):
            return await _read_until_configured(conduit, dialect, services, beginning)
    except TimeoutError:
        raise IdleTimeout(f"the key and the options did not come within {seconds:g} s") from None


async def _read_until_configured(
    conduit: Conduit, dialect: Dialect, services: Services, beginning: Beginning | None
) -> Opening | Reopening:
    principal = beginning.principal if beginning else None
    async for inputs in _inputs(conduit, dialect, beginning):
        for index, item in enumerate(inputs):
            match item:
                case Authenticate(key=key):
                    principal = await services.authenticator.authorise(key, SCOPE)
                case Configure(options=options):
                    if principal is None:
                        principal = await services.authenticator.authenticate(None)
                    checked = check_options(options, services.capabilities)
                    return Opening(principal, await services.with_house_rules(checked, principal), inputs[index + 1 :])
                case Resume():
                    if principal is None:
                        principal = await services.authenticator.authenticate(None)
                    return Reopening(principal, item)
                case Reply(frame=frame):
                    await conduit.send(frame)
                case _:
                    raise UnexpectedMessage("the options must come before anything else")
    raise ClientLeft


async def _inputs(conduit: Conduit, dialect: Dialect, beginning: Beginning | None) -> AsyncIterator[list[Input]]:
    yield dialect.open(conduit.handshake) if beginning is None else beginning.inputs
    while (frame := await conduit.receive()) is not None:
        yield dialect.decode(frame)


def check_options(options: SessionOptions, capabilities: Capabilities) -> SessionOptions:
    """Return the options as they hold here; raise unless the engine can do what is asked for."""
    if options.model not in (None, "auto", capabilities.model):
        raise UnknownModel(f"this model is not loaded here; {capabilities.model} is")
    if options.translate and not capabilities.translates:
        raise InvalidConfiguration(f"the model {capabilities.model} cannot translate; a multilingual one can")
    if options.lenient_language:
        known = tuple(language for language in options.languages if language in capabilities.languages)
        return replace(options, language=known_language(options.language, capabilities) or None, languages=known)
    asked = (*((options.language,) if options.language else ()), *options.languages)
    if any(language not in capabilities.languages for language in asked):
        raise InvalidConfiguration(f"the model {capabilities.model} does not know this language")
    return options


def check_change(change: ChangeOptions, capabilities: Capabilities) -> ChangeOptions:
    """Return a change in mid-session as it holds here: a language that the engine does not know is detected."""
    languages = change.languages
    if languages is not None:
        languages = tuple(language for language in languages if language in capabilities.languages)
    return replace(change, language=known_language(change.language, capabilities), languages=languages)


def known_language(language: str | None, capabilities: Capabilities) -> str | None:
    """Return a language if the engine knows it, else "": it is to be detected."""
    return language if language is None or language in capabilities.languages else ""


async def refuse(conduit: Conduit, dialect: Dialect, error: StreamServerError) -> None:
    """Say no in the dialect's own words and close."""
    for event in (Failed(error=error, at=0), Closed(error=error, at=0)):
        for output in dialect.encode(event):
            if isinstance(output, Close):
                await conduit.close(output.code, output.reason)
                return
            await conduit.send(output)
    await conduit.close(error.close_code, error.code)
