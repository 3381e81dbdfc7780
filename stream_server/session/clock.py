"""The session clock: from engine samples to session samples, and when each sample arrived."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from stream_server.work import ENGINE_RATE


@dataclass(slots=True)
class TrackClock:
    """Counts what one track received and knows when (`now` of the caller, seconds)."""

    rate: int
    received: int = 0
    _arrivals: deque[tuple[int, float]] = field(default_factory=deque)

    def receive(self, count: int, now: float) -> None:
        """Count `count` samples that arrived now; arrivals closer than 50 ms of audio share an entry."""
        self.received += count
        if len(self._arrivals) > 1 and self.received - self._arrivals[-2][0] < self.rate // 20:
            self._arrivals[-1] = (self.received, now)
        else:
            self._arrivals.append((self.received, now))

    def to_engine(self, sample: int) -> int:
        """Return the engine sample for a session sample."""
        return round(sample * ENGINE_RATE / self.rate)

    def to_session(self, engine_sample: int) -> int:
        """Return the session sample for an engine sample, never beyond what was received."""
        return min(round(engine_sample * self.rate / ENGINE_RATE), self.received)

    def arrival(self, sample: int, now: float) -> float:
        """Return when a session sample arrived; `now` if it is not known any more."""
        for end, when in self._arrivals:
            if end >= sample:
                return when
        return now

    def forget_before(self, sample: int) -> None:
        """Drop the arrival times of samples nobody will ask about."""
        while len(self._arrivals) > 1 and self._arrivals[0][0] < sample:
            self._arrivals.popleft()
