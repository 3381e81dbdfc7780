"""A transcript as the scores see it: turns with what its format carries of speakers, times and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Part: TypeAlias = Literal["words", "speakers", "times"]
PARTS: tuple[Part, ...] = ("words", "speakers", "times")

Turns: TypeAlias = Mapping[str, Sequence[tuple[float, float]]]
"""Each speaker's times in seconds, sorted, disjoint."""

UNKNOWN = "(unknown)"
"""Who speaks in the turns without a speaker, where others have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of one speaker. None: the input does not say. Times are seconds, `end` is not before `start`."""

    text: str | None = None
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Segments in the order of the input. `possible` names what its format can say; `language` is an ISO code."""

    segments: tuple[Segment, ...]
    possible: frozenset[Part] = frozenset(PARTS)
    language: str | None = None

    def carries(self, part: Part) -> bool:
        """Tell whether a score may rely on this part; one known speaker suffices, the others are then unknown."""
        if part not in self.possible or not self.segments:
            return part in self.possible
        if part == "speakers":
            return any(segment.speaker is not None for segment in self.segments)
        if part == "words":
            return all(segment.text is not None for segment in self.segments)
        return all(segment.start is not None and segment.end is not None for segment in self.segments)

    def texts(self) -> list[str]:
        """Return what was said, turn by turn, in the order of time where there is one."""
        return [segment.text or "" for segment in self._in_order()]

    def texts_of_speakers(self) -> dict[str, list[str]]:
        """Return what each speaker said, in the order of time where there is one."""
        said: dict[str, list[str]] = {}
        for segment in self._in_order():
            said.setdefault(segment.speaker or UNKNOWN, []).append(segment.text or "")
        return said

    def turns(self) -> dict[str, list[tuple[float, float]]]:
        """Return when each spoke; turns of one speaker that overlap or touch are one: no second counts twice."""
        spoken: dict[str, list[tuple[float, float]]] = {}
        for segment in self._in_order():
            if segment.start is None or segment.end is None or segment.start == segment.end:
                continue
            mine = spoken.setdefault(segment.speaker or UNKNOWN, [])
            if mine and segment.start <= mine[-1][1]:
                mine[-1] = (mine[-1][0], max(mine[-1][1], segment.end))
            else:
                mine.append((segment.start, segment.end))
        return spoken

    def _in_order(self) -> Sequence[Segment]:
        """Return the segments by start; as they stand if not all have one."""
        if not self.carries("times"):
            return self.segments
        return sorted(self.segments, key=lambda segment: (segment.start or 0.0, segment.end or 0.0))
