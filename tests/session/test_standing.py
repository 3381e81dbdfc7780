"""A session that is gone on with elsewhere says what an undisturbed one would have said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_server.asr.scripted import ScriptedEngine
from stream_server.events import Audio, Event, Final, MergeSpeakers, Ready, RenameSpeaker, Revised, Samples, Usage
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.standing import Standing
from stream_server.session.written import pack_sounds, read_standing, write_standing
from tests.live_path import LivePath, new_session
from tests.session.test_session import talk
from tests.voices import WINDOW, LevelListener, speech

MONO = talk((0.5, 3.0), (4.0, 4.6), (6.0, 11.0), seconds=12.0)[:, None]
STEREO = np.stack([MONO[:, 0], talk((1.0, 2.0), (2.9, 8.0), (9.0, 10.0), seconds=12.0)], axis=1)


def options_for(samples: Samples, rate: int = 16_000) -> SessionOptions:
    """Return the options of a session with a track for each channel."""
    return SessionOptions(audio=AudioFormat(encoding="pcm_s16le", channels=samples.shape[1], sample_rate=rate))


def run(samples: Samples, *, rate: int, standing: Standing | None = None) -> LivePath:
    """Return a session that has heard the samples in pieces of 50 ms, and may hear more."""
    session = new_session(options_for(samples, rate), standing=standing)
    live = LivePath(session, ScriptedEngine())
    for start in range(0, len(samples), rate // 20):
        live.send(Audio(samples=samples[start : start + rate // 20]))
    return live


def finished(live: LivePath) -> list[Event]:
    """Finish a session and return its events."""
    return live.stream(np.zeros(0, np.float32), [])


def said(events: list[Event]) -> list[tuple[int, str, int, int, str]]:
    """Return what finals say, and where, in the order of their utterances."""
    return sorted((e.track, e.utterance_id, e.start, e.end, e.text) for e in events if isinstance(e, Final))


@pytest.mark.parametrize(("samples", "rate"), [(MONO, 16_000), (STEREO, 16_000), (MONO[::2], 8_000)])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_nothing_is_lost_or_doubled_wherever_a_session_is_cut_off(
    samples: Samples, rate: int, data: st.DataObject
) -> None:
    """What was released before, and what the next one says of the audio from there on, is what one alone says."""
    cut = data.draw(st.integers(0, len(samples)), label="cut")
    whole = said(finished(run(samples, rate=rate)))
    first = run(samples[:cut], rate=rate)
    standing = first.session.standing()
    second = run(samples[standing.at :], rate=rate, standing=standing)

    events = [*first.events, *finished(second)]

    assert said(events) == whole
    assert standing.at <= cut
    sequences = [e.sequence for e in events if isinstance(e, Final | Usage)]
    assert sequences == list(range(1, len(sequences) + 1))


def test_usage_counts_on() -> None:
    """The clock, the tracks and the speech of the last report are those of an undisturbed session."""
    whole = finished(run(MONO, rate=16_000))
    first = run(MONO[:80_000], rate=16_000)
    standing = first.session.standing()
    second = finished(run(MONO[standing.at :], rate=16_000, standing=standing))

    def last(events: list[Event]) -> tuple[int, int, int]:
        usage = next(e for e in reversed(events) if isinstance(e, Usage))
        return usage.session, usage.tracks, usage.speech

    assert last(second) == last(whole)


def test_who_goes_on_is_not_ready_anew() -> None:
    """The client knows what it would say."""
    standing = run(MONO[:80_000], rate=16_000).session.standing()
    assert not any(isinstance(e, Ready) for e in finished(run(MONO[standing.at :], rate=16_000, standing=standing)))


def test_an_open_utterance_is_not_settled() -> None:
    """In mid-speech a session stands where the utterance begins."""
    live = run(MONO[: 9 * 16_000], rate=16_000)
    assert 5.5 * 16_000 < live.session.settled_until <= 6.0 * 16_000
    assert live.session.standing().tracks[0].utterances == 2


TALK = speech((0.5, 4, 0), (5, 9, 1), (10, 12.5, 0), (13.5, 16, 1), (17, 20, 2), seconds=21)


def speakers(events: list[Event]) -> list[int | None]:
    """Return who said most of each final."""
    return [e.speaker.id if e.speaker else None for e in events if isinstance(e, Final)]


def hearing(standing: Standing | None = None) -> LivePath:
    """Return a session that tells voices apart."""
    session = new_session(voice_window=WINDOW, standing=standing)
    return LivePath(session, ScriptedEngine(), listener=LevelListener())


def heard(samples: Samples, live: LivePath) -> LivePath:
    """Let a session hear samples of one track."""
    for start in range(0, len(samples), 1_600):
        live.send(Audio(samples=samples[start : start + 1_600, None]))
    return live


@pytest.mark.parametrize("seconds", [4.5, 7.0, 9.7, 11.0, 14.5])
@pytest.mark.parametrize("sounds", [True, False])
def test_people_keep_their_ids(seconds: float, *, sounds: bool) -> None:
    """Whoever was heard before is known again by the voice; where that was not kept, nobody gets another's id."""
    first = heard(TALK[: round(seconds * 16_000)], hearing())
    stood = first.session.standing()
    standing = read_standing(write_standing(stood), pack_sounds(stood.speakers.voices) if sounds else None)
    second = heard(TALK[standing.at :], hearing(standing))
    second.stream(np.zeros(0, np.float32), [])
    before, after = speakers(first.events), speakers(second.events)
    if sounds:
        assert before + after == [1, 2, 1, 2, 3]
        assert not any(isinstance(event, Revised) for event in second.events)
    else:
        known = {speaker for _, _, speaker in standing.speakers.voices[0].ids}
        assert known.isdisjoint(after)


def test_a_name_that_somebody_gave_stays() -> None:
    """With whom it was given to, and nobody is renamed for a voice after that."""
    first = heard(TALK[: 10 * 16_000], hearing())
    first.send(RenameSpeaker(speaker=1, name="Ana"))
    first.send(MergeSpeakers(old=2, new=1))
    standing = first.session.standing()
    second = heard(TALK[standing.at :], hearing(standing))
    second.stream(np.zeros(0, np.float32), [])
    told = [event.speaker for event in second.events if isinstance(event, Final) and event.speaker]
    assert [(speaker.id, speaker.name) for speaker in told] == [(1, "Ana"), (1, "Ana"), (3, None)]
