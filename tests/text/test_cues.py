"""Laws of `stream_server.text.cues`."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given

from stream_server.text.cues import LONGEST_SECONDS, PAUSE_SECONDS, called, divide, label
from stream_server.text.lines import CUE_LINES, LINE_CHARACTERS, break_lines
from stream_server.text.transcripts import SaidWord
from tests.text.said import RATE, said, talks


@given(talk=talks())
def test_every_word_is_in_one_cue_of_its_speaker(talk: list[list[SaidWord]]) -> None:
    """Nothing is lost, changed or moved; a cue begins with its first word and holds one speaker's alone."""
    words = [word for utterance in talk for word in utterance]
    found = divide(talk, RATE)
    assert [(cue.speaker, word) for cue in found for word in cue.words] == [(word.speaker, word.text) for word in words]
    place = 0
    for cue in found:
        own = words[place : place + len(cue.words)]
        assert (cue.start, cue.end) == (own[0].start, own[-1].end)
        place += len(cue.words)


@given(talk=talks())
def test_cues_are_two_lines_and_seven_seconds_at_most(talk: list[list[SaidWord]]) -> None:
    """The name of the speaker included."""
    for cue in divide(talk, RATE):
        assert cue.end - cue.start <= LONGEST_SECONDS * RATE
        lines = break_lines([label(cue.speaker), *cue.words])
        assert len(lines) <= CUE_LINES
        assert max(map(len, lines)) <= LINE_CHARACTERS


@given(talk=talks(longest_pause=0))
def test_no_cue_of_one_word_in_a_longer_run(talk: list[list[SaidWord]]) -> None:
    """One word stands alone only if its speaker said no more."""
    found = divide(talk, RATE)
    alone = [utterance for utterance in talk if len(utterance) == 1]
    assert sum(len(cue.words) == 1 for cue in found) <= len(alone)


@given(talk=talks())
def test_no_pause_stands_in_a_cue(talk: list[list[SaidWord]]) -> None:
    """What is said after a long silence begins a cue of its own."""
    ends = {word.start: word.end for utterance in talk for word in utterance}
    starts = sorted(ends)
    for cue in divide(talk, RATE):
        own = [start for start in starts if cue.start <= start < cue.end]
        for before, after in pairwise(own):
            assert after - ends[before] < PAUSE_SECONDS * RATE


def test_cues_end_with_sentences() -> None:
    """A sentence is not torn apart where it could be whole; a comma is better than nothing."""
    talk = said(
        "Ann", "We were going to the market on Monday. It was raining, and nobody had thought of an umbrella.", 0, 250
    )
    assert [cue.text for cue in divide([talk], RATE)] == [
        "We were going to the market on Monday.",
        "It was raining, and nobody had thought of an umbrella.",
    ]


def test_what_a_speaker_goes_on_to_say_may_share_a_cue() -> None:
    """Utterances of one speaker are joined; those of nobody in particular are not, for they may be two people's."""
    assert [cue.text for cue in divide([said("Ann", "Yes."), said("Ann", "We can.", 600)], RATE)] == ["Yes. We can."]
    assert [cue.text for cue in divide([said("", "Yes."), said("", "We can.", 600)], RATE)] == ["Yes.", "We can."]


def test_cues_of_several_tracks_follow_the_clock() -> None:
    """Utterances that overlap give cues in the order in which they begin."""
    long = said("Ann", " ".join(["word"] * 40), 0)
    assert [cue.start for cue in divide([long, said("Bo", "yes", 700)], RATE)][:2] == [0, 700]


def test_a_text_without_times_shares_its_segments() -> None:
    """An engine that gives no words gets cues too; each word has time by its letters."""
    found = divide([[SaidWord("word " * 40, 0, 20_000, "Ann")]], RATE)
    assert [word for cue in found for word in cue.words] == ["word"] * 40
    assert (found[0].start, found[-1].end) == (0, 20_000)
    assert max(cue.end - cue.start for cue in found) <= LONGEST_SECONDS * RATE


def test_a_name_leaves_room_and_cannot_break_a_cue() -> None:
    """A name is one line, shorter than a line, and has no arrow in it."""
    assert called("A\n\n00:00 --> 00:09") == "A 00:00 → 00:09"
    assert len(label("x" * 200)) <= LINE_CHARACTERS
    assert label("") == ""
