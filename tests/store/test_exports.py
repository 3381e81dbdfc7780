"""Laws of `stream_server.store.exports`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from stream_server.store.exports import Format, export, record_json
from stream_server.store.records import Record, Segment, SegmentWord, Transcript

HEAD = Record(
    id="s1",
    organisation="acme",
    user="ann",
    label="Stand-up",
    started_at=1_700_000_000.25,
    ended_at=1_700_000_060.5,
    clock_rate=1000,
    end_sample=60_123,
    model="base",
    language="en",
    tracks=("room",),
    outcome="ok",
)


def said(sequence: int, start: int, *words: tuple[str, int | None], track: int = 0, **changes: Any) -> Segment:
    """Make a segment of words of half a second and their speakers."""
    made = tuple(
        SegmentWord(
            text=text,
            spoken=text.lower(),
            start=start + 500 * n,
            end=start + 500 * n + 500,
            confidence=0.5,
            speaker=who,
        )
        for n, (text, who) in enumerate(words)
    )
    usual = Segment(
        sequence=sequence,
        utterance_id=f"u{sequence}",
        track=track,
        start=start,
        end=start + 500 * len(words),
        text=" ".join(text for text, _ in words),
        words=made,
    )
    return replace(usual, **changes)


def transcript(*segments: Segment, tracks: tuple[str, ...] = ("room",), **speakers: str | None) -> Transcript:
    """Make a record; speakers are named by their id, as `_1="Ann"`."""
    names = {int(key.removeprefix("_")): name for key, name in speakers.items()}
    return Transcript(record=replace(HEAD, tracks=tracks), segments=segments, speakers=names)


def test_text_names_speakers_or_numbers_them() -> None:
    """A known name, else "Speaker 2"; lines change where the speaker does, in mid-utterance too."""
    found = transcript(said(1, 0, ("Hello", 1), ("Hi", 2), ("Bo", 2)), _1="Ann", _2=None)
    assert export(found, "txt") == "Ann: Hello\nSpeaker 2: Hi Bo\n"


def test_words_of_whom_nothing_is_known_go_with_their_neighbours() -> None:
    """A gap in what is known splits no line: the word before counts, for the first word the next."""
    found = transcript(said(1, 0, ("Well", None), ("yes", 1), ("hm", None), ("no", 2)), _1=None)
    assert export(found, "txt") == "Speaker 1: Well yes hm\nSpeaker 2: no\n"


def test_a_segments_speaker_stands_in_for_its_words() -> None:
    """Where words tell nothing, whoever said most of the segment said it."""
    assert export(transcript(said(1, 0, ("Hi", None), speaker=3), _3="Cy"), "txt") == "Cy: Hi\n"


def test_tracks_name_those_who_have_no_name() -> None:
    """Without speakers several tracks are told apart by their names, one track by nothing."""
    segments = (said(1, 900, ("Yes", None), track=1), said(2, 0, ("Hello", None)))
    assert export(transcript(*segments, tracks=("left", "right")), "txt") == "left: Hello\nright: Yes\n"
    assert export(transcript(*segments), "txt") == "Hello Yes\n"


def test_a_segment_without_words_is_shown_whole() -> None:
    """An engine that gives text alone is not left out; a segment without text is."""
    found = transcript(said(1, 0, text="All of it", end=2000), said(2, 3000))
    assert export(found, "txt") == "All of it\n"
    assert "00:00:00,000 --> 00:00:02,000\nAll of it" in export(found, "srt")


def test_subtitles_have_the_speakers() -> None:
    """Both kinds have a cue for each turn."""
    found = transcript(said(1, 1000, ("Hello", 1), ("Hi", 2)), _1="Ann")
    assert export(found, "srt") == (
        "1\n00:00:01,000 --> 00:00:01,416\nAnn: Hello\n\n2\n00:00:01,500 --> 00:00:02,334\nSpeaker 2: Hi\n"
    )
    assert "00:00:01.500 --> 00:00:02.334\n<v Speaker 2>Hi\n" in export(found, "vtt")


def test_markdown_has_a_head() -> None:
    """Title, beginning, duration and speakers, then the words of each."""
    found = transcript(said(1, 0, ("Hello", 1), ("Hi", 2)), _1="Ann", _2=None)
    assert export(found, "md") == (
        "# Stand-up\n\n- Started: 2023-11-14 22:13 UTC\n- Duration: 0:01:01\n- Speakers: Ann, Speaker 2\n\n"
        "**Ann** 0:00:00\n\nHello\n\n**Speaker 2** 0:00:00\n\nHi\n"
    )


def test_json_says_everything() -> None:
    """The head, the speakers, and segments in the order of time with positions twice."""
    found = transcript(said(2, 5000, ("Late", 1)), said(1, 0, ("Early", None), language="en"), _1="Ann")
    body = json.loads(export(found, "json"))
    assert body["started_at"] == "2023-11-14T22:13:20.250Z"
    assert body["seconds"] == 60.123
    assert body["speakers"] == [{"id": 1, "name": "Ann"}]
    assert [segment["text"] for segment in body["segments"]] == ["Early", "Late"]
    assert body["segments"][1]["words"] == [
        {
            "text": "Late",
            "spoken": "late",
            "start_sample": 5000,
            "start_seconds": 5.0,
            "end_sample": 5500,
            "end_seconds": 5.5,
            "confidence": 0.5,
            "speaker": 1,
        }
    ]


def test_a_running_record_has_no_end() -> None:
    """What is not known yet is null."""
    head = record_json(replace(HEAD, ended_at=None, end_sample=None, outcome=None))
    assert (head["ended_at"], head["seconds"], head["outcome"]) == (None, None, None)


@pytest.mark.parametrize("form", get_args(Format))
def test_an_empty_record_is_no_error(form: Format) -> None:
    """A session in which nothing was said can be taken away too."""
    body = export(transcript(), form)
    assert body in ("", "WEBVTT\n") or "s1" in body or body.startswith("# Stand-up\n")


def test_hidden_words_are_in_json_alone() -> None:
    """Nothing is left of them where people read, and no line or cue of their own: what was said and when is kept."""
    shown = transcript(said(1, 0, ("Yes", 1), ("We", 1), ("go", 1)), said(3, 4_000, ("Fine", 1)), _1="Ann", _2="Bo")
    hidden = [
        said(1, 0, ("Yes", 1), ("Uh", 2), ("We", 1), ("go", 1)),
        said(2, 2_000, ("Um", 2)),
        said(3, 4_000, ("Fine", 1)),
    ]
    segments = [
        replace(
            segment,
            text=" ".join(word.text for word in segment.words if word.text not in ("Uh", "Um")),
            words=tuple(replace(word, text="" if word.text in ("Uh", "Um") else word.text) for word in segment.words),
        )
        for segment in hidden
    ]
    found = transcript(*segments, _1="Ann", _2="Bo")
    assert export(found, "txt") == export(shown, "txt") == "Ann: Yes We go\nAnn: Fine\n"
    assert [export(found, form).count("-->") for form in ("srt", "vtt")] == [2, 2]
    word = json.loads(export(found, "json"))["segments"][0]["words"][1]
    assert (word["text"], word["spoken"], word["start_sample"]) == ("", "uh", 500)
