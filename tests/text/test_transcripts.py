"""Laws of `stream_server.text.transcripts`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.text.transcripts import (
    CUE_LINES,
    CUE_SECONDS,
    LINE_CHARACTERS,
    Passage,
    SaidWord,
    as_srt,
    as_text,
    as_vtt,
    cues,
    paragraphs,
    timestamp,
    wrap,
)

RATE = 1000


def said(speaker: str, text: str, start: int = 0, each: int = 500) -> list[SaidWord]:
    """Make an utterance whose words take `each` samples."""
    return [
        SaidWord(word, start + each * number, start + each * (number + 1), speaker)
        for number, word in enumerate(text.split())
    ]


def test_a_speakers_words_are_one_paragraph_until_somebody_else_speaks() -> None:
    """Utterances of one speaker are joined; a change inside an utterance begins a line."""
    utterances = [said("Ann", "Hello there."), said("Ann", "How are you?"), said("Ann", "Well,") + said("Bo", "Fine.")]
    assert as_text(paragraphs(utterances)) == "Ann: Hello there. How are you? Well,\nBo: Fine.\n"


def test_unnamed_utterances_stand_alone() -> None:
    """Where nobody is told apart, each utterance has its line and no name."""
    assert as_text(paragraphs([said("", "One two."), said("", "Three.")])) == "One two.\nThree.\n"


def test_cues_are_split_at_speakers_and_pauses() -> None:
    """A cue has one speaker and no long silence."""
    utterance = [*said("Ann", "a b"), *said("Bo", "c", 1000), *said("Bo", "d", 3600)]
    assert [(cue.speaker, cue.text, cue.start, cue.end) for cue in cues([utterance], RATE)] == [
        ("Ann", "a b", 0, 1000),
        ("Bo", "c", 1000, 1500),
        ("Bo", "d", 3600, 4100),
    ]


@given(
    words=st.lists(st.tuples(st.text("abcdefgh", min_size=1, max_size=12), st.integers(1, 900)), max_size=80),
    speaker=st.sampled_from(["", "Ann", "Speaker 12"]),
)
def test_cues_are_short_and_lose_nothing(words: list[tuple[str, int]], speaker: str) -> None:
    """Every word is in one cue, in order, and no cue is too long to read."""
    utterance, clock = [], 0
    for text, length in words:
        utterance.append(SaidWord(text, clock, clock + length, speaker))
        clock += length
    found = cues([utterance] if utterance else [], RATE)
    assert " ".join(cue.text for cue in found) == " ".join(text for text, _ in words)
    for cue in found:
        assert cue.end - cue.start <= CUE_SECONDS * RATE
        assert len(wrap(f"{speaker}: {cue.text}" if speaker else cue.text)) <= CUE_LINES


def test_cues_of_several_tracks_follow_the_clock() -> None:
    """Utterances that overlap give cues in the order in which they begin."""
    long = said("Ann", " ".join(["word"] * 40), 0)
    assert [cue.start for cue in cues([long, said("Bo", "yes", 700)], RATE)][:2] == [0, 700]


def test_subrip() -> None:
    """Numbered cues with commas in their times, blank lines between, lines that fit."""
    passages = [
        Passage("Ann", "Hello there, this is a rather long line of words.", 1500, 3_600_250),
        Passage("", "Yes.", 3_600_250, 3_601_000),
    ]
    assert as_srt(passages, RATE) == (
        "1\n00:00:01,500 --> 01:00:00,250\nAnn: Hello there, this is a rather long\nline of words.\n\n"
        "2\n01:00:00,250 --> 01:00:01,000\nYes.\n"
    )


def test_webvtt() -> None:
    """A header, times with points, the speaker as a voice; what means something to a player is escaped."""
    assert as_vtt([Passage("A & <B>", "1 < 2 & so on", 0, 16)], 16_000) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.001\n<v A &amp; &lt;B&gt;>1 &lt; 2 &amp; so on\n"
    )
    assert as_vtt([Passage("", "Hi", 0, 8000)], 16_000) == "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nHi\n"
    assert as_vtt([], RATE) == "WEBVTT\n"
    assert as_srt([], RATE) == as_text([]) == ""


@pytest.mark.parametrize("render", [as_srt, as_vtt])
def test_a_name_cannot_break_a_cue(render: object) -> None:
    """Line breaks and arrows in names and words do not end a cue or begin another."""
    assert callable(render)
    text = render([Passage("A\n\n00:00 --> 00:09", "b\n\nc --> d", 0, 500)], RATE)
    body = text.removeprefix("WEBVTT\n\n")
    assert body.count("-->") == 1
    assert "\n\n" not in body


def test_a_cue_stands_for_a_moment_at_least() -> None:
    """Players drop cues that end when they begin."""
    assert "00:00:02,000 --> 00:00:02,001" in as_srt([Passage("", "Hm", 32_000, 32_000)], 16_000)


def test_text_without_spaces_is_broken_too() -> None:
    """Scripts without spaces fill lines as well."""
    assert [len(line) for line in wrap("字" * 100)] == [LINE_CHARACTERS, LINE_CHARACTERS, 100 - 2 * LINE_CHARACTERS]
    words = [SaidWord("字字", number * 10, number * 10 + 10, "") for number in range(100)]
    found = cues([words], RATE)
    assert "".join(cue.text for cue in found) == "字" * 200
    assert max(len(cue.text) for cue in found) <= CUE_LINES * LINE_CHARACTERS


@pytest.mark.parametrize(
    ("samples", "rate", "face"),
    [(0, 8000, "00:00:00.000"), (44_099, 44_100, "00:00:00.999"), (360_000_000 * 48, 48_000, "100:00:00.000")],
)
def test_timestamps(samples: int, rate: int, face: str) -> None:
    """Hours have two digits or more; a millisecond that has not passed does not count."""
    assert timestamp(samples, rate, ".") == face
