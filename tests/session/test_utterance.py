"""One utterance keeps what it showed, and settles its language only when it is sure."""

from __future__ import annotations

from dataclasses import replace

from stream_server.session.utterance import LANGUAGE_SAMPLES, Utterance
from stream_server.work import ENGINE_RATE, VAD_FRAME, Hypothesis, HypothesisWord

TEXT = "we will meet again on Tuesday morning at nine"


def utterance(language: str | None = None, *, commit_until: int = 16 * ENGINE_RATE) -> Utterance:
    """Return an open utterance that began at zero."""
    return Utterance(
        utterance_id="0-1", start=0, onset=0, continues=False, language=language, commit_until=commit_until
    )


def heard(text: str, language: str = "en", probability: float = 0.99, ratio: float = 1.0) -> Hypothesis:
    """Return a hypothesis of the given words."""
    words = tuple(HypothesisWord(text=word, tokens=tuple(word.encode()), probability=0.9) for word in text.split())
    return Hypothesis(words=words, language=language, language_probability=probability, compression_ratio=ratio)


def committed(one: Utterance) -> list[str]:
    """Return the committed words' texts."""
    return [word.text for word in one.stabilizer.committed]


def test_agreement_commits_and_settles_the_language() -> None:
    """With the first committed word the language is known for good."""
    one = utterance()
    one.take_partial(heard(TEXT), 2 * ENGINE_RATE)
    one.take_partial(heard(TEXT), 3 * ENGINE_RATE)

    assert committed(one) == ["we", "will", "meet", "again", "on"]
    assert one.language == "en"


def test_unsure_language_commits_nothing_on_a_short_window() -> None:
    """Words in what may be the wrong language stay tentative until the window is long enough."""
    one = utterance()
    for end in (ENGINE_RATE, 2 * ENGINE_RATE):
        one.take_partial(heard(TEXT, "id", probability=0.4), end)
    assert committed(one) == []
    assert one.language is None
    one.take_partial(heard(TEXT, "id", probability=0.4), LANGUAGE_SAMPLES)

    assert committed(one) != []


def test_given_language_needs_no_certainty() -> None:
    """Who says which language it is gets stable words at once."""
    one = utterance("id")
    for end in (ENGINE_RATE, 2 * ENGINE_RATE):
        one.take_partial(heard(TEXT, "id", probability=0.1), end)

    assert committed(one) != []


def test_windows_near_the_cut_commit_nothing() -> None:
    """Words that a cut could assign to the next utterance stay tentative."""
    one = utterance(commit_until=ENGINE_RATE)
    for end in (2 * ENGINE_RATE, 3 * ENGINE_RATE):
        one.take_partial(heard(TEXT), end)

    assert committed(one) == []


def test_doubtful_partial_changes_nothing() -> None:
    """A loop is not shown."""
    one = utterance()
    one.take_partial(heard(TEXT), ENGINE_RATE)
    verdict = one.take_partial(heard("and then " * 8, ratio=5.0), 2 * ENGINE_RATE)

    assert verdict.doubtful
    assert [word.text for word in one.stabilizer.tentative] == TEXT.split()


def test_final_keeps_committed_words_whatever_the_guards_say() -> None:
    """Shown is shown: guards cut the tail, never the stable part."""
    one = utterance("en")
    one.take_partial(heard(TEXT), ENGINE_RATE)
    one.take_partial(heard(TEXT), 2 * ENGINE_RATE)
    hypothesis = heard(TEXT)

    kept = one.final_words((), hypothesis)

    assert [word.text for word in kept] == committed(one)


def test_evidence_is_what_the_gate_saw_of_the_window() -> None:
    """Speech is counted by frames, its end never lies beyond the window."""
    one = utterance()
    for position, probability in ((512, 0.9), (1_024, 0.7), (1_536, 0.1)):
        one.hear(probability, position, threshold=0.35)
    evidence = one.evidence(1_536)

    assert (evidence.speech, evidence.speech_end) == (1_024, 1_024)
    assert abs(evidence.probability - 0.8) < 1e-6


SECOND = ENGINE_RATE


