"""OpenAI's Realtime API for transcription, `/v1/realtime`, released and beta; `docs/compat.md` tells what works.

Nothing is said with an `error` event that is not one: clients raise on each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from stream_server.compat.openai.credentials import is_beta, key_of_handshake
from stream_server.compat.openai.errors import SHORTEST_COMMIT_MS, close_code, close_reason, commit_empty, error_object
from stream_server.compat.openai.realtime_items import Commit, Fate, Item, Items
from stream_server.compat.openai.realtime_messages import (
    PER_MS,
    encode,
    read_audio,
    read_message,
    write_committed,
    write_completed,
    write_delta,
    write_error,
    write_failed,
    write_segments,
    write_speech_started,
    write_speech_stopped,
)
from stream_server.compat.openai.realtime_session import opening_config
from stream_server.errors import EngineFailed, InternalError, ServerStopping, StreamServerError, UnexpectedMessage
from stream_server.events import (
    Closed,
    Event,
    Final,
    Flush,
    Flushed,
    NothingSaid,
    Partial,
    Ready,
    SpeechEnded,
    SpeechStarted,
)
from stream_server.protocol.codec import Message
from stream_server.protocol.dialect import (
    AudioData,
    Authenticate,
    Close,
    Configure,
    DeclareAudio,
    Frame,
    Handshake,
    Input,
    Output,
    Reply,
)
from stream_server.protocol.token import read_token
from stream_server.session.options import SessionOptions

PATH = "/v1/realtime"

LOGPROBS = "item.input_audio_transcription.logprobs"

DIARIZING = "diarize"
"""A model of this name in the handshake tells voices apart; otherwise nobody waits for that."""


class RealtimeDialect:
    """One connection's events to inputs, ours to its events.

    `expires_at` is when the session reaches its longest duration, in POSIX seconds.
    """

    name = "openai"
    partials_replace = False

    def __init__(self, *, expires_at: int = 0) -> None:
        self._expires_at = expires_at
        self._config = opening_config("")
        self._items = Items()
        self._beta = False
        self._diarize = False
        self._session_id = ""
        self._events = 0
        self._received = 0.0  # samples of the session's clock
        self._committed_until = 0.0  # those that the client has committed or cleared
        self._commits: dict[str, Commit] = {}  # those in turns' stead, by the flush that answers
        self._flushes = 0
        self._readers: dict[str, Callable[[Message], list[Input]]] = {
            "session.update": self._update,
            "transcription_session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
        }

    def open(self, handshake: Handshake) -> list[Input]:
        """Authenticate, and open a session that hears what comes without being told more."""
        model = handshake.query.get("model", "")
        key = key_of_handshake(handshake)
        token = read_token(key)
        self._config = opening_config(model).merged(token.session if token else {})
        if self._config.turn_detection is None:
            self._items = Items(Fate.COLLECTED)
        self._beta = is_beta(handshake)
        self._diarize = DIARIZING in model
        wanted = self._config.options
        options = SessionOptions(
            audio=self._config.format.audio,
            language=wanted.language or None,
            languages=wanted.languages or (),
            hotwords=wanted.hotwords or "",
            context=wanted.context or "",
            endpointing_ms=wanted.endpointing_ms,
            lenient_language=True,
            may_idle=True,
            diarize=self._diarize,
        )
        return [Authenticate(key=key), Configure(options=options)]

    def decode(self, frame: Frame) -> list[Input]:
        """Turn one event into inputs; what is wrong with it is told, and the connection goes on."""
        event_id = None
        try:
            if isinstance(frame, bytes):
                raise UnexpectedMessage("events are text; audio comes in input_audio_buffer.append")
            message = read_message(frame)
            named = message.get("event_id")
            event_id = named if isinstance(named, str) else None
            kind = message.get("type")
            reader = self._readers.get(kind) if isinstance(kind, str) else None
            if reader is None:
                raise UnexpectedMessage("this server only transcribes: it does not know this type of event")
            return reader(message)
        except StreamServerError as error:
            return [self._reply(write_error(error_object(error), event_id))]

    def encode(self, event: Event) -> list[Output]:
        """Turn an event into those of this API that it makes."""
        match event:
            case Ready():
                return self._ready(event)
            case SpeechStarted():
                return self._speech_started(event)
            case SpeechEnded():
                return self._speech_ended(event)
            case Partial():
                return self._partial(event)
            case Final() | NothingSaid():
                return self._utterance_over(event)
            case Flushed():
                return self._flushed(event.flush_id)
            case Closed():
                return self._close(event)
            case _:
                return []

    # ── from the client ─────────────────────────────────────────────────────────────────────────────────────────────

    def _update(self, message: Message) -> list[Input]:
        session = message.get("session")
        if not isinstance(session, dict):
            raise UnexpectedMessage("session must be an object")
        before, self._config = self._config, self._config.merged(session)
        inputs: list[Input] = []
        if self._config.format != before.format:
            inputs.append(DeclareAudio(audio=self._config.format.audio))
        if (self._config.turn_detection is None) != (before.turn_detection is None):
            inputs += self._change_turns()
        if self._config.options != before.options:
            inputs.append(self._config.options)
        return [*inputs, self._reply(self._session(str(message["type"]).replace("update", "updated")))]

    def _change_turns(self) -> list[Input]:
        """Let silence end items from here on, or the client; what it had not committed becomes an item."""
        inputs: list[Input] = []
        if self._config.turn_detection is None:
            self._items.start_stretch(self._now, Fate.COLLECTED)
        else:
            inputs += self._commit_collected() if self._uncommitted_ms >= SHORTEST_COMMIT_MS else []
            self._items.start_stretch(self._now, Fate.TURNS)
        self._committed_until = self._received
        return inputs

    def _append(self, message: Message) -> list[Input]:
        data = read_audio(message)
        self._received += self._config.format.clock_samples(len(data))
        return [AudioData(data=data)] if data else []

    def _commit(self, message: Message) -> list[Input]:
        if self._uncommitted_ms < SHORTEST_COMMIT_MS:
            return [self._reply(write_error(commit_empty(self._uncommitted_ms), message.get("event_id")))]
        if self._items.fate is Fate.COLLECTED:
            return self._commit_collected()
        flush = self._flush("commit")
        self._commits[flush.flush_id] = Commit(round(self._committed_until), self._now)
        self._items.start_stretch(self._now, Fate.TURNS)
        self._committed_until = self._received
        return [flush]

    def _commit_collected(self) -> list[Input]:
        previous = self._items.last_committed
        item = self._items.commit_collected(self._now)
        self._committed_until = self._received
        committed = write_committed(item, previous, beta=self._beta)
        return [*(self._reply(message) for message in committed), Flush(flush_id=item.item_id)]

    def _clear(self, _message: Message) -> list[Input]:
        self._items.drop(self._now)
        self._committed_until = self._received
        return [self._reply({"type": "input_audio_buffer.cleared"}), self._flush("clear")]

    def _flush(self, reason: str) -> Flush:
        self._flushes += 1
        return Flush(flush_id=f"{reason}-{self._flushes}")

    @property
    def _now(self) -> int:
        return round(self._received)

    @property
    def _uncommitted_ms(self) -> float:
        return (self._received - self._committed_until) / PER_MS

    # ── to the client ───────────────────────────────────────────────────────────────────────────────────────────────

    def _ready(self, event: Ready) -> list[Output]:
        self._session_id = f"sess_{event.session_id}"
        self._items.tag = f"{event.session_id[:8]}_"
        given = self._config.transcription
        if given is not None and not given.get("model"):
            self._config = replace(self._config, transcription={**given, "model": event.model})
        prefix = "transcription_session" if self._beta else "session"
        return self._frames(self._session(f"{prefix}.created"))

    def _session(self, kind: str) -> Message:
        beta = kind.startswith("transcription_session")
        write = self._config.beta_object if beta else self._config.object
        return {"type": kind, "session": write(self._session_id, self._expires_at)}

    def _speech_started(self, event: SpeechStarted) -> list[Output]:
        item = self._items.speech_started(event.utterance_id, event.at)
        if item is None or not item.is_turn:
            return []
        return self._frames(write_speech_started(item, self._config.prefix_ms))

    def _speech_ended(self, event: SpeechEnded) -> list[Output]:
        item = self._items.of(event.utterance_id)
        if item is None or not item.is_turn:
            return []
        previous = self._items.last_committed
        self._items.commit_turn(item, event.at)
        self._answer_commit(item)
        return self._frames(write_speech_stopped(item, event.at), *write_committed(item, previous, beta=self._beta))

    def _partial(self, event: Partial) -> list[Output]:
        item = self._items.of(event.utterance_id)
        if item is None:
            return []
        item.hear(event.utterance_id, event.stable_text)
        return self._frames(*self._news())

    def _utterance_over(self, event: Final | NothingSaid) -> list[Output]:
        item = self._items.of(event.utterance_id)
        if item is None:
            return []
        self._items.forget(event.utterance_id)
        item.end_utterance(event)
        return self._frames(*(self._complete(item) if item.is_turn else self._news()))

    def _flushed(self, flush_id: str) -> list[Output]:
        item = next((item for item in self._items.unfinished if item.item_id == flush_id), None)
        if item is not None:
            return self._frames(*self._complete(item))
        commit = self._commits.pop(flush_id, None)
        if commit is None or commit.answered:
            return []
        previous = self._items.last_committed
        item = self._items.commit_silence(commit.since, commit.until)
        return self._frames(*write_committed(item, previous, beta=self._beta), *self._complete(item))

    def _answer_commit(self, turn: Item) -> None:
        """Let a turn stand for the first commit after its begin that none stands for."""
        waiting = (commit for commit in self._commits.values() if not commit.answered and turn.start < commit.until)
        if (commit := next(waiting, None)) is not None:
            commit.answered = True

    def _news(self) -> list[Message]:
        """Return what may be shown of the first item that is not complete: words of two must not mix."""
        item = self._items.first()
        news = item.show() if item and self._config.transcription is not None else ""
        return [write_delta(item, news)] if item and news else []

    def _complete(self, item: Item) -> list[Message]:
        """Return the rest of an item's words, all of them once more, and the first of the next item's."""
        self._items.complete(item)
        if self._config.transcription is None:
            return []
        if item.failed and not item.known:
            error = error_object(EngineFailed("the audio could not be recognised"))
            return [write_failed(item, error), *self._news()]
        news = item.show()
        deltas = [write_delta(item, news)] if news else []
        segments = write_segments(item) if self._diarize else []
        completed = write_completed(item, with_logprobs=LOGPROBS in (self._config.include or ()))
        return [*deltas, *segments, completed, *self._news()]

    def _close(self, event: Closed) -> list[Output]:
        """End: every committed item gets its end, an error is told unless it only means to connect again."""
        error = event.error
        lost = error_object(error or InternalError("the connection ended before the audio was recognised"))
        messages = [write_failed(item, lost) for item in self._items.unfinished]
        if error is not None and not isinstance(error, ServerStopping):
            messages.append(write_error(error_object(error), None))
        return [*self._frames(*messages), Close(code=close_code(error), reason=close_reason(error))]

    def _reply(self, message: Message) -> Reply:
        return Reply(frame=self._frame(message))

    def _frames(self, *messages: Message) -> list[Output]:
        return [self._frame(message) for message in messages]

    def _frame(self, message: Message) -> str:
        self._events += 1
        return encode(message, f"event_{self._items.tag}{self._events}")
