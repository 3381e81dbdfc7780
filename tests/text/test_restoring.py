"""A meeting without marks and capitals is restored, by pauses and by words."""

from __future__ import annotations

import pytest

from tests.text.restoring import MEETINGS, meeting, restored, score, spoken_by_one

LEAST_MARKS_F1, LEAST_CAPITALS_ACCURACY = 0.6, 0.9


@pytest.mark.parametrize(("name", "language"), MEETINGS.items())
def test_meetings_are_restored(name: str, language: str) -> None:
    """Marks and capitals come back, whether pauses are those that were made or those that were heard."""
    turns = meeting(name)
    found = score(
        [word for turn in turns for word in turn.words],
        [word for turn in turns for word in restored(turn, language)],
    )
    assert found.marks_f1 >= LEAST_MARKS_F1
    assert found.capitals_accuracy >= LEAST_CAPITALS_ACCURACY


@pytest.mark.parametrize("name", ["en_spoken", "en_heard"])
def test_a_meeting_of_one_voice_is_restored(name: str) -> None:
    """Where nobody tells who speaks, the silences between turns have to do, some of which are short."""
    turn = spoken_by_one(meeting(name))
    found = score(turn.words, restored(turn, "en"))
    assert found.marks_f1 >= LEAST_MARKS_F1
    assert found.capitals_accuracy >= LEAST_CAPITALS_ACCURACY


def test_scores() -> None:
    """A wrong mark counts against both what was set and what was due, a word that is missing against what was due."""
    found = score(["One,", "two.", "Three!", "Is", "Four?"], ["one,", "Two,", "three", "Four?"])
    assert (found.marks_right, found.marks_set, found.marks_due) == (2, 3, 3)
    assert (found.capitals_right, found.capitals_set, found.capitals_due) == (1, 2, 4)
    assert (found.words_right, found.words) == (1, 4)
    assert found.marks_f1 == pytest.approx(2 / 3)
