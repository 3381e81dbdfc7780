"""The session's laws: order, exactness, and that nothing depends on how the audio was cut."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import EngineFailed, IdleTimeout, QuotaExceeded, SessionTooLong, UnexpectedMessage
from stream_server.events import (
    Audio,
    Closed,
    EndQuota,
    Event,
    Failed,
    Final,
    Finish,
    Flush,
    Flushed,
    GrantAudio,
    KeepAlive,
    LagChanged,
    Partial,
    Ready,
    Samples,
    SpeechEnded,
    SpeechStarted,
    Usage,
    Warned,
)
from stream_server.session.limits import Limits
from stream_server.session.load import LoadLevel
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.work import (
    VAD_CONTEXT,
    VAD_FRAME,
    DetectSpeech,
    Hypothesis,
    HypothesisWord,
    Transcribe,
    WorkDropped,
    WorkFailed,
)
from tests.live_path import LivePath, LoudnessVad, answer, new_session


def talk(*spans: tuple[float, float], seconds: float, rate: int = 16_000) -> Samples:
    """Return a noise that is loud in the given spans of seconds and silent elsewhere."""
    audio = np.zeros(round(seconds * rate), np.float32)
    generator = np.random.default_rng(1)
    for start, end in spans:
        count = round(end * rate) - round(start * rate)
        audio[round(start * rate) :][:count] = generator.uniform(-0.5, 0.5, count)
    return audio


MEETING = talk((0.5, 3.0), (4.0, 4.6), (6.0, 11.0), seconds=12.0)


def path(options: SessionOptions | None = None, **known: object) -> LivePath:
    """Return a live path with the scripted engine."""
    return LivePath(new_session(options, **known), ScriptedEngine(wobble=True))


def test_ready_comes_first_and_closed_last() -> None:
    """Between them every utterance has its start, end and final."""
    events = path().stream(MEETING, [1600] * 200)

    assert isinstance(events[0], Ready)
    assert Closed(error=None, at=len(MEETING)) == events[-1]
    assert [sum(isinstance(e, kind) for e in events) for kind in (SpeechStarted, SpeechEnded, Final)] == [3, 3, 3]


def test_durable_events_form_one_gapless_sequence() -> None:
    """1, 2, 3 … over finals, flushed and usage; a partial carries the last number."""
    live = path()
    live.stream(MEETING, [1600] * 200)
    numbers = [e.sequence for e in live.events if isinstance(e, Final | Flushed | Usage)]

    assert list(range(1, len(numbers) + 1)) == numbers
    assert all(p.sequence <= len(numbers) for p in live.partials)


@pytest.mark.parametrize("punctuates", [True, False])
@pytest.mark.parametrize("language", ["en", "id"])
def test_stable_words_are_a_prefix_of_the_final(language: str, punctuates: bool) -> None:
    """What was shown as stable never changes: neither as words nor as text, be it of numbers that grow."""
    live = path(SessionOptions(language=language), punctuates=punctuates)
    live.stream(MEETING, [320] * 1000)
    finals = {final.utterance_id: final for final in live.finals}

    assert any(partial.stable for partial in live.partials)
    shown: dict[str, list[str]] = {}
    for partial in live.partials:
        stable = [word.text for word in partial.stable]
        before = shown.get(partial.utterance_id, [])
        assert stable[: len(before)] == before
        shown[partial.utterance_id] = stable
        final = finals[partial.utterance_id]
        assert [word.text for word in final.words][: len(stable)] == stable
        assert final.text.startswith(partial.stable_text)


@pytest.mark.parametrize("punctuates", [True, False])
@pytest.mark.parametrize("language", ["en", "id"])
def test_finals_read_the_same_with_partials_and_without(language: str, punctuates: bool) -> None:
    """Whatever was shown, and whenever: words are written by what is heard."""
    texts = []
    for partials in ({"partials": False}, {"partial_interval_ms": 100}, {"partial_interval_ms": 1_700}):
        live = path(SessionOptions(language=language, **partials), punctuates=punctuates)  # type: ignore[arg-type]
        live.stream(MEETING, [320] * 1000)
        texts.append([final.text for final in live.finals])
    assert texts[0] == texts[1] == texts[2]


def test_an_engine_without_marks_is_asked_for_times() -> None:
    """In partials too, for silences tell where marks belong; its sentences then begin with a capital."""
    live = path(punctuates=False)
    live.stream(MEETING, [320] * 1000)
    assert all(work.timed for work in live.asked)
    assert all(final.text[0].isupper() and final.text.endswith(".") for final in live.finals)


def test_cutting_the_audio_differently_changes_nothing() -> None:
    """Three hundred random cuts give the same finals, partials and closing; only usage is told between messages."""
    reference = _heard([len(MEETING)])
    for seed in range(300):
        chooser = random.Random(seed)
        cuts = [chooser.randint(1, chooser.choice([40, 700, 9_000])) for _ in range(9_000)]
        assert _heard(cuts) == reference


def _heard(cuts: list[int]) -> list[Event]:
    """Return what a client hears of the meeting, without what tells how it was sent: usage so far and lag."""
    return [
        replace(event, sequence=0, lag_ms=0) if isinstance(event, Final | Partial) else event
        for event in path().stream(MEETING, cuts)
        if not isinstance(event, Usage | LagChanged)
    ]


def test_the_final_is_asked_for_when_speech_pauses() -> None:
    """Each utterance's final is asked for once, 200 ms into the silence, and out as soon as the silence has lasted."""
    live = path()
    live.delay_frames = 3
    live.stream(MEETING, [320] * 1000)

    asked = [work for work in live.asked if work.final]
    assert [work.utterance_id for work in asked] == [final.utterance_id for final in live.finals]
    order = [event for event in live.events if isinstance(event, SpeechEnded | Final)]
    assert [type(event) for event in order] == [SpeechEnded, Final] * 3


