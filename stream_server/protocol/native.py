"""The native wire, `/v1/stream`, seen from one connection; `docs/protocol.md` is its description."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from stream_server.errors import InvalidKey, UnexpectedMessage
from stream_server.events import Closed, Event, Failed, Finish, Flush, KeepAlive, LookAgainNow, Ready, Resumed
from stream_server.protocol.closing import close_reason
from stream_server.protocol.codec import Codec, JsonCodec, Message, codec_for
from stream_server.protocol.credentials import native_key
from stream_server.protocol.dialect import (
    AudioData,
    Authenticate,
    Close,
    Configure,
    Frame,
    Handshake,
    Input,
    Output,
    Reply,
    Resume,
)
from stream_server.protocol.fields import LONGEST_NAME
from stream_server.protocol.messages import close_code, write_event, write_warning
from stream_server.protocol.start import read_resume, read_start
from stream_server.protocol.tracks import TrackReader

PATH = "/v1/stream"

CLIENT_MESSAGE_TYPES: tuple[str, ...] = (
    "authenticate",
    "start",
    "resume",
    "audio",
    "flush",
    "keep_alive",
    "look_again",
    "finish",
)

_BEFORE_START_RATE = 16_000


class _Phase(Enum):
    CONNECTED = "no key was presented yet"
    AUTHENTICATED = "a key was presented, or its absence accepted"
    RESUMING = "a session is looked for"
    STARTED = "options are known; audio may come"
    FINISHED = "no more audio will come"


class NativeDialect:
    """Frames of the native wire to inputs, events to frames.

    Whatever follows `finish` is ignored: a microphone may deliver one block more.
    """

    name = "native"
    partials_replace = True

    def __init__(self) -> None:
        self._codec: Codec = JsonCodec()
        self._phase = _Phase.CONNECTED
        self._rate = _BEFORE_START_RATE
        self._tracks: TrackReader | None = None
        self._plain_audio = False  # binary frames are nothing but audio: the road that is taken fifty times a second
        self._error_sent = False
        self._readers: dict[str, Callable[[Message], list[Input]]] = {
            "authenticate": self._authenticate,
            "start": self._start,
            "resume": self._resume,
            "audio": self._audio,
            "flush": self._flush,
            "keep_alive": self._keep_alive,
            "look_again": self._look_again,
            "finish": self._finish,
        }

    def open(self, handshake: Handshake) -> list[Input]:
        """Settle the codec, and authenticate if the handshake carries a key."""
        self._codec = codec_for(handshake.subprotocol)
        key = native_key(handshake)
        if key is None:
            return []
        self._phase = _Phase.AUTHENTICATED
        return [Authenticate(key=key)]

    def decode(self, frame: Frame) -> list[Input]:
        """Turn one message into inputs."""
        if self._phase is _Phase.FINISHED:
            return []
        if self._plain_audio and isinstance(frame, bytes):
            return [AudioData(data=frame)] if frame else []
        message = self._codec.decode(frame)
        kind = message.get("type")
        reader = self._readers.get(kind) if isinstance(kind, str) else None
        if reader is None:
            raise UnexpectedMessage(f"type must be one of {', '.join(CLIENT_MESSAGE_TYPES)}")
        return reader(message)

    def encode(self, event: Event) -> list[Output]:
        """Turn an event into its message; `Closed` also closes."""
        if isinstance(event, Ready | Resumed):
            self._rate = event.clock_rate
        if isinstance(event, Resumed):
            self._begin(event.tracks, independent=event.independent_tracks)
        outputs: list[Output] = []
        if isinstance(event, Failed):
            self._error_sent = True
        if isinstance(event, Closed) and event.error is not None and not self._error_sent:
            outputs += self.encode(Failed(error=event.error, at=event.at))
        outputs.append(self._codec.encode(write_event(event, self._rate)))
        if isinstance(event, Closed):
            outputs.append(Close(code=close_code(event.error), reason=close_reason(event.error)))
        return outputs

    def _authenticate(self, message: Message) -> list[Input]:
        if self._phase is not _Phase.CONNECTED:
            raise UnexpectedMessage("a key may be presented once, before start or resume")
        key = message.get("key")
        if not isinstance(key, str) or not key:
            raise InvalidKey("authenticate needs a key")
        self._phase = _Phase.AUTHENTICATED
        return [Authenticate(key=key)]

    def _start(self, message: Message) -> list[Input]:
        inputs = self._settle_key("start")
        options, unknown = read_start(message, carries_tracks=self._codec.carries_tracks)
        inputs.append(Configure(options=options))
        if unknown:
            inputs.append(self._warn("unknown_fields", f"start has fields that mean nothing here: {_listed(unknown)}"))
        self._rate = options.audio.sample_rate
        self._begin(options.track_names, independent=options.independent_tracks)
        return inputs

    def _resume(self, message: Message) -> list[Input]:
        inputs = self._settle_key("resume")
        session_id, token, sequence = read_resume(message)
        self._phase = _Phase.RESUMING
        return [*inputs, Resume(session_id=session_id, token=token, sequence=sequence)]

    def _settle_key(self, kind: str) -> list[Input]:
        """Return that no key is presented, if none was by now; no more comes."""
        if self._phase in (_Phase.RESUMING, _Phase.STARTED):
            raise UnexpectedMessage(f"{kind} must come first, and once")
        return [Authenticate(key=None)] if self._phase is _Phase.CONNECTED else []

    def _begin(self, tracks: tuple[str, ...], *, independent: bool) -> None:
        self._phase = _Phase.STARTED
        self._tracks = TrackReader(tracks, independent=independent)
        self._plain_audio = not self._codec.carries_tracks

    def _audio(self, message: Message) -> list[Input]:
        if self._tracks is None:
            raise UnexpectedMessage("audio before start")
        samples = message.get("samples")
        if not isinstance(samples, bytes):
            raise UnexpectedMessage("audio samples must be binary")
        frame = self._tracks.read(message)
        if frame.repeated:
            return []
        inputs: list[Input] = []
        if frame.missing:
            text = (
                f"track {frame.track or 0}: {frame.missing} audio messages are missing before sequence {frame.sequence}"
            )
            inputs.append(self._warn("audio_gap", text))
        if samples:
            inputs.append(AudioData(data=samples, track=frame.track))
        return inputs

    def _flush(self, message: Message) -> list[Input]:
        self._need_start("flush")
        flush_id = message.get("id")
        if not isinstance(flush_id, str) or len(flush_id) > LONGEST_NAME:
            raise UnexpectedMessage(f"flush needs an id, a string of at most {LONGEST_NAME} characters")
        return [Flush(flush_id=flush_id)]

    def _keep_alive(self, _message: Message) -> list[Input]:
        return [KeepAlive()] if self._phase is _Phase.STARTED else []

    def _look_again(self, _message: Message) -> list[Input]:
        self._need_start("look_again")
        return [LookAgainNow()]

    def _finish(self, _message: Message) -> list[Input]:
        self._need_start("finish")
        self._phase = _Phase.FINISHED
        return [Finish()]

    def _need_start(self, kind: str) -> None:
        if self._phase is not _Phase.STARTED:
            raise UnexpectedMessage(f"{kind} before start")

    def _warn(self, code: str, text: str) -> Reply:
        return Reply(frame=self._codec.encode(write_warning(code, text)))


def _listed(names: tuple[str, ...], at_most: int = 10) -> str:
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return ", ".join(names[:at_most]) + more
