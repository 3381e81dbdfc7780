"""What is shown of the words that are heard: what was stable stays, whatever comes; times, secrets and hidden words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.session import wording
from stream_server.session.clock import TrackClock
from stream_server.session.options import SessionOptions
from stream_server.session.utterance import Utterance
from stream_server.session.wording import Shown, Wording
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting, Replacement, Secret, Term
from stream_server.text.rewriting import Part, Reader, Rule, rewrite
from stream_server.text.tokens import Passage
from stream_server.work import ENGINE_RATE, HypothesisWord

CLOCK = TrackClock(ENGINE_RATE, 10**9)
SPOKEN = [
    *("satu", "dua", "tiga", "puluh", "ratus", "ribu", "juta", "koma", "rupiah", "persen", "jam", "setengah", "ke"),
    *("tanggal", "agustus", "eh", "saya", "saya", "dan", "titik", "at", "com", "1", "2.", "08", "Rp", "october,"),
    *("one", "twenty", "five", "hundred", "point", "dollars", "the", "ninth", "of", "and", "half", "past", "okay"),
]


def word(text: str, start: float | None = None, end: float | None = None, probability: float = 0.9) -> HypothesisWord:
    """Return a word; seconds."""
    at, until = (None if each is None else round(each * ENGINE_RATE) for each in (start, end))
    return HypothesisWord(text=text, tokens=(), probability=probability, start=at, end=until)


def timed(text: str, pauses: Sequence[float] = ()) -> list[HypothesisWord]:
    """Return words of 300 ms, with pauses in front of some."""
    words, at = [], 0.0
    for place, each in enumerate(text.split()):
        at += pauses[place] if place < len(pauses) else 0.05
        words.append(word(each, at, at + 0.3))
        at += 0.3
    return words


def utterance(*, start: int = 0, continues: bool = False) -> Utterance:
    """Return an open utterance."""
    return Utterance(
        utterance_id="0-1", start=start, onset=start, continues=continues, language="en", commit_until=10**9
    )


def of(formatting: Formatting | None = None, *, punctuates: bool = True, translate: bool = False) -> Wording:
    """Return the wording of a session."""
    options = SessionOptions(formatting=formatting or Formatting(), translate=translate)
    return Wording("s1", options, punctuates=punctuates)


def partial(
    how: Wording,
    one: Utterance,
    heard: Sequence[HypothesisWord],
    committed: int,
    *,
    timed: int = 0,
    language: str = "en",
) -> Shown:
    """Show an utterance so far."""
    return how.partial(one, CLOCK, heard, committed=committed, timed=timed, language=language, end=20 * ENGINE_RATE)


def final(how: Wording, one: Utterance, heard: Sequence[HypothesisWord], language: str = "en") -> Shown:
    """Show an utterance that has ended."""
    return how.final(one, CLOCK, heard, language=language, end=20 * ENGINE_RATE)


def texts(shown: Shown) -> list[str]:
    """Return what each word shows."""
    return [word.text for word in shown.words]


def formatter(write: Callable[[Passage, str | None], Passage]) -> type:
    """Return what stands for `Formatter` and writes otherwise."""

    class Otherwise:
        def __init__(self, *_: object, **__: object) -> None:
            self.format = write

    return Otherwise


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Callable[[Rule], None]:
    """Let a rule be all that is done to words."""

    def install(rule: Rule) -> None:
        monkeypatch.setattr(wording, "Formatter", formatter(lambda passage, _: rewrite(passage, rule)))

    return install


def pairs(reader: Reader) -> list[Part] | None:
    """Join "a" and a "b" behind it."""
    return [Part(2, "ab")] if reader.key() == "a" and reader.key(1) == "b" else None


def test_words_that_become_one_are_timed_from_the_first_to_the_last(stage: Callable[[Rule], None]) -> None:
    """Spoken forms are kept; the confidence is the least of theirs."""
    stage(pairs)
    one = utterance(start=ENGINE_RATE)
    heard = [word("a", 0, 1, 0.5), word("b", 1, 2, 0.7), word("c", 2, 3)]
    shown = final(of(), one, heard)
    assert [(each.text, each.spoken, each.confidence) for each in shown.words] == [("ab", "a b", 0.5), ("c", "c", 0.9)]
    assert [(each.start, each.end) for each in shown.words] == [(16_000, 48_000), (48_000, 64_000)]
    assert shown.spans == [(16_000, 48_000), (48_000, 64_000)]
    assert shown.stable == 2


def test_what_may_still_grow_is_not_stable(stage: Callable[[Rule], None]) -> None:
    """A committed word is shown as tentative as long as what follows may change how it reads."""
    stage(pairs)
    one = utterance()
    shown = partial(of(), one, [word(text) for text in "xax"], 2)
    assert (texts(shown), shown.stable) == (["x", "a", "x"], 1)
    shown = partial(of(), one, [word(text) for text in "xabx"], 3)
    assert (texts(shown), shown.stable) == (["x", "ab", "x"], 2)


def test_times_stand_where_all_words_of_one_have_theirs(stage: Callable[[Rule], None]) -> None:
    """Words before the window have times that stay; a word of which a part lies in it has none yet."""
    stage(pairs)
    shown = partial(of(), utterance(), timed("a b a b"), 4, timed=3)
    assert [each.start is None for each in shown.words] == [False, True]


def test_hidden_words_are_kept_and_masked_ones_are_not(stage: Callable[[Rule], None]) -> None:
    """Of a hidden word the spoken form stays, of a masked one the mask is all that there is."""
    stage(lambda reader: {"uh": [Part(1)], "4111": [Part(2, "[CARD]", masked=True)]}.get(reader.key()))
    shown = final(of(), utterance(), timed("uh 4111 1111 yes"))
    assert [(each.text, each.spoken) for each in shown.words] == [("", "uh"), ("[CARD]", "[CARD]"), ("yes", "yes")]


def test_held_words_are_in_no_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may be part of a secret is shown when it is known not to be."""

    def write(passage: Passage, _: str | None) -> Passage:
        held = not passage.ended
        tokens = tuple(replace(token, held=held and token.text.isdigit()) for token in passage.tokens)
        return replace(passage, tokens=tokens, settled=min(1, passage.settled))

    monkeypatch.setattr(wording, "Formatter", formatter(write))
    one = utterance()
    shown = partial(of(), one, timed("call 41 11 now"), 4)
    assert (texts(shown), len(shown.spans), shown.stable) == (["call", "now"], 2, 1)
    assert texts(final(of(), one, timed("call 41 11 now"))) == ["call", "41", "11", "now"]


