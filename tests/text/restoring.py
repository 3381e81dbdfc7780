"""Marks and capitals of a text against those it should have: the meetings of `meetings/`, and the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import numpy as np
from faster_whisper.audio import decode_audio

from stream_server.asr.engine import Engine
from stream_server.sample import sample_meeting
from stream_server.text.formatting import PLAIN, Formatting
from stream_server.text.tokens import passage_of
from stream_server.work import ENGINE_RATE, Hypothesis, Transcribe
from tests.text.once import format_passage

FOLDER = Path(__file__).with_name("meetings")

MEETINGS = {"en_spoken": "en", "en_heard": "en", "id": "id", "en_later": "en", "id_later": "id"}
"""The language of each; `meetings/README.md` says what they are."""

MARKS = ",.?"

QUIET_SECONDS = 0.3
"""Around a turn, as a session keeps it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said: the words as they are to be written, and the silence in front of each, in seconds."""

    words: tuple[str, ...]
    pauses: tuple[float, ...]

    @property
    def bare(self) -> list[str]:
        """Return the words as an engine without marks writes them."""
        return [bare(word) for word in self.words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many marks are right, of those set and of those due; and words whose capitals are, of all that are there.

    A mark is right behind the right word if it is the same; a capital is right where one is due.
    """

    marks_right: int
    marks_set: int
    marks_due: int
    words_right: int
    words: int
    capitals_right: int
    capitals_set: int
    capitals_due: int

    @property
    def marks_f1(self) -> float:
        """Return the harmonic mean of the precision and the recall of marks."""
        return 2 * self.marks_right / (self.marks_set + self.marks_due)

    @property
    def capitals_f1(self) -> float:
        """Return the same of capitals."""
        return 2 * self.capitals_right / (self.capitals_set + self.capitals_due)

    @property
    def capitals_accuracy(self) -> float:
        """Return which part of the words has the capitals it should have, small letters included."""
        return self.words_right / self.words


def meeting(name: str) -> list[Turn]:
    """Return the turns of a meeting."""
    return [_turn(line) for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()]


def spoken_by_one(turns: Sequence[Turn]) -> Turn:
    """Return the turns of the sample meeting as one, with the silences between them: nobody is told apart."""
    told = sample_meeting().turns
    gaps = [0.0, *(after.start - before.end for before, after in pairwise(told))]
    words = tuple(word for turn in turns for word in turn.words)
    return Turn(words, tuple(pause for gap, turn in zip(gaps, turns, strict=True) for pause in (gap, *turn.pauses[1:])))


def restored(turn: Turn, language: str, formatting: Formatting = PLAIN) -> list[str]:
    """Return what is made of a turn's bare words and pauses."""
    heard = passage_of(turn.bare, list(turn.pauses))
    return [token.text for token in format_passage(heard, formatting, language, raw=True).tokens]


def passed(words: Sequence[str], language: str, formatting: Formatting = PLAIN) -> list[str]:
    """Return what is made of the words of an engine that punctuates."""
    return [token.text for token in format_passage(passage_of(words), formatting, language).tokens]


def heard_meeting(engine: Engine) -> list[list[str]]:
    """Return the words that an engine hears in each turn of the sample meeting."""
    told = sample_meeting()
    audio = decode_audio(str(told.audio), sampling_rate=ENGINE_RATE)
    quiet = round(QUIET_SECONDS * ENGINE_RATE)
    items = []
    for number, turn in enumerate(told.turns):
        start, end = round(turn.start * ENGINE_RATE), round(turn.end * ENGINE_RATE)
        samples = np.concatenate([np.zeros(quiet), audio[start:end], np.zeros(quiet)]).astype(np.float32)
        items.append(
            Transcribe(
                session_id="",
                work_id=number,
                track=0,
                utterance_id="",
                audio=samples,
                start=0,
                final=True,
                language="en",
            )
        )
    outcomes = [outcome for item in items for outcome in engine.run([item])]
    return [[word.text for word in each.words] for each in outcomes if isinstance(each, Hypothesis)]


def score(due: Sequence[str], written: Sequence[str]) -> Score:
    """Compare words with those they should be; what is another word has its marks and capitals wrong."""
    pairs = list(_pairs(due, written))
    both = [(a, b) for a, b in pairs if a and b]
    return Score(
        marks_right=sum(_mark(a) == _mark(b) != "" for a, b in both),
        marks_set=sum(_mark(b) != "" for _, b in pairs),
        marks_due=sum(_mark(a) != "" for a, _ in pairs),
        words_right=sum(_core(a) == _core(b) for a, b in both),
        words=len(both),
        capitals_right=sum(_has_capital(a) and _has_capital(b) for a, b in both),
        capitals_set=sum(_has_capital(b) for _, b in pairs),
        capitals_due=sum(_has_capital(a) for a, _ in pairs),
    )


def bare(word: str) -> str:
    """Return a word in small letters, without the marks around it."""
    return _core(word).lower()


def _turn(line: str) -> Turn:
    words, pauses, pause = [], [], 0.0
    for item in line.split()[1:]:
        if item[0] == "<":
            pause = float(item[1:-1])
        else:
            words.append(item)
            pauses.append(pause)
            pause = 0.0
    return Turn(tuple(words), tuple(pauses))


def _pairs(due: Sequence[str], written: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return the same words of both side by side; "" for the other where only one has it."""
    matcher = SequenceMatcher(None, [bare(word) for word in due], [bare(word) for word in written], autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(due[a:a_end], written[b:b_end], strict=True)
        else:
            yield from ((word, "") for word in due[a:a_end])
            yield from (("", word) for word in written[b:b_end])


def _mark(word: str) -> str:
    return word[-1] if word and word[-1] in MARKS else ""


def _core(word: str) -> str:
    return word.strip(MARKS + "!;:\"'")


def _has_capital(word: str) -> bool:
    return any(character.isupper() for character in word)
