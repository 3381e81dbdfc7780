"""What is received from a session's client, over whatever connection, until its input has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from structlog.stdlib import BoundLogger

from stream_server.audio.decoding import Decoder, open_raw_decoder
from stream_server.errors import StreamServerError
from stream_server.events import ChangeOptions, Command, Finish
from stream_server.protocol.dialect import (
    AudioData,
    Authenticate,
    Configure,
    DeclareAudio,
    Dialect,
    Frame,
    Input,
    Reply,
    Resume,
)
from stream_server.session.feed import Feed
from stream_server.session.intake import Intake
from stream_server.session.life import Life
from stream_server.session.opening import check_change
from stream_server.session.options import AudioFormat
from stream_server.session.received import Received
from stream_server.session.services import Services
from stream_server.session.session import Session

HASTE_BYTES = 3_200
"""With so much audio waiting (100 ms of speech) nobody waits for the next pulse."""


class Reception:
    """Takes frames, and passes what is in them on to `feed` in order.

    `received` counts the raw audio of a session that can be resumed; None: this one cannot. `reply` sends a frame back;
    `on_progress` has the session go on with what has come.
    """

    def __init__(
        self,
        session: Session,
        services: Services,
        feed: Feed,
        received: Received | None,
        *,
        life: Life,
        reply: Callable[[Frame], None],
        on_progress: Callable[[], None],
        log: BoundLogger,
    ) -> None:
        self._session = session
        self._services = services
        self._received = received
        self._life = life
        self._reply = reply
        self._on_progress = on_progress
        self._log = log
        self._ended = False
        self.heard_from = False
        """Whether the client has said something since somebody last looked."""
        self._intake = Intake(
            services.new_spool(),
            self._open_decoder,
            feed=feed.give,
            has_room=feed.has_room,
            on_progress=on_progress,
            spawn=life.spawn,
        )

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is taken."""
        return self._ended or self._life.given_up

    @property
    def is_empty(self) -> bool:
        """Whether all that was received has been passed on."""
        return self._intake.is_empty

    def receive(self, frame: Frame, dialect: Dialect) -> None:
        """Take a frame; what is wrong with it ends the input."""
        self.heard_from = True
        if self.has_ended:
            return
        try:
            inputs = dialect.decode(frame)
        except StreamServerError as error:
            self._log.info("refused", error=error.code, reason=error.message)
            self.end(error)
        else:
            if len(inputs) == 1 and isinstance(inputs[0], AudioData):
                self._take_audio(inputs[0])
            elif inputs:
                self.take(inputs)

    def take(self, inputs: list[Input]) -> None:
        """Take what the client said, and go on with it at once."""
        self._life.take(lambda: self._take_all(inputs), self._on_progress)

    def end(self, error: StreamServerError | None = None) -> None:
        """Take nothing more from the client; what was accepted before is finished first."""
        if not self.has_ended:
            self._ended = True
            self._intake.put(Finish(error=error))
            self._on_progress()

    def go_back(self) -> int:
        """Return the sample from which on another connection sends the audio."""
        assert self._received is not None  # or there would be no other connection
        at = self._received.go_back()
        self._spool(DeclareAudio(audio=self._session.options.audio))
        return at

    def advance(self) -> None:
        """Pass on what the session has room for."""
        self._intake.advance()

    def close(self) -> None:
        """Drop what was not passed on."""
        self._intake.close()

    def _take_audio(self, item: AudioData) -> None:
        """Take audio; in small pieces it may wait for the next pulse."""
        self._spool(item)
        if self._intake.waiting_bytes >= HASTE_BYTES or self.has_ended:
            self._on_progress()
        else:
            self._services.registry.await_pulse(self._session.session_id)

    def _take_all(self, inputs: list[Input]) -> None:
        for item in inputs:
            match item:
                case Reply(frame=frame):
                    self._reply(frame)
                case Authenticate() | Configure() | Resume():
                    pass  # the dialect let it through again: nothing changes in mid-session
                case ChangeOptions():
                    self._spool(check_change(item, self._services.capabilities))
                case _:
                    self._spool(item)

    def _spool(self, item: AudioData | DeclareAudio | Command) -> None:
        if self.has_ended:
            return
        self._ended = isinstance(item, Finish)
        if self._received is not None and isinstance(item, AudioData):
            item = replace(item, data=self._received.take(item.data, item.track))
        try:
            self._intake.put(item)
        except StreamServerError as error:
            self._log.info("refused", error=error.code, reason=error.message)
            self._ended = False
            self.end(error)

    def _open_decoder(self, declared: AudioFormat | None) -> Decoder:
        audio = declared or self._session.options.audio
        return self._services.open_decoder(audio) if self._received is None else open_raw_decoder(audio)
