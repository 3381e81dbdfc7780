"""A track turns samples into utterances, frame by frame, with bounded memory."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from stream_server.events import Samples
from stream_server.session.limits import Limits
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.track import (
    FRAMES_PER_REQUEST,
    Ended,
    Happening,
    MarkReached,
    Opened,
    PartialDue,
    Paused,
    Track,
)
from stream_server.work import VAD_CONTEXT, VAD_FRAME


def track(rate: int = 16_000, **options: object) -> Track:
    """Return a track at a rate."""
    wanted = SessionOptions(audio=AudioFormat(sample_rate=rate), **options)  # type: ignore[arg-type]
    return Track(0, "Ana", wanted, Limits())


def judge(one: Track, probability: float) -> list[Happening]:
    """Judge every frame that is there alike."""
    happenings: list[Happening] = []
    while (asked := one.frames_to_judge()) is not None:
        count = (len(asked[0]) - VAD_CONTEXT) // VAD_FRAME
        happenings += one.take_probabilities([probability] * count, asked[1])
    return happenings


def noise(seconds: float, rate: int = 16_000) -> Samples:
    """Return something to hear."""
    return np.random.default_rng(1).uniform(-0.5, 0.5, round(seconds * rate)).astype(np.float32)


def test_frames_come_whole_with_their_context() -> None:
    """Sixty-four samples of what went before, then whole frames; the first frame has zeros before it."""
    one, samples = track(), noise(0.1)
    one.append(samples, 0.0)
    asked = one.frames_to_judge()

    assert asked is not None
    assert len(asked[0]) == VAD_CONTEXT + 3 * VAD_FRAME
    assert not asked[0][:VAD_CONTEXT].any()
    assert np.array_equal(asked[0][VAD_CONTEXT:], samples[: 3 * VAD_FRAME])


def test_only_one_request_is_out_at_a_time() -> None:
    """The next frames wait until these are judged; then they begin with the last of these."""
    one, samples = track(), noise(1.0)
    one.append(samples, 0.0)
    first = one.frames_to_judge()
    assert one.frames_to_judge() is None
    assert first is not None
    one.take_probabilities([0.0], first[1])
    second = one.frames_to_judge()

    assert second is not None
    assert np.array_equal(second[0][:VAD_CONTEXT], samples[VAD_FRAME - VAD_CONTEXT : VAD_FRAME])


def test_request_is_bounded() -> None:
    """A long backlog is judged in parts, so that nobody else waits for it."""
    one = track()
    one.append(noise(60.0), 0.0)
    asked = one.frames_to_judge()

    assert asked is not None
    assert len(asked[0]) == VAD_CONTEXT + FRAMES_PER_REQUEST * VAD_FRAME


def test_speech_opens_asks_for_partials_and_ends() -> None:
    """Two seconds of speech and one of silence: one utterance with its audio; one partial until it is answered."""
    one = track()
    one.append(noise(2.0), 0.0)
    speaking = judge(one, 0.9)
    one.append(np.zeros(16_000, np.float32), 0.0)
    silent = judge(one, 0.0)

    assert [Opened, PartialDue] == [type(happening) for happening in speaking]
    paused, ended = silent
    assert isinstance(paused, Paused)
    assert isinstance(ended, Ended)
    assert np.array_equal(paused.audio, ended.audio)
    assert len(ended.audio) == (ended.utterance.end or 0) - ended.utterance.start
    assert 0 < one.speech <= 3 * 16_000


def test_partials_follow_each_other_at_the_interval() -> None:
    """Answered at once, they come every half second."""
    one, ends = track(), []
    for _ in range(40):
        one.append(noise(0.1), 0.0)
        for happening in judge(one, 0.9):
            if isinstance(happening, PartialDue):
                ends.append(happening.end)
                one.partial_outstanding = False

    assert all(8_000 <= later - earlier <= 8_000 + VAD_FRAME for earlier, later in itertools.pairwise(ends))
    assert len(ends) >= 7


def test_without_partials_none_is_due() -> None:
    """A client that wants finals only costs finals only."""
    one = track(partials=False)
    one.append(noise(3.0), 0.0)

    assert [Opened] == [type(happening) for happening in judge(one, 0.9)]


def test_mark_is_reached_when_everything_before_it_is_judged() -> None:
    """It ends the open utterance exactly where the audio ended, though no whole frame is left."""
    one = track()
    one.append(noise(1.01), 0.0)
    assert one.set_mark("here") == []
    happenings = judge(one, 0.9)

    ended = [happening for happening in happenings if isinstance(happening, Ended)]
    assert [happening.utterance.end for happening in ended] == [16_160]
    assert MarkReached("here") == happenings[-1]
    assert not one.has_unreached_marks


def test_mark_without_waiting_frames_is_reached_at_once() -> None:
    """Nothing to judge, nothing to wait for."""
    assert track().set_mark("now") == [MarkReached("now")]


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_mark_empties_the_resampler(rate: int) -> None:
    """At other rates too, everything received counts, to the sample, and the clock goes on."""
    one = track(rate)
    for _ in range(3):
        one.append(noise(0.333, rate), 0.0)
        one.set_mark("flush")
        judge(one, 0.0)

    assert one.clock.to_engine(one.clock.received) == one._timeline.end


def test_memory_does_not_grow_with_silence() -> None:
    """An hour of silence leaves no more than what the next utterance may need."""
    one = track()
    for _ in range(360):
        one.append(np.zeros(160_000, np.float32), 0.0)
        judge(one, 0.0)

    assert one._timeline.end - one._timeline.start < 16_000


def test_a_partial_that_waited_puts_off_the_next() -> None:
    """Fewer partials that come at once, instead of as many that wait for each other."""
    one = track(partial_interval_ms=200)

    def partials(seconds: float) -> int:
        one.append(noise(seconds), 0.0)
        due = [each for each in judge(one, 0.9) if isinstance(each, PartialDue)]
        one.partial_outstanding = False
        return len(due)

    assert sum(partials(0.2) for _ in range(10)) == 8
    one.give_way(0.1)
    assert sum(partials(0.2) for _ in range(10)) == 5
    one.give_way(0.0)
    assert sum(partials(0.2) for _ in range(10)) >= 8
