"""Laws of `stream_server.text.subtitles`."""

from __future__ import annotations

import pytest

from stream_server.text.cues import Cue
from stream_server.text.subtitles import as_srt, as_vtt, cues, timestamp
from tests.text.said import RATE, said


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


def test_subrip() -> None:
    """Numbered cues with commas in their times, blank lines between, lines that fit."""
    found = [
        Cue("Ann", words("Hello there, this is a rather long line of words."), 1500, 3_600_250),
        Cue("", ("Yes.",), 3_600_250, 3_601_000),
    ]
    assert as_srt(found, RATE) == (
        "1\n00:00:01,500 --> 01:00:00,250\nAnn: Hello there,\nthis is a rather long line of words.\n\n"
        "2\n01:00:00,250 --> 01:00:01,000\nYes.\n"
    )


def test_webvtt() -> None:
    """A header, times with points, the speaker as a voice; what means something to a player is escaped."""
    assert as_vtt([Cue("A & <B>", words("1 < 2 & so on"), 0, 16)], 16_000) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.001\n<v A &amp; &lt;B&gt;>1 &lt; 2 &amp; so on\n"
    )
    assert as_vtt([Cue("", ("Hi",), 0, 8000)], 16_000) == "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nHi\n"
    assert as_vtt([], RATE) == "WEBVTT\n"
    assert as_srt([], RATE) == ""


@pytest.mark.parametrize("render", [as_srt, as_vtt])
def test_neither_names_nor_words_can_break_a_cue(render: object) -> None:
    """Line breaks and arrows in names and words do not end a cue or begin another."""
    assert callable(render)
    talk = said("A\n\n00:00 --> 00:09", "b c --> d-->e")
    body = render(cues([talk], RATE), RATE).removeprefix("WEBVTT\n\n")
    assert body.count("-->") == 1
    assert "\n\n" not in body


@pytest.mark.parametrize(
    ("samples", "rate", "face"),
    [(0, 8000, "00:00:00.000"), (44_099, 44_100, "00:00:00.999"), (360_000_000 * 48, 48_000, "100:00:00.000")],
)
def test_timestamps(samples: int, rate: int, face: str) -> None:
    """Hours have two digits or more; a millisecond that has not passed does not count."""
    assert timestamp(samples, rate, ".") == face