def test_a_rule_that_breaks_its_promise_changes_nothing_that_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words behind are written as if it had kept it, and none is lost."""

    def write(passage: Passage, _: str | None) -> Passage:
        if not passage.ended:
            return passage
        return rewrite(passage, lambda reader: [Part(2, "joined")] if reader.peek(1) else None)

    monkeypatch.setattr(wording, "Formatter", formatter(write))
    one = utterance()
    assert partial(of(), one, timed("a b c d e"), 3).stable == 3
    shown = final(of(), one, timed("a b c d e"))
    assert texts(shown) == ["a", "b", "c", "joined"]
    assert [each.spoken for each in shown.words] == ["a", "b", "c", "d e"]


def test_silences_count_for_engines_that_write_no_marks() -> None:
    """And for no other: its words read the same with times and without."""
    heard = timed("we start now we go on", [0, 0, 0, 2.0])
    assert texts(final(of(punctuates=False), utterance(), heard)) == ["We", "start", "now.", "We", "go", "on."]
    assert texts(final(of(), utterance(), heard)) == ["we", "start", "now", "we", "go", "on"]


def test_a_silence_measured_anew_changes_nothing_that_was_shown() -> None:
    """A stable word keeps its mark, or stays without; where its sentence ended the next begins."""
    how, one = of(punctuates=False), utterance()
    paused, fluent = timed("we start now we go on from here", [0, 0, 0, 2.0]), timed("we start now we go on from here")
    shown = partial(how, one, paused, 6)
    assert texts(shown)[: shown.stable][:4] == ["We", "start", "now.", "We"]
    assert texts(final(how, one, fluent)) == ["We", "start", "now.", "We", "go", "on", "from", "here."]


def test_a_translation_is_english() -> None:
    """Whatever is spoken."""
    seen: list[object] = []

    def write(passage: Passage, language: str | None) -> Passage:
        seen.append(language)
        return passage

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording, "Formatter", formatter(write))
        final(of(translate=True), utterance(), timed("yes"), language="id")
        final(of(), utterance(), timed("ya"), language="id")
    assert seen == ["en", "id"]


def test_who_has_a_track_takes_part() -> None:
    """Their names have capitals, and are masked where names are."""
    cases: list[tuple[tuple[Secret, ...], str]] = [((), "Ask Wulandari."), (("names",), "Ask [NAME].")]
    for redact, text in cases:
        options = SessionOptions(tracks=("Wulandari",), formatting=Formatting(redact=redact))
        shown = final(Wording("s1", options, punctuates=False), utterance(), timed("ask wulandari"))
        assert join(texts(shown)) == text


def test_a_stage_that_shows_less_than_was_stable_takes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few words it makes of what is there: what clients have seen as stable begins the final."""
    rules = iter([lambda passage: passage, lambda passage: replace(passage, tokens=passage.tokens[:1], settled=1)])
    kept = lambda passage: passage  # noqa: E731  # from the third on
    monkeypatch.setattr(wording, "Formatter", formatter(lambda passage, _: next(rules, kept)(passage)))
    how, one, heard = of(), utterance(), timed("a b c")
    assert partial(how, one, heard, 2).stable == 2
    assert texts(final(how, one, heard)) == ["a", "b", "c"]


