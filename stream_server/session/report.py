"""What the log and the observer are told of one session: that it began, what it heard, how it ended."""

from __future__ import annotations

from structlog.stdlib import BoundLogger

from stream_server.auth import Principal
from stream_server.session.observer import Observer
from stream_server.session.session import Session


class Report:
    """Tells of a session that is spoken to in `dialect`; of what it heard, only what is new since the last time."""

    def __init__(self, session: Session, observer: Observer, dialect: str, log: BoundLogger) -> None:
        self._session = session
        self._observer = observer
        self._dialect = dialect
        self._log = log
        self._told, self._told_removed = session.usage(), dict[str, int]()

    def opened(self, principal: Principal, model: str) -> None:
        """Tell that it is here, and whose it is."""
        self._log.info("session opened", organisation=principal.organisation, key_id=principal.key_id, model=model)
        self._observer.session_opened(self._dialect)

    def heard(self) -> None:
        """Tell what was heard and removed since the last time."""
        usage, told = self._session.usage(), self._told
        removed, told_removed = dict(self._session.guard_removals), self._told_removed
        self._observer.heard(
            self._dialect,
            float(usage.session_seconds - told.session_seconds),
            float(usage.speech_seconds - told.speech_seconds),
        )
        for reason, count in removed.items():
            if more := count - told_removed.get(reason, 0):
                self._observer.words_removed(reason, more)
        self._told, self._told_removed = usage, removed

    def closed(self, outcome: str, partials_dropped: int) -> None:
        """Tell that it has gone, and how."""
        self._observer.partials_dropped(partials_dropped)
        self.heard()
        self._observer.session_closed(self._dialect, outcome)
        usage = self._session.usage()
        self._log.info(
            "session closed",
            outcome=outcome,
            seconds=round(float(usage.session_seconds), 3),
            speech_seconds=round(float(usage.speech_seconds), 3),
            removed=self._session.guard_removals,
        )
