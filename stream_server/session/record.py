"""What is kept of one live session: its record, and the tape of its audio if the client asked for that."""

from __future__ import annotations

from structlog.stdlib import BoundLogger

from stream_server.auth import Principal
from stream_server.events import Audio, Event
from stream_server.kept_audio import AudioTape
from stream_server.record_voices import ALL_TRACKS
from stream_server.session.services import Services
from stream_server.session.session import Session


class LiveRecord:
    """Tells the keeper of records of a session; `open` it first, at last `end` it or `let_go` of it.

    Where no records are kept there is no tape either, and all else does nothing.
    """

    def __init__(self, session: Session, services: Services, log: BoundLogger) -> None:
        self._session = session
        self._services = services
        self._log = log
        self._tape: AudioTape | None = None

    def open(self, principal: Principal, begun_at: float | None) -> None:
        """Begin it, or go on with that of a session which somebody else has begun: its audio is kept no longer."""
        session, services = self._session, self._services
        record = services.new_record(session.session_id, session.options, principal, "live", started_at=begun_at)
        if services.records.open(record) and begun_at is None:
            self._tape = self._open_tape()

    def hear(self, audio: Audio) -> None:
        """Keep audio that the session is given."""
        if self._tape is not None:
            self._tape.write(audio.samples, audio.track)

    def note(self, event: Event) -> None:
        """Write down what is said to the client."""
        self._services.records.event(self._session.session_id, event)

    def close_tape(self) -> None:
        """Keep no more audio."""
        if self._tape is not None:
            self._tape.close()

    def end(self, outcome: str) -> None:
        """Keep how the speakers sound, and let go of the record; it ends with this outcome unless it has already."""
        session, services = self._session, self._services
        try:
            if services.sealed_voices is not None and (voices := session.voices):
                embedder, sealed = services.sealed_voices(session.session_id, voices)
                services.records.embeddings(session.session_id, ALL_TRACKS, embedder, sealed)
        finally:
            services.records.close(session.session_id, outcome, session.usage().session)

    def let_go(self) -> None:
        """Leave the record to whoever goes on with the session."""
        self._services.records.let_go(self._session.session_id)

    def _open_tape(self) -> AudioTape | None:
        options, kept = self._session.options, self._services.kept_audio
        if not options.keep_audio or kept is None:
            return None
        try:
            return kept.open(self._session.session_id, options.audio.sample_rate, len(options.track_names))
        except OSError as error:
            self._log.error("the audio is not kept", reason=error.strerror)  # a full disk needs no traceback
            return None
