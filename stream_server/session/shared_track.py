"""A track that several people share: what was heard of their voices, and what was said of who spoke."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from stream_server.diarize.tagger import Tagger, Voices
from stream_server.diarize.voices import Heard
from stream_server.events import SpeakerChange
from stream_server.session.spans import Span
from stream_server.session.standing import VoicesStanding
from stream_server.session.track import Track
from stream_server.session.utterance import Utterance
from stream_server.session.word_speakers import WordSpeaker


@dataclass(slots=True, eq=False)
class Ended:
    """An utterance that has ended: tagged by what is known when the window `frame` has been heard."""

    utterance: Utterance
    frame: int | None
    voices: Voices | None = None
    spans: Sequence[Span] = ()
    then: Callable[[list[WordSpeaker], float], None] | None = None
    since: float = 0.0
    """When its words were ready."""

    def is_heard(self, taken: int | None) -> bool:
        """Tell whether the window it waits for is among those up to the one that was `taken`."""
        return self.frame is None or (taken is not None and taken >= self.frame)


@dataclass(slots=True, eq=False)
class Told:
    """What was said of a final's words; speakers are ids."""

    utterance_id: str
    spans: Sequence[Span]
    speakers: list[int | None]

    def changes(self, ids: Sequence[int | None]) -> list[SpeakerChange]:
        """Return runs of words that have another speaker than was told."""
        found: list[SpeakerChange] = []
        for index, (before, after) in enumerate(zip(self.speakers, ids, strict=True)):
            if before == after:
                continue
            last = found[-1] if found else None
            if last is not None and last.stop == index and last.speaker == after:
                found[-1] = replace(last, stop=index + 1)
            else:
                found.append(SpeakerChange(utterance_id=self.utterance_id, first=index, stop=index + 1, speaker=after))
        return found


@dataclass(slots=True, eq=False)
class Asked:
    """A window on its way."""

    frame: int
    heard: Heard | None = None
    answered: bool = False


@dataclass(slots=True, eq=False)
class SharedTrack:
    """A track with its voices."""

    track: Track
    tagger: Tagger
    first_id: int
    """Of its speakers; the next ones follow in steps of `step`, so that no track's numbers depend on another's."""
    step: int
    asked: deque[Asked] = field(default_factory=deque)
    taken: int | None = None
    """The first frame of the last window that was heard."""
    windows: list[Heard] = field(default_factory=list)
    live: list[tuple[int | None, ...]] = field(default_factory=list)
    ended: dict[str, Ended] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    ids: dict[tuple[str, int], int] = field(default_factory=dict)
    """The session's ids of speakers found "live" or by a "look", by their number there."""
    looks: int = 0
    looked_at: float = float("-inf")

    def id_of(self, found: str, number: int) -> int:
        """Return a speaker's id; the next free one if it is new."""
        return self.ids.setdefault((found, number), self.first_id + self.step * len(self.ids))

    def take(self, heard: Heard) -> None:
        """Learn from a window, and keep it until the second look."""
        speakers = self.tagger.take(heard)
        self.windows.append(_compact(heard))
        self.live.append(tuple(speakers))
        for number in range(1, len(self.tagger.seconds) + 1):
            self.id_of("live", number)

    def go_on(self, standing: VoicesStanding) -> None:
        """Take over what was known elsewhere; the voices are the tagger's already."""
        self.ids = {(found, number): speaker for found, number, speaker in standing.ids}
        self.looks = standing.looks

    @property
    def standing(self) -> VoicesStanding:
        """Return what is known of the track's voices by now."""
        clusters = self.tagger.clusters
        return VoicesStanding(
            sums=tuple(total.copy() for total in clusters.sums),
            seconds=tuple(clusters.learnt),
            ids=tuple((found, number, speaker) for (found, number), speaker in self.ids.items()),
            looks=self.looks,
        )

    @property
    def earliest(self) -> int | None:
        """Return where the earliest utterance starts whose words wait for a window."""
        return min((each.utterance.start for each in self.ended.values() if each.voices is None), default=None)

    def forget(self) -> None:
        """Forget what no words need any more."""
        needed, earliest = self.track.needed_from, self.earliest
        self.tagger.forget_before(needed if earliest is None else min(needed, earliest))


def _compact(heard: Heard) -> Heard:
    """Return a window in half the memory: what is kept of a meeting until the second look, 2 kB a second of speech."""
    embeddings = tuple(None if each is None else each.astype(np.float16) for each in heard.embeddings)
    return Heard(heard.frame, heard.activity.astype(np.float16), embeddings)  # type: ignore[arg-type]
