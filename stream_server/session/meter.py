"""What a session has used so far, in samples of its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from stream_server.durations import clock_face, exact_seconds

__all__ = ["UsageSnapshot", "clock_face", "exact_seconds"]


@dataclass(frozen=True, slots=True)
class UsageSnapshot:
    """High-water marks of one session.

    `session` is the clock (billable: a stereo minute is a minute), `tracks` every track's own mark, `speech` what the
    gate let through, summed over tracks. Marks never go back.
    """

    clock_rate: int
    session: int
    tracks: tuple[int, ...]
    speech: int

    @property
    def session_seconds(self) -> Fraction:
        """Billable seconds."""
        return exact_seconds(self.session, self.clock_rate)

    @property
    def track_seconds(self) -> Fraction:
        """Seconds summed over tracks."""
        return exact_seconds(sum(self.tracks), self.clock_rate)

    @property
    def speech_seconds(self) -> Fraction:
        """Seconds of speech summed over tracks."""
        return exact_seconds(self.speech, self.clock_rate)
