from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stream_server.evaluate
from stream_server.evaluate.transcript import UNKNOWN, Segment, Transcript

HEAVY = ("jiwer", "meeteval", "pyannote", "whisper_normalizer", "rapidfuzz", "scipy", "pandas", "numpy")


def transcript(*segments: Segment) -> Transcript:
    """Return a transcript of these."""
    return Transcript(segments=segments)


def test_importing_evaluation_loads_no_library_of_its_own() -> None:
    """Only who computes a score pays for the libraries."""
    folder = Path(stream_server.evaluate.__file__).parent
    names = [f"stream_server.evaluate.{path.stem}" for path in folder.glob("*.py") if path.stem != "__init__"]
    code = f"import sys\nfor name in {names!r}: __import__(name)\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"stream_server.evaluate.words", "stream_server.evaluate.speakers"} <= set(loaded)
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize(
    ("segments", "words", "speakers", "times"),
    [
        ((), True, True, True),
        ((Segment(text="a", speaker="A", start=0, end=1),), True, True, True),
        ((Segment(text="a"),), True, False, False),
        ((Segment(text="a", speaker="A"), Segment(text="b")), True, True, False),
        ((Segment(speaker="A", start=0, end=1), Segment(text="b", start=1, end=2)), False, True, True),
        ((Segment(text="", start=0),), True, False, False),
    ],
)
def test_what_a_transcript_carries(segments: tuple[Segment, ...], *, words: bool, speakers: bool, times: bool) -> None:
    """Words and times must stand in every turn; one known speaker makes the others unknown speakers."""
    given = transcript(*segments)
    assert (given.carries("words"), given.carries("speakers"), given.carries("times")) == (words, speakers, times)


def test_an_empty_transcript_carries_what_its_format_can_say() -> None:
    """A text file without words says that nothing was said, not who was silent when."""
    empty = Transcript(segments=(), possible=frozenset({"words"}))
    assert (empty.carries("words"), empty.carries("times")) == (True, False)


def test_words_come_in_the_order_of_time() -> None:
    """Turns are sorted by their start where all have one, and stay as they stand otherwise."""
    late, early = Segment(text="b", speaker="B", start=2, end=3), Segment(text="a", speaker="A", start=1, end=5)
    assert transcript(late, early).texts() == ["a", "b"]
    assert transcript(late, Segment(text="c")).texts() == ["b", "c"]
    assert transcript(late, early).texts_of_speakers() == {"A": ["a"], "B": ["b"]}


def test_turns_of_a_speaker_that_meet_are_one() -> None:
    """No second of a speaker counts twice; an instant counts for nothing; who is not named is unknown."""
    turns = transcript(
        Segment(speaker="A", start=0, end=2),
        Segment(speaker="A", start=1, end=3),
        Segment(speaker="A", start=3, end=4),
        Segment(speaker="A", start=5, end=5),
        Segment(speaker="A", start=6, end=7),
        Segment(start=0, end=1),
    ).turns()
    assert turns == {"A": [(0, 4), (6, 7)], UNKNOWN: [(0, 1)]}


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 30), st.integers(0, 10)), max_size=20))
def test_turns_are_disjoint_and_lose_no_moment(parts: list[tuple[str, int, int]]) -> None:
    """Whole seconds in which somebody speaks are the same before and after the turns are joined."""
    turns = transcript(*(Segment(speaker=who, start=at, end=at + long) for who, at, long in parts)).turns()
    for who in "AB":
        mine = turns.get(who, [])
        assert all(before[1] < after[0] for before, after in pairwise(mine))
        seconds = {second for name, at, long in parts if name == who for second in range(at, at + long)}
        assert {second for start, end in mine for second in range(int(start), int(end))} == seconds
