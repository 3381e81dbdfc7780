"""Options that change in mid-session hold for what is said from there on, and for nothing before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import IdleTimeout
from stream_server.events import Audio, ChangeOptions, Closed, NothingSaid, Samples
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
