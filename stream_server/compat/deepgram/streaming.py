"""Deepgram's streaming dialect, a websocket at `/v1/listen`; `docs/compat.md` tells what works."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from stream_server.compat.deepgram.channel import Channel, Heard
from stream_server.compat.deepgram.credentials import presented_key
from stream_server.compat.deepgram.errors import LISTEN, closing
from stream_server.compat.deepgram.messages import (
    parse_keyterms,
    write_configured,
    write_misunderstood,
    write_not_configured,
)
from stream_server.compat.deepgram.parameters import Listen, read_hotwords, read_listen
from stream_server.compat.deepgram.results import Results
from stream_server.errors import UnexpectedMessage
from stream_server.events import (
    ChangeOptions,
    Closed,
    Event,
    Final,
    Finish,
    Flush,
    Flushed,
    KeepAlive,
    NothingSaid,
    Partial,
    Ready,
    Silence,
    SpeechEnded,
    SpeechStarted,
)
from stream_server.protocol.codec import Message, decode_json_object, encode_json
from stream_server.protocol.dialect import AudioData, Authenticate, Configure, Frame, Handshake, Input, Output, Reply

PATH = LISTEN

IDLE_SECONDS = 10.0
"""Without audio or `KeepAlive`, until Deepgram closes; its clients count on it."""

SHORTEST_ENDPOINTING_MS = 300
"""Clients ask for 10 or 25 ms, which for Whisper would cut sentences into scraps."""

LONGEST_CONTROL = 64 * 1024
"""Characters of a text message; a hundred key terms take a tenth of that."""


class DeepgramDialect:
    """Frames of Deepgram's clients to inputs, events to the messages that they know.

    `idle_seconds` is how long a client may send nothing, `shortest_endpointing_ms` the least silence that ends speech.
    `clock` tells POSIX seconds, for the date in `Metadata`.
    """

    name = "deepgram"

    def __init__(
        self,
        *,
        idle_seconds: float = IDLE_SECONDS,
        shortest_endpointing_ms: int = SHORTEST_ENDPOINTING_MS,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.partials_replace = True
        self._idle_seconds = idle_seconds
        self._shortest_endpointing_ms = shortest_endpointing_ms
        self._clock = clock
        self._created = 0.0
        self._listen: Listen
        self._finished = False
        self._received = hashlib.sha256()
        self._results: Results
        self._channels: list[Channel] = []
        self._flushes: deque[int | None] = deque()

    def open(self, handshake: Handshake) -> list[Input]:
        """Read the key and the query: the options are settled before the connection is upgraded."""
        self._created = self._clock()
        self._listen = read_listen(
            handshake.parameters,
            shortest_endpointing_ms=self._shortest_endpointing_ms,
            idle_seconds=self._idle_seconds,
        )
        key = presented_key(handshake.headers, handshake.offered_subprotocols)
        return [Authenticate(key=key), Configure(options=self._listen.options)]

    # ── from the client ─────────────────────────────────────────────────────────────────────────────────────────────

    def decode(self, frame: Frame) -> list[Input]:
        """Turn one message into inputs; nothing counts after `CloseStream`, and nothing unknown ends the stream."""
        if self._finished:
            return []
        if isinstance(frame, bytes):
            return self._audio(frame)
        try:
            return self._control(read_control(frame))
        except UnexpectedMessage as error:
            return [_reply(write_misunderstood(error.message, frame))]

    def _control(self, message: Message) -> list[Input]:
        match message.get("type"):
            case "KeepAlive":
                return [KeepAlive()]
            case "Finalize":
                return [self._finalize(message.get("channel"))]
            case "CloseStream":
                return [self._finish()]
            case "Configure":
                return self._configure(message)
        raise UnexpectedMessage("type must be KeepAlive, Finalize, CloseStream or Configure")

    def _audio(self, frame: bytes) -> list[Input]:
        if not frame:  # how streams were ended before there was CloseStream
            return [self._finish()]
        self._received.update(frame)
        return [AudioData(data=frame)]

    def _finalize(self, channel: Any) -> Input:
        known = isinstance(channel, int) and 0 <= channel < len(self._channels)
        self._flushes.append(channel if known else None)
        return Flush(flush_id="finalize")

    def _finish(self) -> Input:
        self._finished = True
        return Finish()

    def _configure(self, message: Message) -> list[Input]:
        try:
            keyterms = parse_keyterms(message)
        except ValueError as error:
            return [_reply(write_not_configured(self._results.request_id, str(error)))]
        reply = _reply(write_configured(self._results.request_id, keyterms))
        return [reply] if keyterms is None else [ChangeOptions(hotwords=read_hotwords(keyterms)), reply]

    # ── to the client ───────────────────────────────────────────────────────────────────────────────────────────────

    def encode(self, event: Event) -> list[Output]:
        """Turn an event into the messages that Deepgram has for it."""
        match event:
            case Ready():
                self._begin(event)
            case SpeechStarted(track=track):
                return self._started(event, self._channels[track])
            case SpeechEnded(track=track):
                self._channels[track].ended(event)
            case Partial(track=track):
                return self._partial(event, self._channels[track])
            case Final(track=track):
                return self._finals(track, self._channels[track].final(event))
            case NothingSaid(track=track):
                announced = self._listen.vad_events
                return self._finals(track, self._channels[track].nothing_said(event, announced=announced))
            case Silence(track=track):
                self._channels[track].silent(event)
                return self._utterance_end(track)
            case Flushed():
                return self._flushed(event)
            case Closed():
                return self._close(event)
        return []

    def _begin(self, event: Ready) -> None:
        self._results = Results(event, self._listen)
        self._channels = [Channel(rate=event.clock_rate, endpointing=self._listen.endpointing) for _ in event.tracks]

    def _started(self, event: SpeechStarted, channel: Channel) -> list[Output]:
        outputs = self._written(event.track, channel.release())
        if channel.started(event) and self._listen.vad_events:
            outputs.append(self._results.speech_started(event.track, event.at))
        return outputs

    def _partial(self, event: Partial, channel: Channel) -> list[Output]:
        """Write a partial; one that makes words final must not be lost, whatever comes after it."""
        results = channel.partial(event)
        self.partials_replace = not any(result.is_final for result in results)
        wanted = [result for result in results if result.is_final or self._listen.interim_results]
        return self._written(event.track, wanted)

    def _finals(self, track: int, results: list[Heard]) -> list[Output]:
        if self._flushes:
            results = self._channels[track].hold(results)
        return self._written(track, results) + self._utterance_end(track)

    def _flushed(self, event: Flushed) -> list[Output]:
        wanted = self._flushes.popleft()
        outputs: list[Output] = []
        for track, channel in enumerate(self._channels):
            if wanted in (None, track):
                outputs.append(self._results.result(track, channel.flushed(event.at), from_finalize=True))
            else:
                outputs += self._written(track, channel.release())
            outputs += self._utterance_end(track)
        return outputs

    def _close(self, event: Closed) -> list[Output]:
        """Deliver what is left; the end of all that was asked for is told by `Metadata` and a close of 1000."""
        outputs: list[Output] = []
        for track, channel in enumerate(self._channels):
            outputs += self._written(track, channel.release())
            if event.error is None and event.at > channel.end:
                outputs += self._written(track, [channel.rest(event.at)])
        if event.error is None:
            outputs.append(self._results.metadata(event.at, sha256=self._received.hexdigest(), created=self._created))
        return [*outputs, closing(event.error)]

    def _utterance_end(self, track: int) -> list[Output]:
        last = self._channels[track].utterance_end()
        return [] if last is None else [self._results.utterance_end(track, last)]

    def _written(self, track: int, results: Iterable[Heard]) -> list[Output]:
        return [self._results.result(track, result) for result in results]


def read_control(frame: str) -> Message:
    """Return a text message; raises `UnexpectedMessage`."""
    if len(frame) > LONGEST_CONTROL:  # parsing it would hold up everybody
        raise UnexpectedMessage("the message is too long")
    return decode_json_object(frame)


def _reply(message: Message) -> Input:
    return Reply(frame=encode_json(message))
