"""The contract of records: what was said in every session and recording, each an organisation's own.

A record is written while the session runs, entry by entry, and read afterwards. Positions are samples of the record's
clock; wall-clock times are POSIX seconds given by the caller. Every operation raises `StoreUnavailable` when the
database cannot be reached, and `NotFound` for what does not exist or belongs to another organisation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from stream_server.events import Final, Revised, Word
from stream_server.store.base import Kind
from stream_server.text.formatter import join

ABANDONED = "abandoned"
"""The outcome of a record whose server went away in the middle of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The head of a record; `id` is the session's, `tracks` are their names.

    `ended_at`, `end_sample` (the clock's last) and `outcome` are None while it runs; `outcome` is "ok", an error's code
    or `ABANDONED`. `lost` counts events that could not be kept, `revision` is the sequence of the last `Revised` taken.
    """

    id: str
    organisation: str
    user: str | None = None
    meeting_id: str | None = None
    label: str | None = None
    kind: Kind = "live"
    started_at: float
    ended_at: float | None = None
    clock_rate: int
    end_sample: int | None = None
    model: str
    language: str | None = None
    tracks: tuple[str, ...] = ()
    outcome: str | None = None
    lost: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentWord:
    """One word: `text` is the display form, "" if it is hidden, `spoken` the engine's, `speaker` an id or None."""

    text: str
    spoken: str
    start: int
    end: int
    confidence: float
    speaker: int | None = None
    overlap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One utterance, as its final and later revisions have it. `speaker` said most of it."""

    sequence: int
    utterance_id: str
    track: int
    start: int
    end: int
    text: str
    language: str | None = None
    speaker: int | None = None
    words: tuple[SegmentWord, ...] = ()

    @property
    def speakers(self) -> tuple[int | None, ...]:
        """Each word's speaker: one of whom nothing is known goes with the word before it, the first with the next.

        So does one of which nothing is shown.
        """
        shown = [word.speaker if word.text else None for word in self.words]
        known = next((speaker for speaker in shown if speaker is not None), self.speaker)
        found = []
        for speaker in shown:
            known = known if speaker is None else speaker
            found.append(known)
        return tuple(found)

    @property
    def spoken(self) -> str:
        """What the engine wrote."""
        return join(word.spoken for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """The voice embeddings of one track's windows, as `model` made them; what the bytes mean is its business."""

    track: int
    model: str
    vectors: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A whole record; segments in the order of their finals, every speaker's name by id."""

    record: Record
    segments: tuple[Segment, ...]
    speakers: Mapping[int, str | None]


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Begin the record; one that is there stays as it is. `now` counts as its first sign of life."""

    record: Record
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Add a segment; one of that sequence stays as it is. `names` are speakers' ids and names, None if not known."""

    segment: Segment
    names: tuple[tuple[int, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revise:
    """Change what was said of speakers; nothing if a revision of that sequence or a later one was taken."""

    revised: Revised


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepEmbeddings:
    """Keep a track's embeddings in place of earlier ones."""

    embeddings: Embeddings


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """End the record; what was said before of its end no longer holds."""

    ended_at: float
    end_sample: int
    outcome: str
    lost: int = 0


Change: TypeAlias = Begin | Append | Revise | KeepEmbeddings | Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change of one record."""

    organisation: str
    record_id: str
    change: Change


def append_of(final: Final) -> Append:
    """Return what a final adds to its record; confidence to three digits, as clients are told."""
    speakers = [final.speaker, *(word.speaker for word in final.words)]
    names: dict[int, str | None] = {}
    for speaker in filter(None, speakers):
        names[speaker.id] = speaker.name or names.get(speaker.id)
    segment = Segment(
        sequence=final.sequence,
        utterance_id=final.utterance_id,
        track=final.track,
        start=final.start,
        end=final.end,
        text=final.text,
        language=final.language,
        speaker=final.speaker.id if final.speaker else None,
        words=tuple(_word(word, final) for word in final.words),
    )
    return Append(segment=segment, names=tuple(names.items()))


def _word(word: Word, final: Final) -> SegmentWord:
    return SegmentWord(
        text=word.text,
        spoken=word.spoken,
        start=final.start if word.start is None else word.start,
        end=final.end if word.end is None else word.end,
        confidence=round(word.confidence, 3),
        speaker=word.speaker.id if word.speaker else None,
        overlap=word.overlap,
    )


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """Which records of an organisation are wanted; None means any."""

    organisation: str
    user: str | None = None
    meeting_id: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """Some records, newest first; `cursor` leads to those behind, None at the end."""

    records: tuple[Record, ...] = ()
    cursor: str | None = None


Forget: TypeAlias = Callable[[Sequence[str]], Awaitable[None]]
"""Deletes what is kept of records, by their ids, outside of the database; safe to repeat."""


class RecordStore(Protocol):
    """Records, shared by every process of an installation."""

    async def write(self, entries: Sequence[Entry]) -> None:
        """Make these changes in order, all or none; safe to repeat.

        Changes of records that are not there are dropped: somebody deleted them. Texts come back as they were given,
        but for NUL and halves of surrogate pairs, which come back as U+FFFD.
        """

    async def find_record(self, organisation: str, record_id: str) -> Record:
        """Return a record's head."""

    async def find_transcript(self, organisation: str, record_id: str) -> Transcript:
        """Return a whole record, as it was at one moment."""

    async def find_embeddings(self, organisation: str, record_id: str) -> list[Embeddings]:
        """Return what was kept of each track, by track."""

    async def list_records(self, wanted: RecordFilter, limit: int, cursor: str | None = None) -> RecordPage:
        """Return up to `limit` heads; raises `InvalidConfiguration` for a cursor that is none of ours."""

    async def delete_record(self, organisation: str, record_id: str) -> None:
        """Delete a record with all that hangs on it, for good."""

    async def purge(self, before: float, forget: Forget | None = None) -> int:
        """Delete, for good, all records of anybody's that ended before; return how many.

        `forget` is asked first, some ids at a time: what it deletes elsewhere is never left behind by a crash.
        """

    async def touch(self, record_ids: Sequence[str], now: float) -> None:
        """Say that these run; one that was taken for abandoned runs again."""

    async def end_abandoned(self, before: float) -> int:
        """End those that run and gave no sign of life since, at the end of their last segment; return how many."""
