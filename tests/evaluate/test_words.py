from __future__ import annotations

from itertools import permutations, zip_longest

from hypothesis import given
from hypothesis import strategies as st

from stream_server.evaluate.scores import EditErrors
from stream_server.evaluate.words import character_errors, speaker_word_errors, word_errors


def counts(errors: EditErrors) -> tuple[int, int, int, int, int]:
    """Return substitutions, deletions, insertions and both lengths."""
    return errors.substitutions, errors.deletions, errors.insertions, errors.reference, errors.hypothesis


def test_word_errors_by_hand() -> None:
    """Of a to h, b became x, e is lost, i is new: three errors in eight words."""
    errors = word_errors(list("abcdefgh"), list("axcdfghi"))
    assert counts(errors) == (1, 1, 1, 8, 8)
    assert errors.rate == 0.375


def test_character_errors_by_hand() -> None:
    """Of "abcd ef", c became x, g is new: two errors in seven characters, the space among them."""
    errors = character_errors("abcd ef", "abxd efg")
    assert counts(errors) == (1, 0, 1, 7, 8)
    assert errors.rate == 2 / 7


def test_silence() -> None:
    """Nothing said and nothing heard is no error; what is heard in silence is made up."""
    assert counts(word_errors([], [])) == (0, 0, 0, 0, 0)
    assert counts(word_errors([], ["a"])) == (0, 0, 1, 0, 1)
    assert counts(word_errors(["a", "b"], [])) == (0, 2, 0, 2, 0)
    assert counts(character_errors("", "ab")) == (0, 0, 2, 0, 2)
    assert counts(character_errors("a", "")) == (0, 1, 0, 1, 0)


def test_speaker_word_errors_by_hand() -> None:
    """Ann is 2 and Ben is 1 with g heard as x; what 3 says is made up: two errors in seven words."""
    found = speaker_word_errors(
        {"Ann": ["a", "b", "c", "d"], "Ben": ["e", "f", "g"]},
        {"1": ["e", "f", "x"], "2": ["a", "b", "c", "d"], "3": ["y"]},
    )
    assert counts(found.errors) == (1, 0, 1, 7, 8)
    assert found.errors.rate == 2 / 7
    assert set(found.assignment) == {("Ann", "2"), ("Ben", "1"), (None, "3")}


def test_a_word_given_to_another_speaker_costs_two() -> None:
    """It is lost on one side and made up on the other, though the word error rate is nought."""
    found = speaker_word_errors({"A": ["a", "b"], "B": ["c", "d"]}, {"1": ["a", "b", "c"], "2": ["d"]})
    assert counts(found.errors) == (0, 1, 1, 4, 4)
    assert word_errors(list("abcd"), list("abcd")).rate == 0


def test_a_speaker_who_was_not_heard() -> None:
    """All the words are lost; a letter as a name confuses nobody."""
    found = speaker_word_errors({"a": ["x", "y"], "b": ["z"]}, {"a": ["x", "y"]})
    assert counts(found.errors) == (0, 1, 0, 3, 2)
    assert set(found.assignment) == {("a", "a"), ("b", None)}


def test_a_side_without_speakers() -> None:
    """Everything is lost, or made up."""
    lost = speaker_word_errors({"A": ["a", "b"]}, {})
    assert (counts(lost.errors), lost.assignment) == ((0, 2, 0, 2, 0), (("A", None),))
    made_up = speaker_word_errors({}, {"1": ["a"]})
    assert (counts(made_up.errors), made_up.assignment) == ((0, 0, 1, 0, 1), ((None, "1"),))
    assert counts(speaker_word_errors({}, {}).errors) == (0, 0, 0, 0, 0)


SAID = st.dictionaries(st.sampled_from("ABC"), st.lists(st.sampled_from("xyz"), max_size=5), min_size=1)


@given(SAID, SAID)
def test_no_other_assignment_has_fewer_errors(
    reference: dict[str, list[str]], hypothesis: dict[str, list[str]]
) -> None:
    """The assignment is a best one, as trying all of them shows."""
    found = speaker_word_errors(reference, hypothesis).errors
    size = max(len(reference), len(hypothesis))
    ours = [words for words, _ in zip_longest(reference.values(), range(size), fillvalue=[])]
    theirs = [words for words, _ in zip_longest(hypothesis.values(), range(size), fillvalue=[])]
    best = min(
        sum(_errors(said, heard) for said, heard in zip(ours, order, strict=True)) for order in permutations(theirs)
    )
    assert found.substitutions + found.deletions + found.insertions == best


def _errors(said: list[str], heard: list[str]) -> int:
    errors = word_errors(said, heard)
    return errors.substitutions + errors.deletions + errors.insertions
