"""Records as rows of the tables and back; and the cursor that leads from page to page. Pure."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

from sqlalchemy import RowMapping

from stream_server.errors import InvalidConfiguration
from stream_server.store.records import Record, Segment, SegmentWord


def row_of_record(record: Record, seen_at: float) -> dict[str, Any]:
    """Return the row of a record."""
    return {
        "id": record.id,
        "organisation": record.organisation,
        "user_id": record.user,
        "meeting_id": record.meeting_id,
        "label": record.label,
        "kind": record.kind,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "seen_at": seen_at,
        "clock_rate": record.clock_rate,
        "end_sample": record.end_sample,
        "model": record.model,
        "language": record.language,
        "tracks": _json(record.tracks),
        "outcome": record.outcome,
        "lost": record.lost,
        "revision": record.revision,
    }


def record_of_row(row: RowMapping) -> Record:
    """Read a row."""
    return Record(
        id=row["id"],
        organisation=row["organisation"],
        user=row["user_id"],
        meeting_id=row["meeting_id"],
        label=row["label"],
        kind=row["kind"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        clock_rate=row["clock_rate"],
        end_sample=row["end_sample"],
        model=row["model"],
        language=row["language"],
        tracks=tuple(json.loads(row["tracks"])),
        outcome=row["outcome"],
        lost=row["lost"],
        revision=row["revision"],
    )


def row_of_segment(record_id: str, segment: Segment) -> dict[str, Any]:
    """Return the row of a segment."""
    return {
        "record_id": record_id,
        "sequence": segment.sequence,
        "utterance_id": segment.utterance_id,
        "track": segment.track,
        "start_sample": segment.start,
        "end_sample": segment.end,
        "speaker": segment.speaker,
        "language": segment.language,
        "text": segment.text,
        "words": words_as_text(segment.words),
    }


def segment_of_row(row: RowMapping) -> Segment:
    """Read a row."""
    return Segment(
        sequence=row["sequence"],
        utterance_id=row["utterance_id"],
        track=row["track"],
        start=row["start_sample"],
        end=row["end_sample"],
        speaker=row["speaker"],
        language=row["language"],
        text=row["text"],
        words=tuple(_word(values) for values in json.loads(row["words"])),
    )


def words_as_text(words: tuple[SegmentWord, ...]) -> str:
    """Return a list for each word: start, end, text, confidence, speaker, 1 for overlap, spoken if it differs."""
    return _json(
        [
            [word.start, word.end, word.text, word.confidence, word.speaker, int(word.overlap)]
            + ([word.spoken] if word.spoken != word.text else [])
            for word in words
        ]
    )


def _word(values: list[Any]) -> SegmentWord:
    start, end, text, confidence, speaker, overlap, *spoken = values
    return SegmentWord(
        text=text,
        spoken=spoken[0] if spoken else text,
        start=start,
        end=end,
        confidence=confidence,
        speaker=speaker,
        overlap=bool(overlap),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cursor_behind(record: Record) -> str:
    """Return what leads to the records behind this one; clients are to read nothing into it."""
    return base64.urlsafe_b64encode(f"{record.started_at!r} {record.id}".encode()).decode()


def read_cursor(cursor: str) -> tuple[float, str]:
    """Return when the last record of the page before started, and its id; raises `InvalidConfiguration`."""
    try:
        started_at, _, record_id = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition(" ")
        moment = float(started_at)
    except ValueError:
        raise InvalidConfiguration("cursor must be one that the page before has given") from None
    if not math.isfinite(moment) or not record_id or "\0" in record_id:
        raise InvalidConfiguration("cursor must be one that the page before has given")
    return moment, record_id
