"""A record's words formatted once more, as somebody else wants to read them. Pure."""

from __future__ import annotations

from dataclasses import replace

from stream_server.store.records import Segment, SegmentWord, Transcript
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting
from stream_server.text.pipeline import Formatter
from stream_server.text.rewording import TimedWord, formatter_for, heard_again, reword


def reworded(
    transcript: Transcript, formatting: Formatting, language: str | None, *, raw: bool | None = None
) -> Transcript:
    """Return a record with its spoken words written so; `language` None: what each utterance was heard in.

    Times and speakers stay; what was masked when it was said stays masked, for nothing else was kept. `raw` None: what
    the whole record looks like (`text.rewording.is_raw`).
    """
    formatter = formatter_for(
        formatting, [word.spoken for segment in transcript.segments for word in segment.words], raw=raw
    )
    rate = transcript.record.clock_rate
    segments = tuple(_reworded(each, formatter, language or each.language, rate) for each in transcript.segments)
    return replace(transcript, segments=segments)


def _reworded(segment: Segment, formatter: Formatter, language: str | None, clock_rate: int) -> Segment:
    spoken = heard_again([_timed(word) for word in segment.words])
    words = tuple(_kept(word) for word in reword(spoken, formatter, language, clock_rate=clock_rate))
    return replace(segment, words=words, text=join(word.text for word in words))


def _timed(word: SegmentWord) -> TimedWord:
    return TimedWord(
        text=word.text,
        spoken=word.spoken,
        start=word.start,
        end=word.end,
        confidence=word.confidence,
        speaker=word.speaker,
        overlap=word.overlap,
    )


def _kept(word: TimedWord) -> SegmentWord:
    assert word.start is not None  # a record's words have times
    assert word.end is not None
    assert word.confidence is not None
    return SegmentWord(
        text=word.text,
        spoken=word.spoken,
        start=round(word.start),
        end=round(word.end),
        confidence=word.confidence,
        speaker=word.speaker,
        overlap=word.overlap,
    )
