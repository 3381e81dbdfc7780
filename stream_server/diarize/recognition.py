"""Which of an organisation's enrolled voices a meeting's speakers are; whoever is like none of them stays unnamed.

Open-set: most speakers may be strangers, and a wrong name is worse than none. Figures are from
`benchmarks/enrollment.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stream_server.diarize.voices import Embedding, normalised


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionLimits:
    """When a speaker is given a name; scores are cosines and belong to the embedder."""

    threshold: float = 0.76
    """At least so like the enrolled voice. Of nine people, each enrolled from two sentences, one trial in a hundred was
    then missed, and one stranger in a hundred was given a name.
    """
    margin: float = 0.03
    """And so much more than like anybody else's voice: of two people who sound alike, neither is named."""


@dataclass(frozen=True, slots=True, eq=False)
class EnrolledVoice:
    """A voice that has a name; `embeddings` are those that its samples gave, each of length one."""

    id: str
    name: str
    embeddings: tuple[Embedding, ...]
    user: str | None = None
    mean: Embedding = field(init=False)
    """How the voice sounds altogether; computed once, as a meeting asks every second."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", normalised(np.mean(self.embeddings, axis=0)))


@dataclass(frozen=True, slots=True)
class Recognition:
    """A speaker's enrolled voice. `score` is their cosine, `margin` how far the next voice is behind (of 2 at most)."""

    voice: EnrolledVoice
    score: float
    margin: float


def recognise(
    centroids: Sequence[Embedding],
    voices: Sequence[EnrolledVoice],
    limits: RecognitionLimits | None = None,
) -> list[Recognition | None]:
    """Return for each speaker, given by centroid, the enrolled voice that it is; None: a stranger, or not sure.

    A voice names the one speaker that is most like it: two of a record that sound like one person are either one person
    found twice or somebody else. A speaker never takes its second best, though its best be taken: that is another's
    name. Who was heard for a second or two only is not to be asked about: so little resembles many.
    """
    limits = limits or RecognitionLimits()
    named: list[Recognition | None] = [None] * len(centroids)
    if not centroids or not voices:
        return named
    scores = likeness(centroids, voices)
    candidates: list[tuple[int, Recognition]] = []
    for speaker, row in enumerate(scores):
        best = int(np.argmax(row))
        others = [score for score, voice in zip(row, voices, strict=True) if not _is_one(voice, voices[best])]
        margin = float(row[best] - max(others, default=-1.0))
        if row[best] >= limits.threshold and margin >= limits.margin:
            candidates.append((speaker, Recognition(voices[best], float(row[best]), margin)))
    taken: set[str] = set()
    for speaker, found in sorted(candidates, key=lambda pair: -pair[1].score):
        if found.voice.id not in taken:
            taken.add(found.voice.id)
            named[speaker] = found
    return named


def _is_one(voice: EnrolledVoice, other: EnrolledVoice) -> bool:
    """Tell whether two voices are one person's, enrolled twice."""
    return voice.name == other.name or (voice.user is not None and voice.user == other.user)


def likeness(centroids: Sequence[Embedding], voices: Sequence[EnrolledVoice]) -> npt.NDArray[np.float64]:
    """Return cosines, shape (speakers, voices)."""
    return (np.stack(centroids) @ np.stack([voice.mean for voice in voices]).T).astype(np.float64)
