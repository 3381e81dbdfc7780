from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.evaluate.scores import SpeakerErrors
from stream_server.evaluate.speakers import speaker_confusion, speaker_errors
from stream_server.evaluate.transcript import Segment, Transcript

TWO = {"Ann": [(0.0, 10.0)], "Ben": [(10.0, 20.0)]}
HEARD = {"1": [(0.0, 12.0)], "2": [(12.0, 18.0)]}

OVERLAPPING = {"Ann": [(0.0, 10.0)], "Ben": [(8.0, 12.0)]}
ONE = {"1": [(0.0, 12.0)]}


def seconds(errors: SpeakerErrors) -> tuple[float, float, float, float]:
    """Return missed, made up, confused and reference seconds."""
    parts = errors.missed, errors.false_alarm, errors.confusion, errors.reference
    return tuple(round(part, 6) for part in parts)  # type: ignore[return-value]


def test_speaker_errors_by_hand() -> None:
    """Two seconds of Ben are given to 1, his last two are missed: 4 of 20."""
    errors = speaker_errors(TWO, HEARD, collar_seconds=0.0, score_overlap=True)
    assert seconds(errors) == (2.0, 0.0, 2.0, 20.0)
    assert errors.rate == pytest.approx(0.2)


def test_the_collar_is_to_each_side() -> None:
    """A quarter second is left out after 0, around 10, before 20: 19 s remain, of which twice 1.75 s are wrong."""
    errors = speaker_errors(TWO, HEARD, collar_seconds=0.25, score_overlap=True)
    assert seconds(errors) == (1.75, 0.0, 1.75, 19.0)


def test_made_up_speech() -> None:
    """What is heard where nobody speaks may be more than all speech."""
    errors = speaker_errors({"A": [(2.0, 3.0)]}, {"1": [(0.0, 3.5)]}, collar_seconds=0.0, score_overlap=True)
    assert (seconds(errors), errors.rate) == ((0.0, 2.5, 0.0, 1.0), 2.5)


def test_overlap_scored_and_not() -> None:
    """Scored: 2 s of the overlap are missed and 2 s of Ben confused, of 14 s. Not scored: 2 s confused of 10 s."""
    scored = speaker_errors(OVERLAPPING, ONE, collar_seconds=0.0, score_overlap=True)
    assert seconds(scored) == (2.0, 0.0, 2.0, 14.0)
    without = speaker_errors(OVERLAPPING, ONE, collar_seconds=0.0, score_overlap=False)
    assert seconds(without) == (0.0, 0.0, 2.0, 10.0)


def test_silence() -> None:
    """Nobody spoke and nobody was heard; or only one of the two."""
    for overlap in (True, False):
        assert seconds(speaker_errors({}, {}, collar_seconds=0.25, score_overlap=overlap)) == (0, 0, 0, 0)
        assert seconds(speaker_errors({}, ONE, collar_seconds=0.25, score_overlap=overlap)) == (0, 12, 0, 0)
        assert seconds(speaker_errors(ONE, {}, collar_seconds=0.0, score_overlap=overlap)) == (12, 0, 0, 12)


def test_confusion_by_hand() -> None:
    """1 is Ann and takes two seconds of Ben, 2 is Ben and is deaf for two."""
    confusion = speaker_confusion(TWO, HEARD)
    assert confusion.mapping == {"1": "Ann", "2": "Ben"}
    assert confusion.seconds == pytest.approx(
        {("Ann", "1"): 10.0, ("Ben", "1"): 2.0, ("Ben", "2"): 6.0, ("Ben", None): 2.0}
    )


def test_confusion_in_overlap() -> None:
    """While Ann is heard rightly, Ben beside her is missed, not taken for her; then he is."""
    confusion = speaker_confusion(OVERLAPPING, ONE)
    assert confusion.seconds == pytest.approx({("Ann", "1"): 10.0, ("Ben", None): 2.0, ("Ben", "1"): 2.0})


def test_confusion_without_a_counterpart() -> None:
    """A speaker of the hypothesis whom nobody needs is mapped to nobody; what it says in silence is made up."""
    confusion = speaker_confusion({"A": [(0.0, 4.0)]}, {"1": [(0.0, 3.0)], "2": [(3.0, 6.0)]})
    assert confusion.mapping == {"1": "A"}
    assert confusion.seconds == pytest.approx({("A", "1"): 3.0, ("A", "2"): 1.0, (None, "2"): 2.0})


def test_three_taken_for_two_share_alike() -> None:
    """Where nobody is right and one is missing, each pair has its part and each speaker all of its time."""
    reference = {"A": [(0.0, 9.0)], "B": [(0.0, 1.0), (20.0, 40.0)], "C": [(0.0, 1.0), (50.0, 70.0)]}
    hypothesis = {"x": [(0.0, 1.0), (20.0, 40.0)], "y": [(0.0, 1.0), (50.0, 70.0)], "z": [(1.0, 9.0)]}
    confusion = speaker_confusion(reference, hypothesis)
    assert confusion.mapping == {"x": "B", "y": "C", "z": "A"}
    assert confusion.seconds["A", None] == pytest.approx(1.0)


VOICES = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 30), st.integers(1, 10)).map(
        lambda drawn: Segment(speaker=drawn[0], start=drawn[1], end=drawn[1] + drawn[2])
    ),
    max_size=12,
).map(lambda segments: Transcript(segments=tuple(segments)).turns())


@given(VOICES, VOICES)
def test_the_matrix_adds_up_to_the_error(
    reference: dict[str, list[tuple[float, float]]], hypothesis: dict[str, list[tuple[float, float]]]
) -> None:
    """Off the mapping lies the confusion, at the edges what was missed and made up, in each row a speaker's time."""
    errors = speaker_errors(reference, hypothesis, collar_seconds=0.0, score_overlap=True)
    confusion = speaker_confusion(reference, hypothesis)
    cells = confusion.seconds.items()
    right = {(ours, theirs) for theirs, ours in confusion.mapping.items()}
    inside = {pair: value for pair, value in cells if None not in pair}
    assert sum(value for pair, value in inside.items() if pair not in right) == pytest.approx(errors.confusion)
    assert sum(value for (_, heard), value in cells if heard is None) == pytest.approx(errors.missed)
    assert sum(value for (spoke, _), value in cells if spoke is None) == pytest.approx(errors.false_alarm)
    for side, turns in enumerate((reference, hypothesis)):
        for speaker, times in turns.items():
            mine = sum(value for pair, value in cells if pair[side] == speaker)
            assert mine == pytest.approx(sum(end - start for start, end in times))