def _breaks(passage: Passage, _: str | None) -> Passage:
    raise ValueError(passage.tokens[0].text)


def test_a_stage_that_breaks_costs_no_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Words are as they were heard, none stands before the end, the log has the session and the error's type, once."""
    monkeypatch.setattr(wording, "Formatter", formatter(_breaks))
    how, one = of(), utterance()
    shown = partial(how, one, timed(" saya  pulang"), 2)
    assert (texts(shown), shown.stable) == (["saya", "pulang"], 0)
    shown = final(how, one, timed("saya pulang"))
    assert ([(each.text, each.spoken) for each in shown.words], shown.stable) == (
        [("saya", "saya"), ("pulang", "pulang")],
        2,
    )
    written = "".join(capsys.readouterr()) + caplog.text
    assert written.count("ValueError") == 1
    assert "s1" in written
    assert "saya" not in written


def test_where_secrets_are_masked_a_stage_that_breaks_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has looked what is one: every word is a mask, in its spoken form too."""
    monkeypatch.setattr(wording, "Formatter", formatter(_breaks))
    how, one = of(Formatting(redact=("nik", "card"))), utterance()
    for shown in (partial(how, one, timed("empat satu"), 1), final(how, one, timed("empat satu"))):
        assert [(each.text, each.spoken) for each in shown.words] == [("[NIK]", "[NIK]")] * 2


@given(
    spoken=st.lists(st.sampled_from(SPOKEN), min_size=1, max_size=24),
    steps=st.lists(st.tuples(st.integers(0, 24), st.integers(0, 4)), max_size=8),
    guesses=st.lists(st.sampled_from(SPOKEN), max_size=4),
    language=st.sampled_from(["id", "en"]),
    continues=st.booleans(),
    punctuates=st.booleans(),
    formatting=st.builds(
        Formatting,
        fillers=st.booleans(),
        repairs=st.booleans(),
        numbers=st.booleans(),
        vocabulary=st.sampled_from([(), (Term("Dua Puluh", ("dua puluh", "twenty five")),)]),
        replace=st.sampled_from([(), (Replacement("satu dua", "start"), Replacement("the", ""))]),
        redact=st.sampled_from([(), ("numbers",), ("card", "phone", "nik"), ("email",)]),
    ),
)
def test_what_is_stable_is_how_everything_later_begins(
    *,
    spoken: list[str],
    steps: list[tuple[int, int]],
    guesses: list[str],
    language: str,
    continues: bool,
    punctuates: bool,
    formatting: Formatting,
) -> None:
    """Whatever is said, and however many words are committed when: partials grow, the final begins with them.

    And it reads as it would had nothing been shown: when partials come makes no difference.
    """
    heard = timed(" ".join(spoken))
    how, one, stable, committed = of(formatting, punctuates=punctuates), utterance(continues=continues), list[str](), 0
    for more, extra in steps:
        committed = max(committed, min(more, len(heard)))
        tail = heard[committed : committed + extra] or [word(guess) for guess in guesses]
        shown = partial(how, one, [*heard[:committed], *tail], committed, language=language)
        assert texts(shown)[: len(stable)] == stable
        assert shown.stable >= len(stable)
        stable = texts(shown)[: shown.stable]
    shown = final(how, one, heard, language)
    assert texts(shown)[: len(stable)] == stable
    assert shown == final(how, utterance(continues=continues), heard, language)
