"""A record put together from the changes that would write it, without a database. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from stream_server.events import Revised
from stream_server.store.records import Append, Begin, Change, Finish, Record, Revise, Segment, Transcript
from stream_server.store.revising import Revision


def assemble(changes: Iterable[Change]) -> Transcript:
    """Return what a store that made these changes in order would return; the first begins the record."""
    record: Record | None = None
    segments: dict[int, Segment] = {}
    names: dict[int, str | None] = {}
    for change in changes:
        match change:
            case Begin():
                record = record or change.record
            case Append(segment=segment, names=told) if segment.sequence not in segments:
                segments[segment.sequence] = segment
                for speaker, name in told:
                    names[speaker] = name or names.get(speaker)
            case Revise(revised=revised) if record is not None and revised.sequence > record.revision:
                record = replace(record, revision=revised.sequence)
                segments, names = _revised(revised, segments, names)
            case Finish() if record is not None:
                record = replace(
                    record,
                    ended_at=change.ended_at,
                    end_sample=change.end_sample,
                    outcome=change.outcome,
                    lost=change.lost,
                )
    assert record is not None  # the first change begins it
    said = tuple(segments[sequence] for sequence in sorted(segments))
    return Transcript(record=record, segments=said, speakers=dict(sorted(names.items())))


def _revised(
    revised: Revised, segments: dict[int, Segment], names: dict[int, str | None]
) -> tuple[dict[int, Segment], dict[int, str | None]]:
    revision = Revision(revised)
    if revision.touches_segments:
        segments = {sequence: revision.apply(segment) for sequence, segment in segments.items()}
        names = {speaker: name for speaker, name in names.items() if speaker not in revision.gone}
    told = dict(revised.names)
    for speaker in revision.named | told.keys():
        names.setdefault(speaker, None)
    return segments, names | told
