"""The speech gate decides by hysteresis and never inside a word if it can help it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_server.audio.gate import (
    Gate,
    GateSettings,
    SpeechClosed,
    SpeechOpened,
    SpeechPaused,
    SpeechResumed,
    Transition,
)
from stream_server.work import ENGINE_RATE, VAD_FRAME

SPEECH, SILENCE, BETWEEN = 0.9, 0.05, 0.4


def run(gate: Gate, probabilities: list[float], loudness: list[float] | None = None) -> list[Transition]:
    """Feed frames and return the transitions."""
    loud = loudness or list(probabilities)
    return [
        transition
        for probability, level in zip(probabilities, loud, strict=True)
        for transition in gate.step(probability, level)
    ]


def frames(milliseconds: float) -> int:
    """Return how many whole frames a duration takes."""
    return -(-round(milliseconds * ENGINE_RATE / 1000) // VAD_FRAME)


def test_utterance_keeps_sound_from_before_its_onset() -> None:
    """An utterance begins 300 ms before the first frame of speech."""
    transitions = run(Gate(), [SILENCE] * 20 + [SPEECH] * 3)

    assert [SpeechOpened(20 * VAD_FRAME - 4_800, 20 * VAD_FRAME)] == transitions


def test_utterance_at_the_very_start_begins_at_zero() -> None:
    """There is nothing before the first sample."""
    assert [SpeechOpened(0, 0)] == run(Gate(), [SPEECH] * 3)


def test_click_is_not_speech() -> None:
    """Two frames above the threshold open nothing."""
    assert run(Gate(), [SILENCE] * 5 + [SPEECH] * 2 + [SILENCE] * 30) == []


def test_silence_ends_an_utterance_after_the_endpointing_time() -> None:
    """The end lies 200 ms after the last speech, and is told as soon as those have passed."""
    gate, end = Gate(), 31 * VAD_FRAME + 3_200
    spoken = run(gate, [SPEECH] * 31 + [SILENCE] * (frames(200) - 1))
    paused = run(gate, [SILENCE])
    silent = run(gate, [SILENCE] * (frames(500) - frames(200)))

    assert [type(transition) for transition in spoken] == [SpeechOpened]
    assert (paused, silent) == ([SpeechPaused(end)], [SpeechClosed(end, 31 * VAD_FRAME, cut=False)])


def test_short_pause_does_not_end_an_utterance() -> None:
    """A pause shorter than the endpointing time belongs to the utterance."""
    transitions = run(Gate(), [SPEECH] * 31 + [SILENCE] * (frames(500) - 1) + [SPEECH] * 5)

    assert [type(transition) for transition in transitions] == [SpeechOpened, SpeechPaused, SpeechResumed]


def test_every_pause_is_told_once() -> None:
    """Two pauses in one utterance are two chances."""
    transitions = run(Gate(), ([SPEECH] * 20 + [SILENCE] * 12) * 2 + [SPEECH] * 3)

    assert [type(transition) for transition in transitions[1:]] == [SpeechPaused, SpeechResumed] * 2


def test_between_the_thresholds_nothing_changes() -> None:
    """A probability between the thresholds neither starts nor ends anything."""
    assert run(Gate(), [BETWEEN] * 50) == []
    assert len(run(Gate(), [SPEECH] * 10 + [BETWEEN] * 50)) == 1


def test_next_utterance_does_not_begin_before_the_previous_one_ended() -> None:
    """The sound kept from before an onset never belongs to two utterances."""
    gate = Gate(GateSettings(silence=VAD_FRAME * 4, after=VAD_FRAME * 4))
    opened = [t for t in run(gate, [SPEECH] * 10 + [SILENCE] * 4 + [SPEECH] * 5) if isinstance(t, SpeechOpened)]

    assert [t.start for t in opened] == [0, 14 * VAD_FRAME]


def test_overlong_utterance_is_cut_at_its_quietest_place() -> None:
    """The cut lies in the quiet frame and what follows opens at once."""
    count = 20 * ENGINE_RATE // VAD_FRAME
    loudness = [1.0] * (count + 10)
    loudness[count - 60] = 0.0
    transitions = run(Gate(), [SPEECH] * (count + 10), loudness)

    assert SpeechOpened(0, 0) == transitions[0]
    closed, opened = transitions[1:]
    assert isinstance(closed, SpeechClosed)
    assert closed.cut
    assert abs(closed.end - (count - 60) * VAD_FRAME) <= 2 * VAD_FRAME
    assert SpeechOpened(closed.end, closed.end) == opened


def test_long_talk_needs_shorter_pauses() -> None:
    """After fifteen seconds a pause of 350 ms ends an utterance that would go on after five."""
    pause = [SILENCE] * frames(350)
    short = run(Gate(), [SPEECH] * frames(5_000) + pause)
    long = run(Gate(), [SPEECH] * frames(15_000) + pause)

    assert [SpeechClosed in map(type, transitions) for transitions in (short, long)] == [False, True]


def test_closing_ends_what_is_open_and_what_is_about_to_open() -> None:
    """A flush in the first frames of a word still gives that word an utterance."""
    gate = Gate()
    run(gate, [SILENCE] * 10 + [SPEECH])

    opened, closed = gate.close(11 * VAD_FRAME + 100)

    assert isinstance(opened, SpeechOpened)
    assert SpeechClosed(11 * VAD_FRAME + 100, 11 * VAD_FRAME + 100, cut=True) == closed


def test_closing_silence_does_nothing() -> None:
    """Nothing open, nothing said; closing twice in mid-speech gives no empty utterance."""
    gate = Gate()
    assert gate.close(0) == []
    run(gate, [SPEECH] * 5)
    assert len(gate.close(5 * VAD_FRAME)) == 1
    assert gate.close(5 * VAD_FRAME) == []


@given(st.lists(st.sampled_from([SPEECH, SILENCE, BETWEEN]), max_size=400), st.integers(40, 100))
def test_utterances_never_overlap_and_always_close(probabilities: list[float], limit_frames: int) -> None:
    """Open and close alternate, in order, without overlap, and no utterance passes the limit."""
    settings = GateSettings(limit=limit_frames * VAD_FRAME, search=limit_frames * VAD_FRAME // 2)
    gate = Gate(settings)
    transitions = run(gate, probabilities) + gate.close(gate.position)
    last_end = 0
    for opened, closed in zip(transitions[::2], transitions[1::2], strict=True):
        assert isinstance(opened, SpeechOpened)
        assert isinstance(closed, SpeechClosed)
        assert last_end <= opened.start <= closed.end
        assert closed.end - opened.start <= settings.limit + VAD_FRAME + settings.before
        last_end = closed.end