def test_a_pause_that_does_not_last_gives_a_partial() -> None:
    """What was asked for ahead is shown if it comes in time, and the utterance goes on to one final."""
    broken = talk((0.5, 3.0), (3.4, 5.0), seconds=7.0)
    for delay, shown in ((3, True), (20, False)):
        live = path()
        live.delay_frames = delay
        live.stream(broken, [320] * 1000)

        ahead, last = (work for work in live.asked if work.final)
        (final,) = live.finals
        assert (ahead.utterance_id, last.utterance_id) == (final.utterance_id,) * 2
        assert any(partial.end == ahead.start + len(ahead.audio) for partial in live.partials) is shown
        assert len(last.audio) > len(ahead.audio)


def test_without_partials_nothing_is_shown_ahead() -> None:
    """A client that wants finals only gets finals only."""
    live = path(SessionOptions(partials=False))
    live.delay_frames = 3
    live.stream(talk((0.5, 3.0), (3.4, 5.0), seconds=7.0), [320] * 1000)

    assert live.partials == []
    assert len(live.finals) == 1


PAUSES = talk((0.5, 2.0), (2.35, 3.2), (3.6, 4.4), (4.75, 6.0), (7.5, 8.0), (8.4, 9.0), seconds=10.5)
"""Two utterances with pauses too short to end them."""


class Wavering:
    """An engine that obeys its prefix, and corrects each word once it has heard a second more."""

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis]:
        """Hear four words a second; those of the last second are misheard."""
        return [self._hear(item) for item in batch]

    def _hear(self, item: Transcribe) -> Hypothesis:
        count = len(item.audio) // 4_000
        heard = [f"right{n}" if n < count - 4 else f"wrong{n}" for n in range(count)]
        words = [*item.prefix_words, *heard[len(item.prefix_words) :]]
        return Hypothesis(words=tuple(HypothesisWord(text=w, tokens=(), probability=0.9) for w in words), language="en")


