"""How a session stands: what somebody else must know to go on with it, besides its durable events.

All before a track's `settled` is silence or lies in durable events that were released; whoever goes on hears the rest
again, and counts on from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStanding:
    """One track up to engine sample `settled`: how many utterances it had, and engine samples inside them.

    `continues`: the last one was cut in mid-speech; the next goes on with its sentence.
    """

    settled: int = 0
    utterances: int = 0
    speech: int = 0
    continues: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoicesStanding:
    """The voices of one shared track, from 1 on: the sum of what was heard of each, over how many seconds.

    `ids` are the session's ids of the speakers found "live" or by a "look", `looks` how many looks there were.
    """

    sums: tuple[npt.NDArray[np.float64], ...] = ()
    seconds: tuple[float, ...] = ()
    ids: tuple[tuple[str, int, int], ...] = ()
    looks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakersStanding:
    """What speakers are called, by id; who was named by somebody (`given`); who is whom since they were merged."""

    names: Mapping[int, str] = field(default_factory=dict)
    given: frozenset[int] = frozenset()
    merged: Mapping[int, int] = field(default_factory=dict)
    voices: Mapping[int, VoicesStanding] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A session up to sample `at` of its clock, the least that its tracks have settled.

    `sequence` is that of the last durable event released; `language` what short utterances are taken to be in.
    """

    at: int
    sequence: int
    tracks: tuple[TrackStanding, ...]
    speakers: SpeakersStanding = field(default_factory=SpeakersStanding)
    language: str | None = None
