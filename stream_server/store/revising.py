"""What a revision makes of a segment. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from stream_server.events import Revised, SpeakerChange
from stream_server.store.records import Segment, SegmentWord


class Revision:
    """The first two steps of a `Revised`, laid out for segments that come one by one."""

    def __init__(self, revised: Revised) -> None:
        self._merged = dict(_merged(revised.merged))
        self._changes: dict[str, list[SpeakerChange]] = {}
        for change in revised.changes:
            self._changes.setdefault(change.utterance_id, []).append(change)

    @property
    def touches_segments(self) -> bool:
        """Whether any segment may change."""
        return bool(self._merged or self._changes)

    @property
    def gone(self) -> frozenset[int]:
        """Speakers of whom nothing is left."""
        return frozenset(self._merged.keys() - self.named)

    @property
    def named(self) -> frozenset[int]:
        """Speakers that are said to speak now."""
        changed = {change.speaker for changes in self._changes.values() for change in changes}
        return frozenset(speaker for speaker in {*self._merged.values(), *changed} if speaker is not None)

    def apply(self, segment: Segment) -> Segment:
        """Return the segment as it is from now on; an equal one if nothing changes."""
        words = [replace(word, speaker=self._now(word.speaker)) for word in segment.words]
        changes = self._changes.get(segment.utterance_id, ())
        for change in changes:
            first, stop = max(0, change.first), max(0, change.stop)
            words[first:stop] = [replace(word, speaker=change.speaker) for word in words[first:stop]]
        speaker = mostly(words) if changes else self._now(segment.speaker)
        return replace(segment, words=tuple(words), speaker=speaker)

    def _now(self, speaker: int | None) -> int | None:
        return speaker if speaker is None else self._merged.get(speaker, speaker)


def mostly(words: Sequence[SegmentWord]) -> int | None:
    """Return who speaks longest in the words that are shown, or in all if none is; None if nobody is known.

    Where two do it is the smaller id.
    """
    samples: Counter[int] = Counter()
    for word in [word for word in words if word.text] or words:
        if word.speaker is not None:
            samples[word.speaker] += word.end - word.start
    return min(samples, key=lambda speaker: (-samples[speaker], speaker), default=None)


def _merged(pairs: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return where each speaker ends when pairs are merged one after the other; who stays is left out."""
    ends: dict[int, int] = {}
    for old, new in pairs:
        for speaker in [one for one, end in ends.items() if end == old]:
            ends[speaker] = new
        ends.setdefault(old, new)
    return {speaker: end for speaker, end in ends.items() if speaker != end}