def timed(text: str, start: float = 0.0) -> Hypothesis:
    """Return a hypothesis of words of half a second each, the first one at `start` seconds of the window."""
    hypothesis = heard(text)
    words = tuple(
        replace(word, start=round((start + place / 2) * SECOND), end=round((start + place / 2 + 0.4) * SECOND))
        for place, word in enumerate(hypothesis.words)
    )
    return replace(hypothesis, words=words)


LONG = "one two three four five six seven eight nine ten eleven twelve"


def test_a_long_window_sheds_what_is_committed() -> None:
    """It begins between two committed words, three of which stay; the words before are delivered where they were."""
    one = utterance("en")
    one.take_partial(heard(LONG), 5 * SECOND)
    assert not one.wants_times(6 * SECOND)
    one.take_partial(heard(LONG), 6 * SECOND)
    assert one.wants_times(6 * SECOND)
    one.take_partial(timed(LONG), 6 * SECOND)

    assert one.window_start == round(2.45 * SECOND)
    assert [word.text for word in one.stabilizer.prefix_words] == ["six", "seven", "eight"]

    one.end, one.speech_end = 8 * SECOND, 8 * SECOND
    hypothesis = timed("six seven eight nine ten eleven twelve thirteen", start=0.05)
    final = one.final_words(one.take_final(hypothesis, careful=False).words, hypothesis)
    assert [word.text for word in final] == [*LONG.split(), "thirteen"]
    assert [word.start for word in final] == [place * SECOND // 2 for place in range(13)]


def test_untimed_words_leave_the_window_where_it_is() -> None:
    """An engine without word times costs more, not words."""
    one = utterance("en")
    for end in (5, 6, 7):
        one.take_partial(heard(LONG), end * SECOND)

    assert one.window_start == 0
    assert len(one.stabilizer.prefix_words) == 8


def test_a_final_the_guards_refused_keeps_what_was_left_behind() -> None:
    """Shown is shown, before the window too."""
    one = utterance("en")
    for hypothesis in (heard(LONG), heard(LONG), timed(LONG)):
        one.take_partial(hypothesis, 6 * SECOND)
    one.end = 8 * SECOND

    assert [word.text for word in one.final_words((), timed("six"))] == LONG.split()[:8]


# ── a final that ends early ─────────────────────────────────────────────────────────────────────────────────────────


def spoken(seconds: float, end: float | None = None) -> Utterance:
    """Return an utterance of speech from its start on, which ended at `end` seconds or where the speech did."""
    one = utterance("en")
    for position in range(VAD_FRAME, round(seconds * SECOND) + 1, VAD_FRAME):
        one.hear(0.9, position, threshold=0.35)
    one.end = round((seconds if end is None else end) * SECOND)
    return one


def test_much_speech_behind_the_last_word_is_asked_for_again() -> None:
    """The window begins behind the words that are here; those that come are added to them, where they were said."""
    one = spoken(8)
    first = timed("one two three four")
    words = one.final_words(one.take_final(first, careful=False).words, first)
    assert one.go_on_behind(words)
    assert one.window_start == round(1.9 * SECOND)

    rest = timed("five six seven", start=0.5)
    all_words = one.final_words(one.take_final(rest, careful=False).words, rest)
    assert [word.text for word in all_words] == ["one", "two", "three", "four", "five", "six", "seven"]
    assert [word.start for word in all_words[4:]] == [round(at * SECOND) for at in (2.4, 2.9, 3.4)]


def test_it_ends_when_nothing_comes_of_it() -> None:
    """No words, none that have times, none beyond those that are here, or little speech behind them: that was all."""
    assert not spoken(8).go_on_behind(())
    assert not spoken(8).go_on_behind(heard("one two").words)
    assert not spoken(2.5).go_on_behind(timed("one two three four").words)
    one = spoken(8)
    words = list(timed("one two three four").words)
    assert one.go_on_behind(words)
    assert not one.go_on_behind(words)


def test_what_was_heard_behind_a_cut_is_the_next_utterances() -> None:
    """An overlong utterance is cut in the past: the speech since then is not asked for twice."""
    one = spoken(8, end=2.5)
    assert not one.go_on_behind(timed("one two three four").words)
