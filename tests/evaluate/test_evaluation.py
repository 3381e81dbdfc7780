from __future__ import annotations

from math import nan

import pytest

from stream_server.errors import InvalidConfiguration, MessageTooLarge
from stream_server.evaluate.evaluation import Options, Report, evaluate, total
from stream_server.evaluate.formats import parse
from stream_server.evaluate.transcript import Segment, Transcript

STM = "m 1 Ann 0 10 a b c d\nm 1 Ben 10 20 e f g h\n"
HEARD_STM = "m 1 1 0 12 a x c d\nm 1 2 12 18 f g h i\n"
RTTM = "SPEAKER m 1 0 12 <NA> <NA> 1 <NA>\nSPEAKER m 1 12 6 <NA> <NA> 2 <NA>\n"

ALL = {"wer", "cer", "der", "der_without_overlap", "speaker_confusion", "cpwer"}


def score(
    reference: tuple[str, str],
    hypothesis: tuple[str, str],
    options: Options = Options(normalizer="none"),  # noqa: B008
) -> Report:
    """Evaluate two contents, each with its format before it."""
    return evaluate(
        parse(reference[1], reference[0], "the reference"),
        parse(hypothesis[1], hypothesis[0], "the hypothesis"),
        options,
    )


def computed(report: Report) -> set[str]:
    """Return the names of the scores that there are."""
    return {name for name in ALL if getattr(report, name) is not None}


def test_everything_is_computed_where_everything_is_there() -> None:
    """Words, speakers and times on both sides give every number."""
    report = score(("stm", STM), ("stm", HEARD_STM))
    assert (computed(report), report.not_computed) == (ALL, {})
    assert report.wer is not None
    assert report.wer.rate == 0.375
    assert report.der is not None
    assert report.der.rate == pytest.approx(3.5 / 19)
    assert report.cpwer is not None
    assert report.cpwer.errors.rate == 0.375


@pytest.mark.parametrize(
    ("reference", "hypothesis", "there", "why"),
    [
        (("text", "a b"), ("stm", HEARD_STM), {"wer", "cer"}, "the reference has no speakers"),
        (("stm", STM), ("text", "a b"), {"wer", "cer"}, "the hypothesis has no speakers"),
        (
            ("stm", STM),
            ("rttm", RTTM),
            {"der", "der_without_overlap", "speaker_confusion"},
            "the hypothesis has no words",
        ),
        (("rttm", RTTM), ("text", "a"), set(), ""),
        (
            ("json", '[{"text": "a", "speaker": "A"}]'),
            ("stm", HEARD_STM),
            {"wer", "cer", "cpwer"},
            "not every turn of the reference has times",
        ),
    ],
)
def test_what_cannot_be_computed_is_told(
    reference: tuple[str, str], hypothesis: tuple[str, str], there: set[str], why: str
) -> None:
    """Every score is either there or has a sentence that says what it lacks."""
    report = score(reference, hypothesis)
    assert computed(report) == there
    assert set(report.not_computed) == ALL - there
    assert not why or set(report.not_computed.values()) == {why}


def test_the_language_comes_from_the_input_unless_it_is_told() -> None:
    """A record knows its language; who asks knows better."""
    spoken = ("json", '{"language": "en", "segments": [{"text": "twenty one"}]}')
    assert score(spoken, ("text", "21"), Options()).wer == score(("text", "a"), ("text", "a")).wer
    assert score(spoken, ("text", "21"), Options()).normalizer == "english"
    told = score(spoken, ("text", "21"), Options(language="id"))
    assert (told.language, told.normalizer) == ("id", "basic")


def test_characters_where_no_spaces_are_written() -> None:
    """Chinese is scored by characters, so both rates are one: a wrong one of four."""
    report = score(("text", "今天很好"), ("text", "今天 真好。"), Options(language="zh"))
    assert report.unit == "character"
    assert report.wer == report.cer
    assert report.wer is not None
    assert (report.wer.rate, report.wer.reference) == (0.25, 4)


def test_a_crowd_is_not_scored() -> None:
    """More speakers than a meeting has are a mistake in the input, and cost as much as they like."""
    crowd = tuple(Segment(text="a", speaker=str(number), start=0, end=1) for number in range(101))
    report = evaluate(Transcript(segments=crowd), Transcript(segments=crowd[:1]), Options())
    assert report.not_computed["cpwer"] == "a side has more than 20 speakers"
    assert report.not_computed["der"] == "a side has more than 100 speakers"
    few = evaluate(Transcript(segments=crowd[:21]), Transcript(segments=crowd[:1]), Options())
    assert set(few.not_computed) == {"cpwer"}


@pytest.mark.parametrize("content", ["a " * 11, "a\n" * 11, "a" * 101])
def test_size_is_bounded(content: str) -> None:
    """Words, turns and characters: each alone can make the work too much."""
    for pair in ((content, "a"), ("a", content)):
        with pytest.raises(MessageTooLarge, match="10 words"):
            score(("text", pair[0]), ("text", pair[1]), Options(max_words=10))


def test_just_as_much_as_allowed() -> None:
    """The bound itself is allowed, and without one everything is."""
    assert score(("text", "a " * 10), ("text", "a"), Options(max_words=10)).wer is not None
    assert score(("text", "a " * 11), ("text", "a")).wer is not None


@pytest.mark.parametrize("collar", [-0.1, 10.1, nan])
def test_collars_have_bounds(collar: float) -> None:
    """A collar that leaves nothing to score is a mistake."""
    with pytest.raises(InvalidConfiguration, match="collar_seconds"):
        Options(collar_seconds=collar)


def test_the_total_is_over_the_files_that_have_the_score() -> None:
    """Errors and lengths are added up; who is who is not."""
    full, words = score(("stm", STM), ("stm", HEARD_STM)), score(("text", "a b"), ("text", "a c"))
    summed = total([full, words])
    assert summed.wer is not None
    assert summed.wer.rate == 0.4
    assert (summed.der, summed.speaker_confusion) == (full.der, None)
    assert summed.cpwer is not None
    assert summed.cpwer.assignment == ()


def test_words_and_characters_do_not_add_up() -> None:
    """A total over languages of both kinds keeps what both count alike."""
    english = score(("text", "a"), ("text", "a"), Options(language="en"))
    chinese = score(("text", "你"), ("text", "好"), Options(language="zh"))
    summed = total([english, chinese])
    assert (summed.wer, summed.language, summed.normalizer) == (None, None, "several")
    assert set(summed.not_computed) == {"wer", "cpwer"}
    assert summed.cer is not None
    assert summed.cer.rate == 0.5
