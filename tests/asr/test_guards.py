"""Words nobody said are removed, with a reason; words somebody said stay."""

from __future__ import annotations

from stream_server.asr.guards import Evidence, judge, without_loop
from stream_server.work import ENGINE_RATE, Hypothesis, HypothesisWord

MUCH = Evidence(speech=5 * ENGINE_RATE, probability=0.95, speech_end=5 * ENGINE_RATE)
LITTLE = Evidence(speech=ENGINE_RATE // 2, probability=0.6, speech_end=ENGINE_RATE)


def words(text: str, *, seconds_each: float | None = None) -> tuple[HypothesisWord, ...]:
    """Return words, one after the other if they are to have times."""
    return tuple(
        HypothesisWord(
            text=word,
            tokens=(),
            probability=0.9,
            start=None if seconds_each is None else round(index * seconds_each * ENGINE_RATE),
            end=None if seconds_each is None else round((index + 1) * seconds_each * ENGINE_RATE),
        )
        for index, word in enumerate(text.split())
    )


def heard(text: str, **numbers: float) -> Hypothesis:
    """Return a hypothesis with the given numbers."""
    return Hypothesis(words=words(text), language="en", **numbers)  # type: ignore[arg-type]


def test_ordinary_speech_passes() -> None:
    """Nothing is removed from good words."""
    verdict = judge(heard("we met on Tuesday", no_speech_probability=0.1, average_log_probability=-0.3), MUCH)

    assert (len(verdict.words), verdict.removed, verdict.doubtful) == (4, {}, False)


def test_no_words_is_no_offence() -> None:
    """An empty hypothesis counts nothing."""
    assert judge(heard(""), LITTLE).removed == {}


def test_model_that_doubts_speech_and_words_is_believed() -> None:
    """Both numbers together remove everything; one alone does not."""
    doubt = heard("I will see you", no_speech_probability=0.8, average_log_probability=-1.4)
    sure = heard("I will see you", no_speech_probability=0.8, average_log_probability=-0.2)

    assert judge(doubt, MUCH).removed == {"no_speech": 4}
    assert len(judge(sure, MUCH).words) == 4


def test_silence_phrase_needs_evidence() -> None:
    """A thank-you after half a second of murmur goes; said clearly it stays."""
    unsure = heard("Thank you.", no_speech_probability=0.5, average_log_probability=-0.7)
    clear = heard("Thank you.", no_speech_probability=0.01, average_log_probability=-0.2)

    assert judge(unsure, LITTLE).removed == {"silence_phrase": 2}
    assert len(judge(clear, LITTLE).words) == 2
    assert len(judge(unsure, MUCH).words) == 2


def test_words_after_the_last_speech_go() -> None:
    """A word that begins well after the gate heard speech end was not said."""
    hypothesis = Hypothesis(words=words("one two three four", seconds_each=1.0), language="en")

    verdict = judge(hypothesis, Evidence(speech=ENGINE_RATE * 2, probability=0.9, speech_end=ENGINE_RATE * 2))

    assert ([w.text for w in verdict.words], verdict.removed) == (["one", "two", "three"], {"outside_speech": 1})


def test_loop_is_looked_at_twice_then_said_once() -> None:
    """The first time a loop makes a hypothesis doubtful, the second time it is cut."""
    loop = heard("go on " + "and then " * 6)

    assert judge(loop, MUCH).doubtful
    verdict = judge(loop, MUCH, careful=True)
    assert " ".join(word.text for word in verdict.words) == "go on and then"
    assert verdict.removed == {"repetition": 10}


def test_text_that_compresses_too_well_is_doubtful() -> None:
    """The compression ratio alone asks for a second look and removes nothing."""
    verdict = judge(heard("a b c", compression_ratio=3.0), MUCH)

    assert (verdict.doubtful, verdict.removed) == (True, {})
    assert len(judge(heard("a b c", compression_ratio=3.0), MUCH, careful=True).words) == 3


def test_people_may_repeat_themselves() -> None:
    """Saying no three times is speech."""
    assert len(without_loop(words("no, no, no"))) == 3
    assert len(without_loop(words("bye bye now"))) == 3
