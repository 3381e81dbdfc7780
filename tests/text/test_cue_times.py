"""Laws of `stream_server.text.cue_times`."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given

from stream_server.text.cue_times import CHARACTERS_PER_SECOND, GAP_SECONDS, stand
from stream_server.text.cues import LONGEST_SECONDS, SHORTEST_SECONDS, Cue, divide, label
from stream_server.text.transcripts import SaidWord
from tests.text.said import RATE, said, talks

GAP = -(-GAP_SECONDS.numerator * RATE // GAP_SECONDS.denominator)


def characters(cue: Cue) -> int:
    """Return what is read of a cue."""
    return len(f"{label(cue.speaker)} {cue.text}".lstrip())


@given(talk=talks())
def test_cues_stand_until_they_are_read_or_the_next_comes(talk: list[list[SaidWord]]) -> None:
    """Five sixths of a second at least, seven seconds at most, twenty characters a second, unless there is no room."""
    found = stand(divide(talk, RATE), RATE)
    for number, cue in enumerate(found):
        room = found[number + 1].start - GAP if number + 1 < len(found) else cue.end + 1
        length = cue.end - cue.start
        assert length <= LONGEST_SECONDS * RATE
        if cue.end < room:
            assert length >= SHORTEST_SECONDS * RATE
            assert characters(cue) <= CHARACTERS_PER_SECOND * length / RATE


@given(talk=talks())
def test_a_gap_lies_between_cues(talk: list[list[SaidWord]]) -> None:
    """Two frames at least, unless the next begins sooner; no cue stands while the next one's words are said."""
    for cue, later in pairwise(stand(divide(talk, RATE), RATE)):
        assert cue.end <= max(later.start - GAP, cue.start + 1)


@given(talk=talks())
def test_beginnings_stay(talk: list[list[SaidWord]]) -> None:
    """A cue begins with its first word, and says what it said."""
    before, after = divide(talk, RATE), stand(divide(talk, RATE), RATE)
    assert [(cue.start, cue.words, cue.speaker) for cue in after] == [
        (cue.start, cue.words, cue.speaker) for cue in before
    ]


def test_people_who_speak_at_once_stand_at_once() -> None:
    """A short word in the middle of somebody's sentence cuts nothing off; nobody stands into later words of others."""
    long, short = said("Ann", "one two three four five", 0, 800), said("Bo", "yes", 1_000, 300)
    assert [(cue.start, cue.end) for cue in stand(divide([long, short], RATE), RATE)] == [(0, 4_000), (1_000, 1_834)]
    crossing = said("Bo", "yes I know that", 3_000, 500)
    assert [(cue.start, cue.end) for cue in stand(divide([long, crossing], RATE), RATE)] == [(0, 4_000), (3_000, 5_000)]


def test_a_cue_stands_for_a_moment_at_least() -> None:
    """Players drop cues that end when they begin."""
    twins = [Cue("Ann", ("Hm",), 32_000, 32_000), Cue("Ann", ("Hm",), 32_000, 32_000)]
    assert next(cue.end for cue in stand(twins, 16_000)) == 32_016
