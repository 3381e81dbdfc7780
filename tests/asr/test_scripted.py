"""Laws of the scripted engine: deterministic, growing, obedient."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.asr.scripted import SLOT_SAMPLES, VOCABULARIES, ScriptedEngine
from stream_server.errors import EngineFailed
from stream_server.events import Samples
from stream_server.text.formatting import Formatting
from stream_server.text.tokens import passage_of
from stream_server.work import Hypothesis, Transcribe
from tests.text.once import format_passage

SOUND = np.random.default_rng(7).uniform(-0.5, 0.5, 40 * SLOT_SAMPLES).astype(np.float32)


def window(audio: Samples, start: int = 0, **options: Any) -> Transcribe:
    """Ask for the words of a window that begins at `start`."""
    fields = {"session_id": "s", "work_id": 0, "track": 0, "utterance_id": "u", "final": False}
    return Transcribe(audio=audio, start=start, **{**fields, **options})


def heard(item: Transcribe, engine: ScriptedEngine | None = None) -> Hypothesis:
    """Run one item that must not fail."""
    (outcome,) = (engine or ScriptedEngine()).run([item])
    assert isinstance(outcome, Hypothesis)
    return outcome


def texts(item: Transcribe) -> list[str]:
    """Return the words' texts."""
    return [word.text for word in heard(item).words]


@given(st.integers(0, 9 * SLOT_SAMPLES), st.integers(0, 20 * SLOT_SAMPLES), st.integers(0, 5 * SLOT_SAMPLES))
def test_partials_grow_into_the_final(start: int, length: int, more: int) -> None:
    """A longer window of the same sound begins with the shorter window's words."""
    short = texts(window(SOUND[start : start + length], start))
    long = texts(window(SOUND[start : start + length + more], start, final=True))
    assert long[: len(short)] == short


def test_words_depend_on_the_place_on_the_clock() -> None:
    """The same slot gives the same word, wherever the window begins."""
    whole = texts(window(SOUND, 0))
    assert texts(window(SOUND[5 * SLOT_SAMPLES :], 5 * SLOT_SAMPLES)) == whole[5:]
    assert whole[0] == VOCABULARIES["en"][0]


def test_silence_has_no_words() -> None:
    """Silent slots are skipped, and an all silent window is doubted."""
    sound = SOUND[: 4 * SLOT_SAMPLES].copy()
    sound[SLOT_SAMPLES : 2 * SLOT_SAMPLES] = 0
    assert len(texts(window(sound))) == 3
    silent = heard(window(np.zeros(16_000, np.float32)))
    assert silent.words == ()
    assert silent.no_speech_probability > 0.9


def test_committed_words_are_respected() -> None:
    """The hypothesis begins with the committed words, whatever was heard in their place."""
    item = window(SOUND[: 4 * SLOT_SAMPLES], prefix_words=("so", "then"))
    assert texts(item) == ["so", "then", *texts(window(SOUND[: 4 * SLOT_SAMPLES]))[2:]]
    assert texts(window(np.zeros(0, np.float32), prefix_words=("so",))) == ["so"]


def test_finals_alone_are_timed() -> None:
    """Words of finals lie in order inside the window, those of partials have no times."""
    final = heard(window(SOUND[: 3 * SLOT_SAMPLES], 100, final=True)).words
    assert all(word.start is not None and word.end is not None for word in final)
    assert all(word.start is None for word in heard(window(SOUND[: 3 * SLOT_SAMPLES])).words)
    places = [place for word in final for place in (word.start, word.end)]
    assert places == sorted(place for place in places if place is not None)


def test_the_language_is_given_or_the_first_allowed() -> None:
    """A named language is spoken; without one the first allowed, else English."""
    assert heard(window(SOUND, language="id")).words[0].text == VOCABULARIES["id"][0]
    assert heard(window(SOUND, languages=("de", "id"))).language == "de"
    assert heard(window(SOUND)).language == "en"
    assert heard(window(SOUND, language="fr")).language == "fr"


def test_wobble_touches_the_last_tentative_word_alone() -> None:
    """With wobble a partial's last word changes with the window; finals and committed words do not."""
    engine = ScriptedEngine(wobble=True)
    seen = {heard(window(SOUND[: 4 * SLOT_SAMPLES + 16 * n]), engine).words[-1].text for n in range(3)}
    assert len(seen) == 3
    plain = texts(window(SOUND[: 4 * SLOT_SAMPLES]))
    final = heard(window(SOUND[: 4 * SLOT_SAMPLES], final=True), engine)
    assert [word.text for word in final.words] == plain
    committed = heard(window(SOUND[: 4 * SLOT_SAMPLES], prefix_words=tuple(plain)), engine)
    assert [word.text for word in committed.words] == plain


def test_it_fails_when_told_to() -> None:
    """One item may fail alone, or take the whole batch with it."""
    good, bad = window(SOUND), window(SOUND, work_id=1)
    first, second = ScriptedEngine(fail_on=lambda item: item.work_id == 1).run([good, bad])
    assert isinstance(first, Hypothesis)
    assert isinstance(second, EngineFailed)
    with pytest.raises(EngineFailed):
        ScriptedEngine(break_on=lambda item: item.work_id == 1).run([good, bad])


def test_it_costs_what_it_is_told_to() -> None:
    """The cost is slept once per batch."""
    slept: list[float] = []
    ScriptedEngine(cost_seconds=0.25, sleep=slept.append).run([window(SOUND), window(SOUND)])
    assert slept == [0.25]


def test_it_declares_what_it_can_do() -> None:
    """Capabilities are honest about having no model."""
    engine = ScriptedEngine()
    engine.warm_up()
    engine.close()
    assert engine.capabilities.engine == "scripted"
    assert set(engine.capabilities.languages) == set(VOCABULARIES)
    assert engine.bucket(window(SOUND)) == engine.bucket(window(SOUND, final=True))
    assert engine.capabilities.punctuates
    assert not ScriptedEngine(punctuates=False).capabilities.punctuates


@pytest.mark.parametrize("language", VOCABULARIES)
def test_its_words_are_written_as_they_are_said(language: str) -> None:
    """No stage makes one of two, so that tests and builders of clients find every word that was heard."""
    said = [one for pair in itertools.product(VOCABULARIES[language], repeat=2) for one in pair]
    shown = format_passage(passage_of(said), Formatting(), language).tokens
    assert [token.text for token in shown] == said
