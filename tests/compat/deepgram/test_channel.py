"""Results of a channel follow each other without gap or overlap, and nothing final is said twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.compat.deepgram.channel import LONG_SECONDS, Channel, Heard
from stream_server.events import Final, NothingSaid, Partial, Samples, Silence, SpeechEnded, SpeechStarted, Word
from stream_server.session.options import SessionOptions
from stream_server.text.formatter import join
from tests.live_path import LivePath, new_session

SECOND = 16_000


def sound(seconds: float) -> Samples:
    """Return something loud."""
    return np.random.default_rng(1).uniform(-0.5, 0.5, round(seconds * SECOND)).astype(np.float32)


def quiet(seconds: float) -> Samples:
    """Return silence."""
    return np.zeros(round(seconds * SECOND), np.float32)


def results(live: LivePath, channel: Channel | None = None) -> list[Heard]:
    """Return what a channel makes of a session's events."""
    channel = channel or Channel(rate=SECOND)
    heard: list[Heard] = []
    for event in live.events:
        match event:
            case SpeechStarted():
                channel.started(event)
            case SpeechEnded():
                channel.ended(event)
            case Partial():
                heard += channel.partial(event)
            case Final():
                heard += channel.final(event)
            case NothingSaid():
                heard += channel.nothing_said(event, announced=False)
    return heard


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("seconds", [2.0, 9.0, 19.0])
def test_finals_say_every_word_once_and_in_place(seed: int, seconds: float) -> None:
    """However long somebody speaks: ranges meet, words lie in them, and joined they are the session's finals."""
    live = LivePath(new_session(SessionOptions()), ScriptedEngine(), delay_frames=1 + 7 * seed)
    cuts = np.random.default_rng(seed).integers(100, 4_000, 2_000)
    live.stream(np.concatenate([quiet(0.5), sound(seconds), quiet(1.5), sound(1.2), quiet(1)]), cuts.tolist())
    heard = results(live)
    finals = [each for each in heard if each.is_final]

    assert [each.start for each in finals] == [0, *(each.end for each in finals[:-1])]
    said = [(word.text, word.start, word.end) for each in finals for word in each.words]
    assert said == [(word.text, word.start, word.end) for final in live.finals for word in final.words]
    assert all(
        each.start <= (word.start or 0) and (word.end or 0) <= each.end for each in finals for word in each.words
    )
    assert [each.speech_final for each in finals].count(True) == 2


def test_long_speech_is_final_in_pieces() -> None:
    """Nobody waits for a word much longer than the vendor makes one wait."""
    live = LivePath(new_session(SessionOptions()), ScriptedEngine(), delay_frames=1)
    live.stream(np.concatenate([sound(18), quiet(1)]), [1_600] * 400)
    finals = [each for each in results(live) if each.is_final]

    assert len(finals) > 2
    assert all(each.end - each.start <= 2 * LONG_SECONDS * SECOND for each in finals)
    assert [each.speech_final for each in finals] == [False] * (len(finals) - 1) + [True]


def test_interim_results_replace_each_other_from_the_last_final_on() -> None:
    """Each begins where the finals end, and reaches as far as was heard."""
    live = LivePath(new_session(SessionOptions()), ScriptedEngine(), delay_frames=1)
    live.stream(np.concatenate([sound(14), quiet(1)]), [1_600] * 400)
    end = 0
    for each in results(live):
        assert each.start == end
        end = each.end if each.is_final else end


def test_a_cut_in_mid_speech_ends_no_speech() -> None:
    """Who takes turns by `speech_final` is not told that somebody has paused when nobody has."""
    live = LivePath(new_session(SessionOptions(max_utterance_seconds=6)), ScriptedEngine())
    live.stream(np.concatenate([sound(16), quiet(1)]), [1_600] * 400)
    finals = [each for each in results(live) if each.is_final]

    assert [each.speech_final for each in finals] == [False] * (len(finals) - 1) + [True]


def test_without_endpointing_speech_is_never_over() -> None:
    """Words become final all the same."""
    live = LivePath(new_session(SessionOptions()), ScriptedEngine())
    live.stream(np.concatenate([sound(2), quiet(1), sound(2), quiet(1)]), [1_600] * 400)
    finals = [each for each in results(live, Channel(rate=SECOND, endpointing=False)) if each.is_final]

    assert len(finals) == 2
    assert not any(each.speech_final for each in finals)


def test_speech_goes_on_after_a_cut() -> None:
    """The second half of a sentence is no new beginning of speech."""
    channel = Channel(rate=SECOND)
    assert channel.started(SpeechStarted(track=0, utterance_id="a", at=0))
    channel.ended(SpeechEnded(track=0, utterance_id="a", at=9, cut=True))
    assert not channel.started(SpeechStarted(track=0, utterance_id="b", at=9))
    channel.ended(SpeechEnded(track=0, utterance_id="b", at=20))
    assert channel.started(SpeechStarted(track=0, utterance_id="c", at=30))


@pytest.mark.parametrize("shown", [True, False])
def test_what_was_shown_and_came_to_nothing_is_taken_back(shown: bool) -> None:
    """An empty final replaces the interim result; what nobody saw needs none."""
    channel = Channel(rate=SECOND)
    channel.started(SpeechStarted(track=0, utterance_id="a", at=0))
    if shown:
        channel.partial(partial("hm"))
    channel.ended(SpeechEnded(track=0, utterance_id="a", at=900))
    taken_back = channel.nothing_said(NothingSaid(track=0, utterance_id="a"), announced=False)

    assert [(each.words, each.is_final, each.end) for each in taken_back] == ([((), True, 900)] if shown else [])


def partial(text: str) -> Partial:
    """Return a partial of one word."""
    word = Word(text=text, spoken=text, start=None, end=None, confidence=0.5)
    return Partial(
        sequence=0,
        track=0,
        utterance_id="a",
        start=0,
        end=800,
        stable=(),
        tentative=(word,),
        stable_text="",
        tentative_text=text,
        language="en",
        lag_ms=0,
    )


def test_hidden_words_are_nothing_said() -> None:
    """Silence is told from the last word that is shown; fillers alone neither are seen nor need to be over."""
    words = [Word(text=text, spoken="uh", start=at, end=at + 9, confidence=1) for at, text in ((0, "Yes."), (20, ""))]
    channel = Channel(rate=SECOND, endpointing=False)
    assert channel.partial(_partial(words[1:])) == []
    channel.final(_final(words))
    channel.silent(Silence(track=0, utterance_id="u", since=29, at=SECOND))
    assert (channel.utterance_end(), channel.talking) == (9, True)
    channel = Channel(rate=SECOND, endpointing=False)
    channel.final(_final(words[1:]))
    assert (channel.last_word_end, channel.talking) == (None, False)
    assert len(channel.partial(_partial(words[:1]))) == len(channel.partial(_partial(words[1:]))) == 1


def _partial(words: Sequence[Word]) -> Partial:
    text = join(word.text for word in words)
    return Partial(
        sequence=0, track=0, utterance_id="u", start=0, end=30, stable=(), tentative=tuple(words), stable_text="",
        tentative_text=text, language="en", lag_ms=0,
    )  # fmt: skip


def _final(words: Sequence[Word]) -> Final:
    return Final(
        sequence=1, track=0, speaker=None, utterance_id="u", start=0, end=30, words=tuple(words),
        text=join(word.text for word in words), language="en", lag_ms=0,
    )  # fmt: skip
