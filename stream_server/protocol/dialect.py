"""The contract between a wire and a session: frames in, inputs out; events in, frames out.

A dialect is pure, stateful and lives as long as one connection. It never sees PCM as numbers: audio bytes pass through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from stream_server.events import Command, Event
from stream_server.session.options import AudioFormat, SessionOptions

Frame: TypeAlias = str | bytes
"""A websocket message: text or binary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What is known when the connection opens. Header names are lower case.

    `query` has the first of each parameter, `parameters` all of them in order.
    """

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    parameters: Sequence[tuple[str, str]] = ()
    subprotocol: str | None = None
    offered_subprotocols: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What a handshake or a request is refused with, in a vendor's own form."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """The client presents a key; None means that it presents none."""

    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """The client asks for a session with these options."""

    options: SessionOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """The client asks to go on with a session whose connection it lost; it has seen durable events up to `sequence`."""

    session_id: str
    token: str = field(repr=False)
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioData:
    """Bytes of audio as received, in the declared format or a container's. `track` as in `events.Audio`."""

    data: bytes
    track: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareAudio:
    """Audio from here on is in another format; the session's clock, and so `audio.sample_rate`, stays."""

    audio: AudioFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Send this frame back at once; the session need not know."""

    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close the connection with this code; sent after every earlier frame. `reason` is at most 123 bytes."""

    code: int
    reason: str = ""


Input: TypeAlias = Authenticate | Configure | Resume | AudioData | DeclareAudio | Reply | Command
Output: TypeAlias = Frame | Close


class Dialect(Protocol):
    """One vendor's wire, seen from one connection.

    `open`, `decode` raise a `StreamServerError` for what the wire forbids; the runner turns it into `Failed` and
    `Closed` events, which come back through `encode` and give the dialect's own words and close code.
    `partials_replace` says that the frames of a partial, the last that was encoded, say all that those of earlier ones
    did: of unsent ones the newest is enough.
    """

    name: str
    partials_replace: bool

    def open(self, handshake: Handshake) -> list[Input]:
        """Read the handshake; may already authenticate or even configure."""
        ...

    def decode(self, frame: Frame) -> list[Input]:
        """Turn one frame from the client into inputs, in order."""
        ...

    def encode(self, event: Event) -> list[Output]:
        """Turn one event into frames for the client; an empty list if this wire has no word for it."""
        ...


class Conduit(Protocol):
    """One open connection, whatever carries it. The runner sees sockets only through this."""

    handshake: Handshake

    async def receive(self) -> Frame | None:
        """Return the next message; None when the client has closed or vanished. Raises `MessageTooLarge`."""
        ...

    async def send(self, frame: Frame) -> None:
        """Send one message; returns when the transport accepted it; waits while the client does not read."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close; never raises."""
        ...
