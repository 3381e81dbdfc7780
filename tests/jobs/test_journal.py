"""What was recognised is written down exactly, found again, and leads to the same end wherever a run broke off."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.diarize.voices import VOICES, Heard
from stream_server.errors import EngineFailed
from stream_server.events import Closed, Event, Revised, Usage
from stream_server.jobs.journal import Journal, pack, step_of, unpack
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.work import (
    DetectSpeech,
    Hypothesis,
    HypothesisWord,
    Listen,
    Listened,
    LookAgain,
    Transcribe,
    Transcribed,
    WorkFailed,
    initial_vad_state,
)
from tests.jobs.house import RATE, House, blocks, finals
from tests.voices import WINDOW, speech

SILENCE = np.zeros(16, np.float32)

FLOATS = st.floats(allow_nan=False)
PLACES = st.none() | st.integers(0, 1 << 40)
WORDS = st.builds(
    HypothesisWord,
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    tokens=st.lists(st.integers(0, 60_000), max_size=4).map(tuple),
    probability=FLOATS,
    start=PLACES,
    end=PLACES,
)
HYPOTHESES = st.builds(
    Hypothesis,
    words=st.lists(WORDS, max_size=4).map(tuple),
    language=st.sampled_from(["en", "id"]),
    language_probability=FLOATS,
    average_log_probability=FLOATS,
    no_speech_probability=FLOATS,
    compression_ratio=FLOATS,
)


def words(number: int = 1, start: int = 0, track: int = 0, **changes: bool) -> Transcribe:
    """Ask for words."""
    return replace(
        Transcribe(
            session_id="s", work_id=number, track=track, utterance_id="u", audio=SILENCE, start=start, final=True
        ),
        **changes,
    )


def voices(number: int = 1, frame: int = -5, track: int = 0) -> Listen:
    """Ask for voices."""
    return Listen(session_id="s", work_id=number, track=track, frame=frame, audio=SILENCE)


@given(HYPOTHESES, st.integers(1, 99))
def test_words_come_back_exactly(hypothesis: Hypothesis, number: int) -> None:
    """To the last bit, as the answer to whatever asks for them now."""
    kept = pack(Transcribed(session_id="before", work_id=7, hypothesis=hypothesis, waited=3.0))
    assert unpack(kept, words(number)) == Transcribed(session_id="s", work_id=number, hypothesis=hypothesis)


@given(st.integers(-20, 10_000), st.integers(0, 40), st.lists(st.booleans(), min_size=VOICES, max_size=VOICES))
def test_voices_come_back_exactly(frame: int, frames: int, known: list[bool]) -> None:
    """Who speaks when, and how each sounds, as far as that was heard."""
    chance = np.random.default_rng(frames)
    activity = chance.random((frames, VOICES), np.float32)
    sounds = tuple(chance.random(8, np.float32) if each else None for each in known)
    found = unpack(pack(Listened(session_id="s", work_id=1, heard=Heard(frame, activity, sounds))), voices(9))
    assert isinstance(found, Listened)
    assert (found.work_id, found.heard.frame) == (9, frame)
    assert np.array_equal(found.heard.activity, activity)
    assert [None if each is None else each.tobytes() for each in found.heard.embeddings] == [
        None if each is None else each.tobytes() for each in sounds
    ]


def test_steps_are_told_apart() -> None:
    """By track, place and carefulness; what is cheap, or depends on all of a recording, has no name."""
    asked = [words(), words(start=1), words(track=1), words(careful=True), voices(), voices(frame=0), voices(track=1)]
    assert len({step_of(work) for work in asked}) == len(asked)
    assert step_of(words(1)) == step_of(words(2, background=True))
    assert step_of(DetectSpeech(session_id="s", work_id=1, audio=SILENCE, state=initial_vad_state())) is None
    assert step_of(LookAgain(session_id="s", work_id=1, windows=(), live=(), spans=())) is None


def test_an_answer_is_told_once() -> None:
    """`take_new` gives what came since the last call; work that was answered out of the journal is nothing new."""
    journal = Journal()
    assert journal.answer(words(1)) is None
    said = Transcribed(session_id="s", work_id=1, hypothesis=Hypothesis(words=(), language="en"))
    journal.note(said)
    journal.note(said)
    new = journal.take_new()
    assert list(new) == [step_of(words(1))]
    assert journal.take_new() == {}
    later = Journal(new)
    assert later.answer(words(5)) == replace(said, work_id=5)
    assert later.take_new() == {}


async def test_words_with_secrets_are_not_kept(tmp_path: Path) -> None:
    """Voices alone are, and whoever goes on comes to the same end."""
    journal = Journal(with_words=False)
    house, wanted = await whole(tmp_path, journal)
    kept = journal.take_new()
    assert kept.keys() == {step for step in kept if step.startswith("voices")}
    assert len(kept) == len(house.listened)
    again, events = await whole(tmp_path, Journal(kept, with_words=False))
    assert [final.text for final in finals(events)] == [final.text for final in finals(wanted)]
    assert (len(again.asked), len(again.listened)) == (len(house.asked), 0)


def test_words_of_before_are_refused_where_none_may_be_kept() -> None:
    """They are neither an answer nor to stay where they are; voices are as they were."""
    known = {step: b"" for work in (words(), words(careful=True), voices()) if (step := step_of(work))}
    journal = Journal(known, with_words=False)
    assert set(journal.refused) == {step_of(words()), step_of(words(careful=True))}
    assert journal.answer(words()) is None
    assert Journal(known).refused == ()


def test_failures_and_strangers_are_not_kept() -> None:
    """What failed is asked for again; an answer that nobody asked for is none."""
    journal = Journal()
    journal.answer(words(1))
    journal.note(WorkFailed(session_id="s", work_id=1, error=EngineFailed("no")))
    journal.note(Transcribed(session_id="s", work_id=2, hypothesis=Hypothesis(words=(), language="en")))
    assert journal.take_new() == {}


# ── a run that is cut ───────────────────────────────────────────────────────────────────────────────────────────────

MEETING = speech((0.5, 4.2, 0), (7.0, 9.5, 1), (12.0, 40.0, 0), (43.0, 44.0, 1), (47.0, 55.0, 0), seconds=60.0)
SHARED = SessionOptions(audio=AudioFormat(sample_rate=RATE), partials=False, diarize=True)


def heard(work: Transcribe) -> Hypothesis:
    """Say what the place is, in a language that a short window does not tell, and end early in long ones."""
    long = len(work.audio) >= 4 * RATE
    end = len(work.audio) - (3 * RATE if len(work.audio) > 20 * RATE else 0)
    places = range(0, end - RATE // 2, RATE)
    said = tuple(
        HypothesisWord(
            text=f"w{(work.start + place) // RATE}",
            tokens=(),
            probability=0.9,
            start=place,
            end=min(end, place + RATE),
        )
        for place in places
    )
    return Hypothesis(words=said, language=work.language or ("de" if long else "en"))


async def whole(directory: Path, journal: Journal) -> tuple[House, list[Event]]:
    """Run the meeting to its end."""
    house = House(directory, voice_window=WINDOW)
    house.hear = heard
    runner, events = await house.runner(options=SHARED, journal=journal)
    assert await runner.run(blocks(MEETING[:, None])) is None
    return house, events


@pytest.mark.parametrize("seed", range(12))
async def test_a_run_that_goes_on_ends_as_one_that_was_never_disturbed(tmp_path: Path, seed: int) -> None:
    """Whatever was kept when it broke off: the same finals, speakers and revisions, and nothing is asked for twice."""
    journal = Journal()
    house, wanted = await whole(tmp_path, journal)
    assert len(finals(wanted)) > 4
    assert {final.speaker.id for final in finals(wanted) if final.speaker} == {1, 2}
    kept = journal.take_new()
    assert len(kept) == len(house.asked) + len(house.listened)
    chance = random.Random(seed)
    share = chance.random()
    known = {step: result for step, result in kept.items() if chance.random() < share} if seed else kept
    again, events = await whole(tmp_path, Journal(known))
    assert [replace(each, lag_ms=0) for each in finals(events)] == [replace(each, lag_ms=0) for each in finals(wanted)]
    assert [event for event in events if isinstance(event, Revised | Usage | Closed)] == [
        event for event in wanted if isinstance(event, Revised | Usage | Closed)
    ]
    assert len(again.asked) + len(again.listened) == len(kept) - len(known)
