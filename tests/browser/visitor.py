"""A page, with what a person would not see noted down: complaints of the console, and what goes over wires."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from playwright.async_api import ConsoleMessage, Page, WebSocket

from tests.child_server import Message, Pcm


@dataclass
class Wire:
    """One websocket that a page opened: what was said on it, each message with its type, audio apart."""

    url: str
    sent: list[Message] = field(default_factory=list)
    received: list[Message] = field(default_factory=list)
    audio: bytearray = field(default_factory=bytearray)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def of_type(self, kind: str) -> list[Message]:
        """Return what the server said of a type."""
        return [message for message in self.received if message["type"] == kind]


class Visitor:
    """Looks at one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wires: list[Wire] = []
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("crash", lambda _: self.complaints.append("the page crashed"))
        page.on("websocket", self._listen)

    def forgive(self, pattern: str) -> None:
        """Take off the list what had to be complained about: that a server is away, say."""
        self.complaints = [each for each in self.complaints if not re.search(pattern, each)]

    def of_type(self, kind: str) -> list[Message]:
        """Return what servers said of a type, on all wires."""
        return [message for wire in self.wires for message in wire.of_type(kind)]

    def audio_as_the_session_has_it(self) -> Pcm:
        """Return the samples in the order of the session clock, each once, whatever was sent again."""
        whole = bytearray()
        for wire in self.wires:
            for resumed in wire.of_type("resumed"):
                del whole[resumed["from_sample"] * 2 :]
            whole += wire.audio
        return np.frombuffer(bytes(whole), "<i2")

    async def until(self, holds: Callable[[], Any], seconds: float = 60) -> Any:
        """Return what `holds` returns once it is true."""
        async with asyncio.timeout(seconds):
            while not (found := holds()):  # noqa: ASYNC110  (what a page shows rings no bell)
                await asyncio.sleep(0.05)
        return found

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _listen(self, socket: WebSocket) -> None:
        wire = Wire(socket.url)
        self.wires.append(wire)

        def note(messages: list[Message], frame: str | bytes) -> None:
            if isinstance(frame, bytes):
                wire.audio.extend(frame)
            else:
                messages.append(json.loads(frame))

        socket.on("framesent", lambda frame: note(wire.sent, frame))
        socket.on("framereceived", lambda frame: note(wire.received, frame))
        socket.on("close", lambda _: wire.closed.set())
