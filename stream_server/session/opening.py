"""The beginning of a conversation: who is it, what is wanted, is there room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from stream_server.asr.engine import Capabilities
from stream_server.auth import Principal
from stream_server.errors import IdleTimeout, InvalidConfiguration, StreamServerError, UnexpectedMessage, UnknownModel
from stream_server.events import Closed, Failed
from stream_server.protocol.dialect import Authenticate, Close, Conduit, Configure, Dialect, Input, Reply
from stream_server.session.options import SessionOptions
from stream_server.session.services import Services

SCOPE = "transcribe"


class ClientLeft(Exception):
    """The client closed the connection before it had said what it wants."""


@dataclass(slots=True)
class Opening:
    """Who asked for what. `early` are inputs that came in the same message, after the configuration."""

    principal: Principal
    options: SessionOptions
    early: list[Input] = field(default_factory=list)


async def read_opening(conduit: Conduit, dialect: Dialect, services: Services) -> Opening:
    """Read up to the configuration.

    Raises `ClientLeft`, or whatever of our errors the client has earned.
    """
    seconds = services.runner_limits.handshake_seconds
    try:
        async with asyncio.timeout(seconds):
            return await _read_until_configured(conduit, dialect, services)
    except TimeoutError:
        raise IdleTimeout(f"the key and the options did not come within {seconds:g} s") from None


async def _read_until_configured(conduit: Conduit, dialect: Dialect, services: Services) -> Opening:
    principal: Principal | None = None
    async for inputs in _inputs(conduit, dialect):
        for index, item in enumerate(inputs):
            match item:
                case Authenticate(key=key):
                    principal = await services.authenticator.authenticate(key)
                    principal.require(SCOPE)
                case Configure(options=options):
                    if principal is None:
                        principal = await services.authenticator.authenticate(None)
                    check_options(options, services.capabilities)
                    return Opening(principal, options, inputs[index + 1 :])
                case Reply(frame=frame):
                    await conduit.send(frame)
                case _:
                    raise UnexpectedMessage("the options must come before anything else")
    raise ClientLeft


async def _inputs(conduit: Conduit, dialect: Dialect) -> AsyncIterator[list[Input]]:
    yield dialect.open(conduit.handshake)
    while (frame := await conduit.receive()) is not None:
        yield dialect.decode(frame)


def check_options(options: SessionOptions, capabilities: Capabilities) -> None:
    """Raise unless the engine can do what is asked for."""
    if options.model not in (None, "auto", capabilities.model):
        raise UnknownModel(f"this model is not loaded here; {capabilities.model} is")
    asked = (*((options.language,) if options.language else ()), *options.languages)
    if any(language not in capabilities.languages for language in asked):
        raise InvalidConfiguration(f"the model {capabilities.model} does not know this language")


async def refuse(conduit: Conduit, dialect: Dialect, error: StreamServerError) -> None:
    """Say no in the dialect's own words and close."""
    for event in (Failed(error=error, at=0), Closed(error=error, at=0)):
        for output in dialect.encode(event):
            if isinstance(output, Close):
                await conduit.close(output.code, output.reason)
                return
            await conduit.send(output)
    await conduit.close(error.close_code, error.code)
