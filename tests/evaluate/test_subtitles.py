from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.errors import InvalidConfiguration
from stream_server.evaluate.formats import parse
from stream_server.evaluate.transcript import Segment

WORDS = st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=6), min_size=1, max_size=5).map(" ".join)


def clock(milliseconds: int, point: str) -> str:
    """Return a time as subtitles write it."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def test_srt() -> None:
    """Numbers and tags are no words; a cue may have several lines, and lack the empty line before the next."""
    found = parse(
        "1\n00:00:01,000 --> 00:00:02,500\n<i>good</i>\nmorning\n2\n00:00:03,000 --> 00:00:04,000 X1:0\nyes\n",
        "srt",
        "x",
    )
    assert found.segments == (
        Segment(text="good morning", start=1.0, end=2.5),
        Segment(text="yes", start=3.0, end=4.0),
    )


def test_voices_of_webvtt_are_speakers() -> None:
    """Two voices of a cue share its times; notes, styles and settings are passed over."""
    found = parse(
        "WEBVTT\n\nNOTE nothing\n\nfirst\n00:01.000 --> 00:02.000 align:start\n"
        "<v.loud Ann>good morning</v> <v Ben &amp; Lee>R&amp;D &lt;3</v>\n\n01:00:00.000 --> 01:00:01.000\nwell\n",
        "vtt",
        "x",
    )
    assert found.segments == (
        Segment(text="good morning", speaker="Ann", start=1.0, end=2.0),
        Segment(text="R&D <3", speaker="Ben & Lee", start=1.0, end=2.0),
        Segment(text="well", start=3600.0, end=3601.0),
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("WEBVTT\n\nsoon --> later\nsecret", "x, line 3: a cue's times must be like"),
        ("00:01.000 --> \nsecret", "x, line 1: a cue's times must be like"),
        ("00:02.000 --> 00:01.000\nsecret", "x, line 1: the end is before the start"),
    ],
)
def test_errors_name_the_line(content: str, sentence: str) -> None:
    """Who has to mend a file is told where, and no word of it is repeated."""
    with pytest.raises(InvalidConfiguration) as caught:
        parse(content, "vtt", "x")
    assert caught.value.message.startswith(sentence)
    assert "secret" not in caught.value.message


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**6), WORDS), max_size=6), st.sampled_from(",."))
def test_round_trip(cues: list[tuple[int, int, str]], point: str) -> None:
    """What is written as subtitles is read as it was, to the millisecond."""
    content = "".join(
        f"{number}\n{clock(at, point)} --> {clock(at + long, point)}\n{text}\n\n"
        for number, (at, long, text) in enumerate(cues, start=1)
    )
    found = parse(content, "srt", "x").segments
    assert [(segment.text, segment.start, segment.end) for segment in found] == [
        (text, pytest.approx(at / 1000), pytest.approx((at + long) / 1000)) for at, long, text in cues
    ]
