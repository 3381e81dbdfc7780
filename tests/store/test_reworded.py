"""A record's words formatted once more."""

from __future__ import annotations

import pytest

from stream_server.store.records import Record, Segment, SegmentWord, Transcript
from stream_server.store.reworded import reworded
from stream_server.text.formatting import Formatting

RATE = 1000


def said(sequence: int, spoken: str, text: str, start: int, *, track: int = 0) -> Segment:
    """Make an utterance, a word a second, of two speakers who take turns by what they say: "him" is the second's."""
    words = tuple(
        SegmentWord(
            text=word,
            spoken=word,
            start=start + RATE * at,
            end=start + RATE * (at + 1),
            confidence=1.0,
            speaker=2 if word == "him" else 1,
        )
        for at, word in enumerate(spoken.split())
    )
    return Segment(
        sequence=sequence,
        utterance_id=f"u{sequence}",
        track=track,
        start=start,
        end=words[-1].end,
        text=text,
        language="en",
        speaker=1,
        words=words,
    )


def written(*segments: Segment, formatting: Formatting | None = None) -> list[str]:
    """Return the texts of a record that is formatted once more."""
    record = Record(id="s", organisation="acme", started_at=0.0, clock_rate=RATE, model="base")
    transcript = Transcript(record=record, segments=segments, speakers={1: None, 2: None})
    return [segment.text for segment in reworded(transcript, formatting or Formatting(), None).segments]


def test_a_sentence_goes_on_when_the_speaker_changes() -> None:
    """A word that somebody else was heard to say does not end it."""
    segment = said(1, "we will call him tomorrow about the house", "", 0)
    assert written(segment) == ["We will call him tomorrow about the house."]


@pytest.mark.parametrize(
    ("text", "start", "track", "expected"),
    [
        ("We talked about the", 4050, 0, ["We talked about the", "and the house is big."]),
        ("We talked about the.", 4050, 0, ["We talked about the.", "And the house is big."]),
        ("We talked about the", 4200, 0, ["We talked about the.", "And the house is big."]),
        ("We talked about the", 4050, 1, ["We talked about the.", "And the house is big."]),
        ("", 4050, 0, ["We talked about the.", "And the house is big."]),
    ],
)
def test_a_sentence_that_was_cut(text: str, start: int, track: int, expected: list[str]) -> None:
    """Where an utterance begins as its track's last one ends, and that had no stop, a sentence goes on."""
    assert (
        written(said(1, "we talked about the", text, 0), said(2, "and the house is big", "", start, track=track))
        == expected
    )


def test_masks_stay() -> None:
    """What was masked as it was said stays so, and does not make a record look punctuated."""
    segment = said(1, "my number is [PHONE]", "my number is [PHONE]", 0)
    assert written(segment, formatting=Formatting(capitals=False)) == ["my number is [PHONE]."]
    assert written(said(1, "my number is [PHONE]. call me", "", 0)) == ["My number is [PHONE]. Call me."]
