"""How loaded recognition is, and what gives way first: partials become rarer, then stop, then nobody new is let in.

Measured, not guessed: by how long the session that has waited longest for its turn has waited. Finals of admitted
sessions are never given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

SLOW_FACTOR = 3
"""By how much partials become rarer: from two a second to two in three seconds, which still reads as live."""


class LoadLevel(IntEnum):
    """What is given up, in order."""

    NORMAL = 0
    SLOW_PARTIALS = 1
    FINALS_ONLY = 2
    FULL = 3

    @property
    def interval_factor(self) -> int | None:
        """Return what the interval between partials is multiplied by; None: there are none."""
        return {LoadLevel.NORMAL: 1, LoadLevel.SLOW_PARTIALS: SLOW_FACTOR}.get(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLimits:
    """High-water marks of the wait, in milliseconds; half of each is its low-water mark."""

    slow_partials_ms: int = 300
    finals_only_ms: int = 800
    full_ms: int = 1_500
    recovery_seconds: float = 1.0

    def mark(self, level: LoadLevel) -> float:
        """Return the wait in seconds from which on a level holds."""
        marks = (0, self.slow_partials_ms, self.finals_only_ms, self.full_ms)
        return marks[level] / 1000


class LoadGauge:
    """Follows the wait: up at once, down a level at a time once the wait has stayed below the low-water mark."""

    def __init__(self, limits: LoadLimits) -> None:
        self._limits = limits
        self._calm_since: float | None = None
        self.level = LoadLevel.NORMAL

    def follow(self, wait_seconds: float, now: float) -> LoadLevel:
        """Take a measurement and return the level that holds now."""
        reached = max(level for level in LoadLevel if wait_seconds >= self._limits.mark(level))
        if reached > self.level:
            self.level, self._calm_since = reached, None
        elif self.level is LoadLevel.NORMAL or wait_seconds >= self._limits.mark(self.level) / 2:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        elif now - self._calm_since >= self._limits.recovery_seconds:
            self.level, self._calm_since = LoadLevel(self.level - 1), now
        return self.level
