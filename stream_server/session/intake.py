"""From the wire to the session: spool, decode, feed; never further ahead than recognition can follow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from stream_server.audio.decoding import Decoder
from stream_server.errors import StreamServerError
from stream_server.events import Audio, Command, Finish, Samples
from stream_server.protocol.dialect import AudioData, DeclareAudio
from stream_server.session.options import AudioFormat
from stream_server.session.spool import Item, Spool

Answer: TypeAlias = list[Samples] | Awaitable[list[Samples]]
"""What a decoder gives: at once, or later."""

Spawn: TypeAlias = Callable[[Callable[[], Coroutine[Any, Any, None]]], "asyncio.Task[None]"]
"""Starts a task that somebody watches over."""


class Intake:
    """Takes inputs in order and passes commands on.

    `open_decoder` opens one for a format, None: the session's own. `feed` is given each command; `has_room` tells
    whether the session may be fed. Decoders of containers answer later: until then nothing else passes, and `spawn`
    runs the task that waits. `on_progress` is called after such a pause, when the loop is on its own.
    """

    def __init__(
        self,
        spool: Spool,
        open_decoder: Callable[[AudioFormat | None], Decoder],
        *,
        feed: Callable[[Command], None],
        has_room: Callable[[], bool],
        on_progress: Callable[[], None],
        spawn: Spawn,
    ) -> None:
        self._spool = spool
        self._open_decoder = open_decoder
        self._feed = feed
        self._has_room = has_room
        self._on_progress = on_progress
        self._spawn = spawn
        self._declared: AudioFormat | None = None
        self._decoders: dict[int | None, Decoder] = {}
        self._decoding: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._closed = False
        self._ended = False

    @property
    def is_empty(self) -> bool:
        """Whether everything put in has been passed on."""
        return not self._spool and self._decoding is None

    @property
    def waiting_bytes(self) -> int:
        """Bytes of audio not passed on yet."""
        return self._spool.waiting_bytes

    def put(self, item: Item) -> None:
        """Take an input, unless an error has ended it; raises `BacklogExceeded`. Call `advance` afterwards."""
        if not self._closed and not self._ended:
            self._spool.put(item)

    def advance(self) -> None:
        """Pass on what the session has room for."""
        self._room.set()
        while self._spool and self._decoding is None and self._has_room():
            item = self._spool.take()
            try:
                self._pass_on(item)
            except StreamServerError as error:
                self.end_with(error)

    def end_with(self, error: StreamServerError) -> None:
        """Nothing that waits or still comes can be used: end the session for this reason."""
        self._ended = True
        self._spool.clear()
        self._feed(Finish(error=error))

    def close(self) -> None:
        """Stop decoding and give everything back."""
        self._closed = True
        if self._decoding is not None:
            self._decoding.cancel()
        for decoder in self._decoders.values():
            decoder.close()
        self._spool.clear()

    def _pass_on(self, item: Item) -> None:
        if isinstance(item, AudioData):
            decoder = self._decoder(item.track)
            answer = decoder.feed(item.data)
            if isinstance(answer, list) and not decoder.more:
                self._hear(answer, item.track)
            else:
                self._wait_for(lambda: self._hear_all(decoder, answer, item.track, lambda: decoder.feed(b"")))
        elif isinstance(item, DeclareAudio):
            self._wait_for(lambda: self._declare(item.audio))
        elif isinstance(item, Finish) and self._decoders:
            self._wait_for(lambda: self._finish(item))
        else:
            self._feed(item)

    def _decoder(self, track: int | None) -> Decoder:
        decoder = self._decoders.get(track)
        if decoder is None:
            decoder = self._decoders[track] = self._open_decoder(self._declared)
        return decoder

    def _hear(self, answer: list[Samples], track: int | None) -> None:
        for samples in answer:
            if len(samples):
                self._feed(Audio(samples=samples, track=track))

    async def _hear_all(
        self, decoder: Decoder, answer: Answer, track: int | None, ask_again: Callable[[], Answer]
    ) -> None:
        """Pass on an answer that comes later, or in several parts: a minute of silence may be a hundred bytes."""
        self._hear(answer if isinstance(answer, list) else await answer, track)
        while decoder.more:
            self._on_progress()
            while not self._has_room():
                self._room.clear()
                await self._room.wait()
            answer = ask_again()
            self._hear(answer if isinstance(answer, list) else await answer, track)

    async def _finish(self, command: Finish) -> None:
        """Empty every decoder, then pass the command on."""
        await self._empty_decoders()
        self._feed(command)

    async def _declare(self, audio: AudioFormat) -> None:
        """End what decoded the audio so far; others decode what comes from here on."""
        await self._empty_decoders()
        while self._decoders:
            self._decoders.popitem()[1].close()
        self._declared = audio

    async def _empty_decoders(self) -> None:
        for track, decoder in self._decoders.items():
            await self._hear_all(decoder, decoder.finish(), track, decoder.finish)

    def _wait_for(self, step: Callable[[], Awaitable[None]]) -> None:
        self._decoding = self._spawn(lambda: self._decode(step))

    async def _decode(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except StreamServerError as error:
            self.end_with(error)
        finally:
            self._decoding = None
        self._on_progress()
