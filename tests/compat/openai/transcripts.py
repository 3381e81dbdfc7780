"""A transcript of two people, for tests of what is made of it."""

from __future__ import annotations

from stream_server.store.records import Record, Segment, SegmentWord, Transcript

RATE = 16_000


def word(text: str, start: float, end: float, speaker: int | None = None) -> SegmentWord:
    """Return a word; seconds."""
    return SegmentWord(
        text=text, spoken=text, start=round(start * RATE), end=round(end * RATE), confidence=0.5, speaker=speaker
    )


def segment(sequence: int, *words: SegmentWord, language: str | None = "en") -> Segment:
    """Return an utterance of these words."""
    return Segment(
        sequence=sequence,
        utterance_id=f"0-{sequence}",
        track=0,
        start=words[0].start,
        end=words[-1].end,
        text=" ".join(each.text for each in words),
        language=language,
        speaker=words[0].speaker,
        words=words,
    )


def transcript(*segments: Segment, seconds: float = 9.5) -> Transcript:
    """Return a record of these utterances."""
    record = Record(
        id="r",
        organisation="default",
        started_at=0.0,
        clock_rate=RATE,
        end_sample=round(seconds * RATE),
        model="base",
        tracks=("track 1",),
    )
    return Transcript(record=record, segments=segments, speakers={1: None, 2: "Budi"})


TALK = transcript(
    segment(1, word("“Ready?”", 0.5, 1.0, 1), word("Yes,", 1.5, 2.0, 2), word("well.", 2.0, 2.5, None)),
    segment(2, word("Mari", 4.0, 4.5, 2), word("mulai.", 4.5, 8.25, 2), language="id"),
)
"""Two people, two languages; the second is spoken for longer."""

SILENCE = transcript()
