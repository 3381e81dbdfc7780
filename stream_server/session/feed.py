"""What a session is fed: commands as they come, audio as fast as recognition can follow."""

from __future__ import annotations

from structlog.stdlib import BoundLogger

from stream_server.errors import StreamServerError
from stream_server.events import Audio, Command, Finish
from stream_server.session.record import LiveRecord
from stream_server.session.services import Services
from stream_server.session.session import Session


class Feed:
    """Gives a session commands, and its audio to the record's tape too."""

    def __init__(self, session: Session, services: Services, record: LiveRecord, log: BoundLogger) -> None:
        self._session = session
        self._services = services
        self._record = record
        self._log = log
        self._room_seconds = 0.0

    def has_room(self) -> bool:
        """Tell whether more audio may be fed; measured anew when what was room then has been used up."""
        if self._room_seconds <= 0:
            self._room_seconds = self._services.runner_limits.unheard_seconds - self._session.unheard_seconds
        return self._room_seconds > 0

    def give(self, command: Command) -> None:
        """Pass a command on; one that the session refuses ends it."""
        if isinstance(command, Audio):
            self._room_seconds -= len(command.samples) / self._session.options.audio.sample_rate
            self._record.hear(command)
        try:
            self._session.receive_command(command, self._services.monotonic())
        except StreamServerError as error:
            self._log.info("refused", error=error.code, reason=error.message)
            self._session.receive_command(Finish(error=error), self._services.monotonic())
