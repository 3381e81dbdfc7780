"""How far recognition is behind, and when the client is told."""

from __future__ import annotations

from dataclasses import dataclass

from stream_server.events import LagChanged
from stream_server.session.limits import Limits


@dataclass(slots=True)
class LagMeter:
    """Compares the age of the oldest unanswered sample with two levels; speaks when the level changes."""

    levels: Limits
    level: str = "ok"
    next_check: float = 0.0

    def check(self, waiting_since: float, now: float) -> list[LagChanged]:
        """Return the change of level, if there is one; looks at most every `lag_check_seconds`."""
        if now < self.next_check:
            return []
        self.next_check = now + self.levels.lag_check_seconds
        lag_ms = round((now - waiting_since) * 1000)
        level = self._level(lag_ms)
        if level == self.level:
            return []
        self.level = level
        return [LagChanged(lag_ms=lag_ms, level=level)]

    def _level(self, lag_ms: int) -> str:
        """Return the level; going back down takes half of what going up took, so that it does not flutter."""
        half = 0.5
        if lag_ms >= self.levels.overloaded_ms * (half if self.level == "overloaded" else 1):
            return "overloaded"
        return "behind" if lag_ms >= self.levels.behind_ms * (1 if self.level == "ok" else half) else "ok"