class InBatches(LivePath):
    """Judges up to 32 frames at a time, as the server's worker does."""

    def _judge_frame(self) -> bool:
        if not self._frames:
            return False
        work = self._frames.pop(0)
        frames = min(32, (len(work.audio) - VAD_CONTEXT) // VAD_FRAME)
        (result,) = self.vad.run([replace(work, audio=work.audio[: VAD_CONTEXT + frames * VAD_FRAME])])
        self._judged += frames
        self.session.receive_result(result, self._now)
        return True


@pytest.mark.parametrize("kind", [LivePath, InBatches])
@pytest.mark.parametrize("delay", [1, 5, 12, 30, 200])
def test_short_pauses_keep_every_law(kind: type[LivePath], delay: int) -> None:
    """One partial at a time, in order and before its final; stable words stay; everything is said once."""
    live = kind(new_session(), Wavering(), delay_frames=delay)
    at = 0
    for cut in [3_000, 320, 9_000] * 200:
        live.send(Audio(samples=PAUSES[at : at + cut, None]))
        at += cut
        requests = live.session._recognition._requests.values()
        assert sum(request.slot is None and not request.ahead for request in requests) <= 1
    live.stream(PAUSES[:0], [])
    finals = {final.utterance_id: [word.text for word in final.words] for final in live.finals}

    assert list(finals) == ["0-1", "0-2"]
    assert len(live.finals) == 2
    over: set[str] = set()
    for event in live.events:
        if isinstance(event, Partial):
            assert event.utterance_id not in over
            stable = [word.text for word in event.stable]
            assert finals[event.utterance_id][: len(stable)] == stable
        elif isinstance(event, SpeechStarted):
            over |= {f"0-{number}" for number in range(1, int(event.utterance_id[2:]))}


@pytest.mark.parametrize("kind", [LivePath, InBatches])
def test_without_partials_finals_do_not_depend_on_when_answers_come(kind: type[LivePath]) -> None:
    """A pause commits nothing: under any load the words are those that the whole utterance gives."""
    heard = set()
    for delay in (1, 4, 9, 20, 60, 300):
        live = kind(new_session(SessionOptions(partials=False)), Wavering(), delay_frames=delay)
        live.stream(PAUSES, [1_600] * 200)
        assert all(not work.prefix_words for work in live.asked)
        heard.add(tuple(final.text for final in live.finals))

    assert len(heard) == 1


def test_a_recording_does_not_ask_for_pauses_that_are_over() -> None:
    """What paused and went on within one judgement costs nothing."""
    live = InBatches(new_session(), ScriptedEngine(), delay_frames=1_000_000)
    live.send(Audio(samples=np.tile(talk((0.05, 0.35), seconds=0.65), 30)[:, None]))

    waiting = [work for work in live.asked if work.final]
    assert len(waiting) <= len({work.utterance_id for work in waiting}) + 20 * 16_000 // (32 * VAD_FRAME)


def test_under_load_pauses_ask_for_nothing() -> None:
    """While partials are given up, finals are asked for at the end only."""
    live = path()
    live.session.receive_load(LoadLevel.FINALS_ONLY)
    live.stream(PAUSES, [1_600] * 200)

    assert live.partials == []
    assert len(live.asked) == len(live.finals) == 2


def test_a_final_that_fails_ahead_is_asked_for_again() -> None:
    """Nothing is lost by asking early."""
    session = new_session()
    live = LivePath(session, ScriptedEngine(), delay_frames=1_000_000)
    live.send(Audio(samples=MEETING[: 16_000 * 7 // 2, None]))
    (ahead,) = (work for work in live.asked if work.final)
    session.receive_result(WorkFailed(session_id="s", work_id=ahead.work_id, error=EngineFailed("x")), 0.0)
    live.send(Audio(samples=MEETING[16_000 * 7 // 2 : 16_000 * 4, None]))
    again = [work for work in live.asked if work.final][1:]

    assert [len(work.audio) for work in again] == [len(ahead.audio)]
    assert not any(isinstance(event, Warned) for event in live.events)


def test_completion_order_changes_nothing_of_the_finals() -> None:
    """Results may come back in any order; finals leave in utterance order with the same words."""
    expected = [final.text for final in _shuffled(0, ordered=True)]
    for seed in range(50):
        assert [final.text for final in _shuffled(seed)] == expected


def _shuffled(seed: int, *, ordered: bool = False) -> list[Final]:
    """Return the finals of a session without partials whose recognition results come back in random order."""
    chooser = random.Random(seed)
    session, engine, vad = new_session(SessionOptions(partials=False)), ScriptedEngine(), LoudnessVad()
    session.receive_command(Audio(samples=MEETING[:, None]), 0.0)
    session.receive_command(Finish(), 0.0)
    waiting: list[Transcribe] = []
    events = []
    while True:
        for work in session.work_to_do():
            if isinstance(work, DetectSpeech):
                session.receive_result(vad.run([work])[0], 0.0)
            else:
                waiting.append(work)
        events += session.events_to_send()
        if session.deadline() is None:
            return [event for event in events if isinstance(event, Final)]
        if waiting and not session._judging:
            work = waiting.pop(0 if ordered else chooser.randrange(len(waiting)))
            session.receive_result(answer(work, engine.run([work])[0]), 0.0)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_times_are_samples_of_the_declared_rate(rate: int) -> None:
    """A word's place on the session clock is where it was said, whatever the rate."""
    live = path(SessionOptions(audio=AudioFormat(sample_rate=rate)))
    live.stream(talk((1.0, 2.2), seconds=4.0, rate=rate), [rate // 50] * 400)
    (final,) = live.finals

    assert 0.85 < final.words[0].start / rate < 1.3  # type: ignore[operator]
    assert 1.9 < final.words[-1].end / rate < 2.5  # type: ignore[operator]
    assert Closed(error=None, at=4 * rate) == live.events[-1]


def test_flush_finalizes_everything_before_it() -> None:
    """`Flushed` follows every earlier final and names the clock; the rest goes on as if nothing had been."""
    live = path()
    live.send(Audio(samples=MEETING[:24_000, None]))
    live.send(Flush(flush_id="now"))
    live.stream(MEETING[24_000:], [1600] * 200)
    durable = [e for e in live.events if isinstance(e, Final | Flushed)]

    assert isinstance(durable[0], Final)
    assert (durable[1].flush_id, durable[1].at) == ("now", 24_000)  # type: ignore[union-attr]
    assert len(live.finals) == 4
    assert live.finals[1].start >= 24_000


def test_flush_in_silence_answers_at_once() -> None:
    """With nothing to wait for, `Flushed` needs no result."""
    live = path()
    live.send(Flush(flush_id="a"))

    assert [e.flush_id for e in live.events if isinstance(e, Flushed)] == ["a"]


def test_every_channel_is_a_track() -> None:
    """Interleaved channels go to the tracks in order, each with its name."""
    options = SessionOptions(audio=AudioFormat(channels=2), tracks=("Ana", "Budi"))
    live = path(options)
    left, right = talk((0.2, 1.5), seconds=5.0), talk((2.5, 4.0), seconds=5.0)
    live.send(Audio(samples=np.stack([left, right], axis=1)))
    live.stream(np.zeros(0, np.float32), [])

    assert [(final.speaker and final.speaker.name, final.track) for final in live.finals] == [("Ana", 0), ("Budi", 1)]
    assert (live.session.usage().session, live.session.usage().tracks) == (80_000, (80_000, 80_000))


def test_independent_tracks_have_clocks_of_their_own() -> None:
    """The session's clock is that of the longest track; a stereo minute is a minute."""
    options = SessionOptions(tracks=("a", "b"), independent_tracks=True)
    live = path(options)
    live.send(Audio(samples=talk((0.1, 1.0), seconds=2.0)[:, None], track=1))
    live.send(Audio(samples=talk(seconds=1.0)[:, None], track=0))
    live.stream(np.zeros(0, np.float32), [])
    usage = live.session.usage()

    assert (usage.session, usage.tracks) == (32_000, (16_000, 32_000))
    assert [final.speaker and final.speaker.name for final in live.finals] == ["b"]


def test_audio_for_no_track_is_refused() -> None:
    """Wrong track or channel count is the client's fault and costs nothing else."""
    session = new_session()
    with pytest.raises(UnexpectedMessage):
        session.receive_command(Audio(samples=np.zeros((10, 2), np.float32)), 0.0)
    with pytest.raises(UnexpectedMessage):
        session.receive_command(Audio(samples=np.zeros((10, 1), np.float32), track=3), 0.0)
    session.receive_command(Audio(samples=np.zeros((10, 1), np.float32)), 0.0)

    assert session.usage().session == 10


def test_quota_ends_the_session_at_the_sample_where_it_ended() -> None:
    """Granted audio is finished, no sample more is counted, and the client is told where."""
    live = path(granted_until=40_000)
    live.send(Audio(samples=MEETING[:, None]))
    assert live.session.wanted_until == len(MEETING)
    live.send(GrantAudio(until=60_000))
    live.send(EndQuota())
    live.stream(np.zeros(0, np.float32), [])
    closed = live.events[-1]

    assert isinstance(closed, Closed)
    assert isinstance(closed.error, QuotaExceeded)
    assert 60_000 == closed.at == live.session.usage().session
    assert [pytest.approx(f.end / 16_000, abs=0.4) for f in live.finals[:1]] + [4.6] == [3.0, 4.6]


def test_grant_lets_held_audio_and_finish_through() -> None:
    """A `Finish` behind audio that is not granted waits for it."""
    live = path(granted_until=0)
    live.send(Audio(samples=MEETING[:, None]))
    live.send(Finish())
    assert live.finals == []
    live.send(GrantAudio(until=None))
    live.stream(np.zeros(0, np.float32), [])

    assert len(live.finals) == 3


def test_client_that_sends_nothing_is_timed_out() -> None:
    """Idle time is counted from the last command, a keep-alive included."""
    session = new_session(limits=Limits(idle_seconds=30))
    session.receive_command(KeepAlive(), 20.0)
    session.receive_timeout(49.0)
    assert session.deadline() is not None
    session.receive_timeout(50.0)
    events = session.events_to_send()

    assert isinstance(events[-1], Closed)
    assert isinstance(events[-1].error, IdleTimeout)
    assert any(isinstance(event, Failed) for event in events)


def test_session_has_a_longest_duration() -> None:
    """What fits is finished; the rest is not taken."""
    live = path(limits=Limits(max_session_seconds=5))
    live.send(Audio(samples=MEETING[:, None]))
    live.stream(np.zeros(0, np.float32), [])
    closed = live.events[-1]

    assert isinstance(closed, Closed)
    assert isinstance(closed.error, SessionTooLong)
    assert (closed.at, len(live.finals)) == (80_000, 2)


def test_failed_final_is_said_aloud() -> None:
    """A final that cannot be made is a warning with its place, never silence; later finals still come."""
    live = LivePath(new_session(), ScriptedEngine(fail_on=lambda item: item.final and item.utterance_id.endswith("2")))
    live.stream(MEETING, [1600] * 200)

    assert [e.code for e in live.events if isinstance(e, Warned)] == ["engine_failed"]
    assert [final.utterance_id for final in live.finals if len(final.words) > 0] == ["0-1", "0-3"]


def test_broken_vad_ends_the_session_honestly() -> None:
    """Without speech detection nothing can be heard: the session fails and says so."""
    session = new_session()
    session.receive_command(Audio(samples=MEETING[:1000, None]), 0.0)
    (work,) = session.work_to_do()
    session.receive_result(WorkFailed(session_id="s", work_id=work.work_id, error=EngineFailed("no")), 0.0)
    events = session.events_to_send()

    assert isinstance(events[-1], Closed)
    assert isinstance(events[-1].error, EngineFailed)


def test_dropped_partial_frees_its_place() -> None:
    """After a partial was dropped the next one is asked for."""
    session, vad = new_session(), LoudnessVad()
    session.receive_command(Audio(samples=MEETING[:32_000, None]), 0.0)
    asked = []
    for _ in range(4):
        for work in session.work_to_do():
            if isinstance(work, DetectSpeech):
                session.receive_result(vad.run([work])[0], 0.0)
            else:
                asked.append(work.work_id)
                session.receive_result(WorkDropped(session_id="s", work_id=work.work_id), 0.0)
        session.receive_command(Audio(samples=MEETING[32_000:40_000, None]), 0.0)

    assert len(asked) > 1


def test_results_for_unknown_work_are_dropped() -> None:
    """Nothing happens, whatever they say."""
    session = new_session()
    session.events_to_send()
    session.receive_result(WorkDropped(session_id="s", work_id=99), 0.0)

    assert session.events_to_send() == []


def test_lag_is_told_when_its_level_changes() -> None:
    """A final that nobody answers is lag; when the answer comes the client hears that too."""
    session, vad = new_session(limits=Limits(behind_ms=2_000)), LoudnessVad()
    session.receive_command(Audio(samples=MEETING[:64_000, None]), 0.0)
    finals = []
    for _ in range(3):
        for work in session.work_to_do():
            if isinstance(work, DetectSpeech):
                session.receive_result(vad.run([work])[0], 0.0)
            else:
                finals.append(work)
    session.receive_timeout(3.0)
    behind = [event for event in session.events_to_send() if isinstance(event, LagChanged)]
    for work in finals:
        session.receive_result(answer(work, ScriptedEngine().run([work])[0]), 4.0)
    session.receive_timeout(5.5)
    better = [event for event in session.events_to_send() if isinstance(event, LagChanged)]

    assert [(event.level, event.lag_ms) for event in behind] == [("behind", 3_000)]
    assert [(event.level, event.lag_ms) for event in better] == [("ok", 0)]


def test_usage_is_told_on_the_way_and_at_the_end() -> None:
    """Cumulative, every ten seconds of audio, and once more with `last`."""
    live = path()
    live.stream(MEETING, [1600] * 200)
    told = [event for event in live.events if isinstance(event, Usage)]

    assert [(event.session, event.last) for event in told] == [(160_000, False), (192_000, True)]
    assert 0 < told[-1].speech < told[-1].session


def test_commands_after_the_end_are_ignored() -> None:
    """A microphone may deliver one block more."""
    live = path()
    live.stream(MEETING, [16_000] * 20)
    count = len(live.events)
    live.send(Audio(samples=MEETING[:100, None]))

    assert (count, len(MEETING)) == (len(live.events), live.session.usage().session)


def test_speech_never_exceeds_what_was_received() -> None:
    """The last frame is filled up for the detector; what was filled in is nobody's speech."""
    live = path()
    live.stream(talk((0.0, 1.01), seconds=1.01), [1600] * 20)
    usage = live.session.usage()

    assert 0 < usage.speech <= usage.session == 16_160
