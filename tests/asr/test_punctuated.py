"""An engine without marks and a punctuation model are one engine with marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stream_server.asr.engine import Capabilities
from stream_server.asr.punctuated import PunctuatedEngine
from stream_server.asr.punctuator import Punctuator
from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import EngineFailed
from stream_server.work import ENGINE_RATE, Hypothesis, HypothesisWord, Transcribe
from tests.asr.made_punctuator import punctuator

TABLE = {"done": ".", "well": ",", "who": "?"}


class Typist:
    """An engine that hears the words of which it is told, behind those that were committed."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.asked: list[Transcribe] = []
        self.closed = False

    @property
    def capabilities(self) -> Capabilities:
        """Describe an engine without marks."""
        return ScriptedEngine(punctuates=False).capabilities

    def warm_up(self) -> None:
        """Do nothing."""

    def bucket(self, item: Transcribe) -> object:
        """Tell windows apart by what was committed."""
        return item.prefix_words

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Hear the words, or fail where there is no audio."""
        self.asked += batch
        return [
            EngineFailed("silence")
            if not len(item.audio)
            else Hypothesis(
                words=tuple(HypothesisWord(text=text, tokens=(), probability=0.9) for text in self.words),
                language=item.language or "en",
            )
            for item in batch
        ]

    def close(self) -> None:
        """Note it."""
        self.closed = True


def window(*prefix: str, seconds: int = 1, language: str = "en", participants: tuple[str, ...] = ()) -> Transcribe:
    """Ask for a window's words."""
    audio = np.zeros(seconds * ENGINE_RATE, np.float32)
    return Transcribe(
        session_id="s", work_id=0, track=0, utterance_id="u", audio=audio, start=0, final=True,
        language=language, prefix_words=prefix, participants=participants,
    )  # fmt: skip


def texts(engine: PunctuatedEngine, item: Transcribe) -> list[str]:
    """Return the words that are heard."""
    (outcome,) = engine.run([item])
    assert isinstance(outcome, Hypothesis)
    return [word.text for word in outcome.words]


def test_words_get_marks_and_capitals(tmp_path: Path) -> None:
    """Where the model tells marks alone, names and sentences get their capitals all the same."""
    engine = PunctuatedEngine(
        Typist("well", "i", "am", "done", "who", "is", "anna"), Punctuator(punctuator(tmp_path, TABLE))
    )
    assert engine.capabilities.punctuates
    assert texts(engine, window()) == ["Well,", "I", "am", "done.", "Who?", "Is", "Anna"]
    assert texts(engine, window(language="de"))[:3] == ["Well,", "i", "am"]


def test_who_takes_part_gets_capitals(tmp_path: Path) -> None:
    """Behind a model that tells marks alone the names of participants are written as announced."""
    engine = PunctuatedEngine(Typist("rina", "mcdonald", "met", "rina"), Punctuator(punctuator(tmp_path, TABLE)))
    assert texts(engine, window("rina", participants=("Rina McDonald",))) == ["rina", "McDonald", "met", "Rina"]


def test_the_model_may_tell_capitals(tmp_path: Path) -> None:
    """Then it alone does."""
    model = punctuator(tmp_path, {"tv": "UPPER", "anna": "Upper_."}, labels=("lower", "UPPER", "Upper_."))
    engine = PunctuatedEngine(Typist("so", "tv", "anna"), Punctuator(model))
    assert texts(engine, window()) == ["so", "TV", "Anna."]


def test_committed_words_keep_their_marks(tmp_path: Path) -> None:
    """The engine is given them bare, as it hears them; what was shown is not marked anew."""
    typist = Typist("we", "are", "done", "well")
    engine = PunctuatedEngine(typist, Punctuator(punctuator(tmp_path, TABLE)))
    assert texts(engine, window("We", "are,", "done")) == ["We", "are,", "done", "well,"]
    assert typist.asked[0].prefix_words == ("we", "are", "done")
    assert engine.bucket(window("We,")) == ("we",)


def test_failures_pass_through(tmp_path: Path) -> None:
    """An item that failed has failed; words that are nothing are left."""
    typist = Typist("", "done")
    engine = PunctuatedEngine(typist, Punctuator(punctuator(tmp_path, TABLE)))
    engine.warm_up()
    good, bad = engine.run([window(), window(seconds=0)])
    assert isinstance(good, Hypothesis)
    assert isinstance(bad, EngineFailed)
    engine.close()
    assert typist.closed
