"""How long cues of subtitles stand: long enough to be read, and not into the next one. Pure.

The numbers are those of Netflix's timed text style guide, general requirements (see `cues`) and that for English.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from stream_server.text.cues import LONGEST_SECONDS, SHORTEST_SECONDS, Cue, label

CHARACTERS_PER_SECOND = 20
"""What is read: "Adult programs: up to 20 characters per second"."""

GAP_SECONDS = Fraction(2, 24)
"""Between cues, so that the eye sees that they change: "2 frames", here of film's 24 in a second."""


def stand(cues: Sequence[Cue], clock_rate: int) -> list[Cue]:
    """Return cues, given in the order in which they begin, that stand as long as they are read, where there is room.

    A cue's beginning never moves. Its end moves into silence alone, and gives way to the next by the gap; where people
    really speak at once, both stand. A cue stands for a millisecond at least, for players drop those that do not.
    """
    gap, blink = _samples(GAP_SECONDS, clock_rate), _samples(Fraction(1, 1000), clock_rate)
    return [
        replace(cue, end=max(cue.start + blink, _end(cue, cues, number, gap, clock_rate)))
        for number, cue in enumerate(cues)
    ]


def _end(cue: Cue, cues: Sequence[Cue], number: int, gap: int, clock_rate: int) -> int:
    wanted = min(max(cue.end, cue.start + _reading(cue, clock_rate)), cue.start + LONGEST_SECONDS * clock_rate)
    for index in range(number + 1, len(cues)):
        later = cues[index]
        if later.start - gap >= wanted:
            break
        if later.speaker == cue.speaker or later.start + gap >= cue.end:
            return later.start - gap
        if later.end > cue.end:
            return min(cue.end, wanted)
    return wanted


def _reading(cue: Cue, clock_rate: int) -> int:
    """Return the samples in which a cue is read, its speaker included."""
    characters = len(cue.text) + (len(label(cue.speaker)) + 1 if cue.speaker else 0)
    return _samples(max(SHORTEST_SECONDS, Fraction(characters, CHARACTERS_PER_SECOND)), clock_rate)


def _samples(seconds: Fraction, clock_rate: int) -> int:
    return -(-seconds.numerator * clock_rate // seconds.denominator)
