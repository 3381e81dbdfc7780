"""What the server allows any session, and the numbers of the gate."""

from __future__ import annotations

from dataclasses import dataclass

from stream_server.audio.gate import GateSettings
from stream_server.errors import SessionTooLong
from stream_server.session.options import SessionOptions
from stream_server.work import ENGINE_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Set by the operator; see `docs/settings.md` for the reasons."""

    idle_seconds: float = 60.0
    max_session_seconds: float = 8 * 3600.0
    usage_event_seconds: int = 10
    behind_ms: int = 2_000
    overloaded_ms: int = 5_000
    lag_check_seconds: float = 1.0
    partial_interval_ms: int = 500
    endpointing_ms: int = 500
    max_utterance_seconds: float = 20.0
    start_probability: float = 0.5
    end_probability: float = 0.35
    start_ms: int = 96
    before_ms: int = 300
    after_ms: int = 200
    search_seconds: float = 4.0
    ask_ahead: bool = True
    """Whether a final is asked for as soon as speech pauses: quicker, and sometimes for nothing."""
    steady_language: bool = False
    """Whether short utterances are taken to be in the language of the first long one, not of the latest."""

    def gate(self, options: SessionOptions) -> GateSettings:
        """Return the gate's settings for a session."""
        per_ms = ENGINE_RATE // 1000
        longest_seconds = options.max_utterance_seconds or self.max_utterance_seconds
        return GateSettings(
            start_probability=self.start_probability,
            end_probability=self.end_probability,
            start=self.start_ms * per_ms,
            silence=(options.endpointing_ms or self.endpointing_ms) * per_ms,
            before=self.before_ms * per_ms,
            after=self.after_ms * per_ms,
            limit=round(longest_seconds * ENGINE_RATE),
            search=round(min(self.search_seconds, longest_seconds / 2) * ENGINE_RATE),
        )

    def partial_interval(self, options: SessionOptions) -> int:
        """Return the engine samples between two partials of a track."""
        return (options.partial_interval_ms or self.partial_interval_ms) * ENGINE_RATE // 1000

    def max_session_samples(self, rate: int) -> int:
        """Return the longest session in samples of its clock."""
        return round(self.max_session_seconds * rate)

    def patience(self, options: SessionOptions) -> float | None:
        """Return the seconds after which a client that sends nothing has gone; None: it never has."""
        return None if options.may_idle else min(options.idle_seconds or self.idle_seconds, self.idle_seconds)

    def too_long_error(self) -> SessionTooLong:
        """Return the error of a session that reached its longest duration."""
        return SessionTooLong(f"a session may last {self.max_session_seconds:g} s of audio")
