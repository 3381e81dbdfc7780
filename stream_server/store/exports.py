"""A record in the forms that people take away: JSON, plain text, Markdown, SubRip and WebVTT. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from stream_server.durations import clock_face, exact_seconds
from stream_server.store.records import Record, Segment, SegmentWord, Transcript
from stream_server.text.subtitles import as_srt, as_vtt, cues
from stream_server.text.transcripts import SaidWord, as_markdown, as_text, paragraphs

Format = Literal["json", "txt", "md", "srt", "vtt"]


def export(transcript: Transcript, form: Format) -> str:
    """Return a record in one of the forms."""
    rate = transcript.record.clock_rate
    match form:
        case "json":
            return as_json(transcript)
        case "txt":
            return as_text(paragraphs(utterances(transcript), rate))
        case "md":
            return as_markdown(*_head(transcript), paragraphs(utterances(transcript), rate), rate)
        case "srt":
            return as_srt(cues(utterances(transcript), rate), rate)
        case "vtt":
            return as_vtt(cues(utterances(transcript), rate), rate)


def record_json(record: Record) -> dict[str, Any]:
    """Return a record's head; times of day as ISO 8601 in UTC."""
    return {
        "id": record.id,
        "kind": record.kind,
        "user": record.user,
        "meeting_id": record.meeting_id,
        "label": record.label,
        "started_at": moment(record.started_at),
        "ended_at": None if record.ended_at is None else moment(record.ended_at),
        "seconds": None if record.end_sample is None else _seconds(record.end_sample, record.clock_rate),
        "sample_rate": record.clock_rate,
        "model": record.model,
        "language": record.language,
        "tracks": list(record.tracks),
        "outcome": record.outcome,
        "lost": record.lost,
    }


def as_json(transcript: Transcript) -> str:
    """Return all of a record; positions as on the native wire, in samples and in seconds.

    Segments are encoded one by one: a day of talk in one call would hold up everybody else for a quarter of a second.
    """
    record = transcript.record
    speakers = [{"id": speaker, "name": name} for speaker, name in sorted(transcript.speakers.items())]
    head = _json(record_json(record) | {"speakers": speakers})
    segments = ", ".join(_json(_segment_json(segment, record.clock_rate)) for segment in _in_time(transcript))
    return f'{head[:-1]}, "segments": [{segments}]}}'


def utterances(transcript: Transcript) -> list[list[SaidWord]]:
    """Return what was said in the order of time, each word with what to call its speaker."""
    return [_said(segment, transcript) for segment in _in_time(transcript) if segment.text]


def speaker_name(speaker: int, names: Mapping[int, str | None]) -> str:
    """Return what to call a speaker: the name, else "Speaker 1"."""
    return names.get(speaker) or f"Speaker {speaker}"


def _head(transcript: Transcript) -> tuple[str, list[str]]:
    """Return the title of a record and what a reader wants to know first."""
    record = transcript.record
    started = datetime.fromtimestamp(record.started_at, UTC)
    facts = [f"Started: {started:%Y-%m-%d %H:%M} UTC"]
    if record.end_sample is not None:
        facts.append(f"Duration: {clock_face(exact_seconds(record.end_sample, record.clock_rate))}")
    if transcript.speakers:
        named = (speaker_name(speaker, transcript.speakers) for speaker in sorted(transcript.speakers))
        facts.append(f"Speakers: {', '.join(named)}")
    return record.label or "Transcript", facts


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _in_time(transcript: Transcript) -> list[Segment]:
    return sorted(transcript.segments, key=lambda segment: (segment.start, segment.track, segment.sequence))


def _said(segment: Segment, transcript: Transcript) -> list[SaidWord]:
    """Return a segment's words, as far as they are shown, each with what to call its speaker."""
    whole = segment if segment.words else replace(segment, words=(_whole(segment),))
    return [
        SaidWord(word.text, word.start, word.end, _called(speaker, segment, transcript))
        for word, speaker in zip(whole.words, whole.speakers, strict=True)
        if word.text
    ]


def _called(speaker: int | None, segment: Segment, transcript: Transcript) -> str:
    return _track_name(segment, transcript) if speaker is None else speaker_name(speaker, transcript.speakers)


def _whole(segment: Segment) -> SegmentWord:
    return SegmentWord(text=segment.text, spoken=segment.text, start=segment.start, end=segment.end, confidence=1.0)


def _track_name(segment: Segment, transcript: Transcript) -> str:
    """Return what to call somebody unknown: the track where there are several, else nothing."""
    tracks = transcript.record.tracks
    return tracks[segment.track] if len(tracks) > 1 and segment.track < len(tracks) else ""


def _segment_json(segment: Segment, rate: int) -> dict[str, Any]:
    return {
        "sequence": segment.sequence,
        "utterance_id": segment.utterance_id,
        "track": segment.track,
        "speaker": segment.speaker,
        **_span(segment.start, segment.end, rate),
        "text": segment.text,
        "language": segment.language,
        "words": [_word_json(word, rate) for word in segment.words],
    }


def _word_json(word: SegmentWord, rate: int) -> dict[str, Any]:
    """Return a word; `spoken` and `overlap` stand only where they say something."""
    return {
        "text": word.text,
        **({"spoken": word.spoken} if word.spoken != word.text else {}),
        **_span(word.start, word.end, rate),
        "confidence": word.confidence,
        "speaker": word.speaker,
        **({"overlap": True} if word.overlap else {}),
    }


def _span(start: int, end: int, rate: int) -> dict[str, Any]:
    return {
        "start_sample": start,
        "start_seconds": _seconds(start, rate),
        "end_sample": end,
        "end_seconds": _seconds(end, rate),
    }


def _seconds(samples: int, rate: int) -> float:
    return round(samples / rate, 3)


def moment(seconds: float) -> str:
    """Return a time of day as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
