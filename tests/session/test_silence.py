"""What a session tells of the time between utterances, and of what is settled before an utterance ends."""

from __future__ import annotations

import numpy as np
import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import IdleTimeout
from stream_server.events import Audio, Closed, Flush, Samples, Silence, SpeechEnded
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from tests.live_path import LivePath, new_session

SECOND = 16_000


def speech(seconds: float) -> Samples:
    """Return something loud."""
    return np.random.default_rng(1).uniform(-0.5, 0.5, round(seconds * SECOND)).astype(np.float32)


def quiet(seconds: float) -> Samples:
    """Return silence."""
    return np.zeros(round(seconds * SECOND), np.float32)


def silences(live: LivePath) -> list[Silence]:
    """Return what was told of silence."""
    return [event for event in live.events if isinstance(event, Silence)]


def test_silence_is_told_once_for_each_utterance() -> None:
    """After 1.2 s without speech, not earlier, not again, and never for who did not ask."""
    sound = np.concatenate([speech(1), quiet(1), speech(1), quiet(9), speech(1), quiet(3)])
    told, untold = (LivePath(new_session(SessionOptions(silence_ms=wish)), ScriptedEngine()) for wish in (1_200, None))
    told.stream(sound, [700] * 1_000)
    untold.stream(sound, [SECOND])

    assert [event.utterance_id for event in silences(told)] == ["0-2", "0-3"]
    assert all(19_200 <= event.at - event.since < 19_200 + 512 for event in silences(told))
    assert silences(untold) == []


def test_silence_after_a_flush_in_mid_speech_is_told() -> None:
    """An utterance that was closed while somebody spoke may be the last one all the same."""
    live = LivePath(new_session(SessionOptions(silence_ms=1_000)), ScriptedEngine())
    live.send(Audio(samples=speech(1)[:, None]))
    live.send(Flush(flush_id="f"))
    live.send(Audio(samples=quiet(2)[:, None]))

    assert len(silences(live)) == 1


@pytest.mark.parametrize(("pause", "cuts"), [(0.0, [True, False]), (1.0, [False, False])])
def test_an_utterance_that_was_cut_says_so(pause: float, cuts: list[bool]) -> None:
    """Who takes turns must know whether the speaker has paused."""
    live = LivePath(new_session(SessionOptions(max_utterance_seconds=8)), ScriptedEngine())
    live.stream(np.concatenate([speech(6), quiet(pause), speech(6), quiet(1)]), [SECOND])

    assert [event.cut for event in live.events if isinstance(event, SpeechEnded)] == cuts


def test_stable_words_are_timed_once_their_times_are_settled() -> None:
    """The first words of long speech have in partials the very times of the final; those behind have none."""
    live = LivePath(new_session(SessionOptions(max_utterance_seconds=20)), ScriptedEngine(), delay_frames=1)
    live.stream(np.concatenate([speech(12), quiet(1)]), [1_600] * 200)
    (final,) = live.finals

    settled = [[word for word in partial.stable if word.start is not None] for partial in live.partials]
    assert any(len(words) > 10 for words in settled)
    for partial, words in zip(live.partials, settled, strict=True):
        assert [(word.start, word.end) for word in words] == [(w.start, w.end) for w in final.words[: len(words)]]
        assert all(word.start is None for word in (*partial.stable[len(words) :], *partial.tentative))


@pytest.mark.parametrize(("wish", "patience"), [(None, 60), (10, 10), (90, 60)])
def test_a_session_may_be_idle_for_less_than_the_server_allows(wish: float | None, patience: float) -> None:
    """The shorter of both counts."""
    session = new_session(SessionOptions(idle_seconds=wish), Limits(idle_seconds=60))
    session.receive_timeout(patience - 0.1)
    assert not any(isinstance(event, Closed) for event in session.events_to_send())
    session.receive_timeout(patience)
    (closed,) = (event for event in session.events_to_send() if isinstance(event, Closed))
    assert isinstance(closed.error, IdleTimeout)
