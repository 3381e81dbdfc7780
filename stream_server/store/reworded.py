"""A record's words formatted once more, as somebody else wants to read them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stream_server.store.records import Segment, SegmentWord, Transcript
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting
from stream_server.text.marks import ends_sentence
from stream_server.text.rewording import TimedWord, formatter_for, heard_again, reword
from stream_server.text.tokens import Token

MOST_SECONDS_CUT = 0.1
"""Between an utterance that was cut in mid-speech and the next: they touch, but for rounding."""


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
    continuing = _continuing(transcript.segments, MOST_SECONDS_CUT * rate)
    cut = frozenset(continuing.values())

    def written(segment: Segment) -> Segment:
        words = reword(
            heard_again([_timed(word) for word in segment.words]),
            formatter,
            language or segment.language,
            clock_rate=rate,
            continues=segment.sequence in continuing,
            cut=segment.sequence in cut,
        )
        return replace(segment, words=tuple(map(_kept, words)), text=join(word.text for word in words))

    return replace(transcript, segments=tuple(map(written, transcript.segments)))


def _continuing(segments: Sequence[Segment], most: float) -> dict[int, int]:
    """Return the segments that go on with a sentence that was cut, each with the one whose sentence it is.

    That is not written down: where one utterance begins as another ends, nobody paused, and without a stop behind it
    nothing was at its end.
    """
    found: dict[int, int] = {}
    last: dict[int, Segment] = {}
    for segment in sorted(segments, key=lambda each: each.start):
        before = last.get(segment.track)
        if before is not None and segment.start - before.end < most and not _is_complete(before):
            found[segment.sequence] = before.sequence
        last[segment.track] = segment
    return found


def _is_complete(segment: Segment) -> bool:
    """Tell whether a segment's text ends as a sentence does; one that shows nothing leaves no sentence open."""
    shown = segment.text.split()
    return not shown or ends_sentence(Token(shown[-1], 0, 1))


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
