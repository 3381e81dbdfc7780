"""Committed words never change, and only agreement commits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_server.asr.stabilizer import Stabilizer, same_word
from stream_server.work import HypothesisWord


def words(text: str) -> list[HypothesisWord]:
    """Return words with made-up tokens."""
    return [HypothesisWord(text=word, tokens=tuple(word.encode()), probability=0.9) for word in text.split()]


def texts(hypothesis: list[HypothesisWord]) -> list[str]:
    """Return the words' texts."""
    return [word.text for word in hypothesis]


def test_one_hypothesis_commits_nothing() -> None:
    """Agreement needs two."""
    stabilizer = Stabilizer()
    stabilizer.update(words("the quick brown fox"))

    assert stabilizer.committed == []
    assert texts(stabilizer.tentative) == ["the", "quick", "brown", "fox"]


def test_agreement_commits_all_but_the_last_words() -> None:
    """The words held back are still guesses."""
    stabilizer = Stabilizer(hold_back=2)
    stabilizer.update(words("the quick brown fox"))
    stabilizer.update(words("the quick brown fox jumps"))

    assert texts(stabilizer.committed) == ["the", "quick"]
    assert texts(stabilizer.tentative) == ["brown", "fox", "jumps"]


def test_disagreement_stops_the_commitment() -> None:
    """Nothing behind the first difference is committed."""
    stabilizer = Stabilizer(hold_back=1)
    stabilizer.update(words("I scream for ice cream now"))
    stabilizer.update(words("I scream four ice cream now please"))

    assert texts(stabilizer.committed) == ["I", "scream"]


def test_case_and_punctuation_do_not_prevent_agreement() -> None:
    """The newer form is the one committed."""
    stabilizer = Stabilizer(hold_back=1)
    stabilizer.update(words("hello. world again"))
    stabilizer.update(words("Hello, world again and"))

    assert texts(stabilizer.committed) == ["Hello,", "world"]
    assert same_word("Fox.", "fox")
    assert not same_word("...", "!")


def test_committed_words_keep_their_form() -> None:
    """Punctuation that the engine glues on later is dropped; letters become a word of their own."""
    stabilizer = Stabilizer(hold_back=0, committed=words("twenty"))

    assert texts(stabilizer.merge(words("twenty, people"))) == ["twenty", "people"]
    assert texts(stabilizer.merge(words("twenty-one people"))) == ["twenty", "-one", "people"]


def test_prefix_is_the_committed_words_tokens() -> None:
    """What rides along is exactly what was shown."""
    assert Stabilizer(committed=words("ab c")).prefix == (97, 98, 99)


def test_without_permission_nothing_is_committed() -> None:
    """Near the cut of an overlong utterance agreement does not count."""
    stabilizer = Stabilizer(hold_back=0)
    stabilizer.update(words("a b c"), commit=False)
    stabilizer.update(words("a b c d"), commit=False)

    assert stabilizer.committed == []


def test_shortened_hypothesis_keeps_what_was_shown() -> None:
    """An engine that breaks the contract cannot take words back."""
    stabilizer = Stabilizer(committed=words("a b c"))

    assert texts(stabilizer.merge(words("a"))) == ["a", "b", "c"]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8), max_size=8), st.integers(0, 3))
def test_commitments_only_grow(hypotheses: list[list[str]], hold_back: int) -> None:
    """Whatever the engine says, what was committed stays a prefix of what is committed."""
    stabilizer = Stabilizer(hold_back=hold_back)
    shown: list[str] = []
    for hypothesis in hypotheses:
        stabilizer.update(words(" ".join(texts(stabilizer.committed) + hypothesis)))
        assert texts(stabilizer.committed)[: len(shown)] == shown
        shown = texts(stabilizer.committed)
