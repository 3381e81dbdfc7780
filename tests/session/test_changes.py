"""Options that change in mid-session hold for what is said from there on, and for nothing before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import IdleTimeout
from stream_server.events import (
    Audio,
    ChangeOptions,
    Closed,
    Final,
    Flush,
    Flushed,
    NothingSaid,
    Samples,
    SpeechStarted,
)
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from stream_server.work import Hypothesis, Transcribe
from tests.live_path import LivePath, new_session

SECOND = 16_000


class Mute(ScriptedEngine):
    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        return [Hypothesis(words=(), language="en", no_speech_probability=0.99) for _ in batch]


def sounds(*lengths_ms: int, pause_ms: int = 400) -> Samples:
    """Return noises of these lengths, each followed by a pause."""
    noise = np.random.default_rng(1)
    pieces = [
        piece for length in lengths_ms for piece in (noise.uniform(-0.5, 0.5, length * 16), np.zeros(pause_ms * 16))
    ]
    return np.concatenate(pieces).astype(np.float32)


def test_words_to_expect_change_with_the_next_utterance() -> None:
    """Language, its candidates, hotwords and context are those that held when the utterance began."""
    live = LivePath(new_session(SessionOptions(language="en")), ScriptedEngine())
    live.send(Audio(samples=sounds(900, pause_ms=1_000)[:, None]))
    live.send(ChangeOptions(language="", languages=("id", "de"), hotwords="Budi", context="Selamat."))
    live.stream(sounds(900, pause_ms=1_000), [SECOND])

    finals = [work for work in live.asked if work.final]
    assert [(w.language, w.languages, w.hotwords, w.context) for w in finals] == [
        ("en", (), "", ""),
        (None, ("id", "de"), "Budi", "Selamat."),
    ]


def test_the_silence_that_ends_an_utterance_changes() -> None:
    """Pauses of 400 ms are bridged with a second of patience and end utterances with 200 ms."""
    live = LivePath(new_session(SessionOptions(endpointing_ms=1_000)), ScriptedEngine())
    live.send(Audio(samples=sounds(600, 600, 600)[:, None]))
    live.send(Audio(samples=np.zeros((SECOND, 1), np.float32)))
    assert len(live.finals) == 1
    live.send(ChangeOptions(endpointing_ms=200))
    live.stream(sounds(600, 600, 600), [SECOND])

    assert len(live.finals) == 4


def test_a_client_that_may_idle_is_not_timed_out() -> None:
    """Where the wire knows no keep-alive, silence on it says nothing: pings do."""
    patient, other = (
        new_session(SessionOptions(may_idle=may_idle), Limits(idle_seconds=30)) for may_idle in (True, False)
    )
    for session in (patient, other):
        session.receive_timeout(10_000.0)

    assert not any(isinstance(event, Closed) for event in patient.events_to_send())
    closed = other.events_to_send()[-1]
    assert isinstance(closed, Closed)
    assert isinstance(closed.error, IdleTimeout)


def test_what_could_not_be_recognised_is_told_from_what_had_no_words() -> None:
    """Both end an utterance without a final; only one of them failed."""
    failing = LivePath(new_session(SessionOptions(partials=False)), ScriptedEngine(fail_on=lambda item: item.final))
    failing.stream(sounds(900, pause_ms=1_000), [SECOND])
    wordless = LivePath(new_session(SessionOptions(partials=False)), Mute())
    wordless.stream(sounds(900, pause_ms=1_000), [SECOND])

    ended = [[e.failed for e in live.events if isinstance(e, NothingSaid)] for live in (failing, wordless)]
    assert ended == [[True], [False]]


def test_what_is_not_named_stays() -> None:
    """A change of one option leaves the others; an empty language and empty candidates are changes too."""
    options = SessionOptions(language="en", hotwords="Budi", context="Selamat.", endpointing_ms=700)
    live = LivePath(new_session(options), ScriptedEngine())
    live.send(ChangeOptions(hotwords="Ana"))
    assert live.session.options == replace(options, hotwords="Ana")
    live.send(ChangeOptions(language="", languages=("id",)))
    assert live.session.options == replace(options, hotwords="Ana", language=None, languages=("id",))
    live.send(ChangeOptions(languages=()))
    assert live.session.options == replace(options, hotwords="Ana", language=None)


def test_a_change_in_mid_speech_leaves_the_utterance_that_goes_on() -> None:
    """Its partials and its final are asked for with what held when it began."""
    live = LivePath(new_session(SessionOptions(language="en", hotwords="Ana")), ScriptedEngine())
    sound = sounds(3_000, pause_ms=1_000)
    live.send(Audio(samples=sound[:SECOND, None]))
    live.send(ChangeOptions(language="de", hotwords="Budi"))
    live.send(Audio(samples=sound[SECOND:, None]))
    before = len(live.asked)
    live.stream(sounds(900, pause_ms=1_000), [SECOND])

    assert {(work.language, work.hotwords) for work in live.asked[:before]} == {("en", "Ana")}
    assert {(work.language, work.hotwords) for work in live.asked[before:]} == {("de", "Budi")}


def test_nothing_said_stands_in_its_place_among_finals() -> None:
    """Every utterance ends with one or the other, in order, and a flush is answered behind both."""
    engine = ScriptedEngine(fail_on=lambda item: item.utterance_id.endswith("-2"))
    live = LivePath(new_session(SessionOptions(partials=False)), engine)
    live.send(Audio(samples=sounds(900, 900, 900, pause_ms=1_000)[:, None]))
    live.send(Flush(flush_id="f"))
    live.stream(np.zeros(SECOND, np.float32), [SECOND])

    ended = [event for event in live.events if isinstance(event, Final | NothingSaid | Flushed)]
    assert [type(event) for event in ended] == [Final, NothingSaid, Final, Flushed]
    started = [event.utterance_id for event in live.events if isinstance(event, SpeechStarted)]
    assert [event.utterance_id for event in ended if isinstance(event, Final | NothingSaid)] == started
