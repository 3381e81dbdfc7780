"""A deterministic engine without a model: shipped for tests of everything around recognition and for client builders.

The track's clock is cut into slots of 300 ms. A slot of which the window holds more than half, not silent, is one word;
which word depends on the slot's place on the clock alone. So partials grow, finals agree with them, and the same audio
cut into any frames gives the same words. It costs microseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from stream_server.asr.engine import Capabilities
from stream_server.errors import EngineFailed
from stream_server.work import ENGINE_RATE, Hypothesis, HypothesisWord, Transcribe

SLOT_SAMPLES = 300 * ENGINE_RATE // 1000
LOUD = 0.01
"""Peak above which a slot counts as spoken."""

STRIDE = 16
"""Only every sixteenth sample of the clock is looked at, to stay cheap with hundreds of sessions."""

VOCABULARIES = {
    "en": ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima"),
    "id": ("apel", "bambu", "cemara", "delima", "embun", "fajar", "hutan", "intan", "jambu", "kelapa", "lontar"),
    "de": ("Anton", "Berta", "Cäsar", "Dora", "Emil", "Friedrich", "Gustav", "Heinrich", "Ida", "Julius", "Kaufmann"),
}
"""By language; words that are written as they are said, so that whoever counts words finds each as it was heard."""


class ScriptedEngine:
    """Make up words from where there is sound.

    `cost_seconds` is slept per batch. With `wobble` the last word of a partial changes with the length of the window.
    One that does not claim that it `punctuates` has its words punctuated by the server.
    An item for which `fail_on` is true fails; a batch that holds one for which `break_on` is true fails as a whole.
    """

    def __init__(
        self,
        *,
        cost_seconds: float = 0.0,
        wobble: bool = False,
        punctuates: bool = True,
        fail_on: Callable[[Transcribe], bool] | None = None,
        break_on: Callable[[Transcribe], bool] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cost_seconds = cost_seconds
        self._wobble = wobble
        self._punctuates = punctuates
        self._fail_on = fail_on
        self._break_on = break_on
        self._sleep = sleep

    @property
    def capabilities(self) -> Capabilities:
        """Describe the engine; it claims every language it has words for."""
        return Capabilities(
            engine="scripted",
            model="scripted",
            device="cpu",
            compute_type="none",
            languages=tuple(VOCABULARIES),
            detects_language=True,
            word_times=True,
            hotwords=False,
            translates=True,
            punctuates=self._punctuates,
            max_window_seconds=30.0,
            max_batch=64,
        )

    def warm_up(self) -> None:
        """Do nothing: there is no model."""

    def bucket(self, item: Transcribe) -> object:  # noqa: ARG002  (the contract's shape)
        """Let finals and partials share any batch."""
        return "any"

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Return the words of each window; raise `EngineFailed` when told to break."""
        if self._cost_seconds:
            self._sleep(self._cost_seconds)
        if self._break_on is not None and any(self._break_on(item) for item in batch):
            raise EngineFailed("scripted breakdown")
        return [self._outcome(item) for item in batch]

    def close(self) -> None:
        """Do nothing: there is no model."""

    def _outcome(self, item: Transcribe) -> Hypothesis | Exception:
        if self._fail_on is not None and self._fail_on(item):
            return EngineFailed("scripted failure")
        language = _language(item)
        slots = spoken_slots(item)
        heard = [_word(slot, item, language) for slot in slots]
        kept = [_kept(text, place, heard) for place, text in enumerate(item.prefix_words)]
        words = kept + heard[len(kept) :]
        if self._wobble and not item.final and len(words) > len(kept):
            words[-1] = _wobbled(words[-1], len(item.audio))
        return Hypothesis(
            words=tuple(words),
            language=language,
            average_log_probability=-0.1,
            no_speech_probability=0.0 if slots else 0.99,
        )


def spoken_slots(item: Transcribe) -> list[int]:
    """Return the numbers of those slots of the track's clock that are not silent and more than half in the window."""
    first = item.start // SLOT_SAMPLES
    end = item.start + len(item.audio)
    thinned = np.abs(item.audio[-item.start % STRIDE :: STRIDE])
    origin = item.start + (-item.start % STRIDE)
    slots = []
    for slot in range(first, -(-end // SLOT_SAMPLES)):
        begin, stop = max(slot * SLOT_SAMPLES, item.start), min((slot + 1) * SLOT_SAMPLES, end)
        if 2 * (stop - begin) <= SLOT_SAMPLES:
            continue
        piece = thinned[-(-(begin - origin) // STRIDE) : -(-(stop - origin) // STRIDE)]
        if piece.size and piece.max() > LOUD:
            slots.append(slot)
    return slots


def _language(item: Transcribe) -> str:
    return item.language or (item.languages[0] if item.languages else "en")


def _word(slot: int, item: Transcribe, language: str) -> HypothesisWord:
    vocabulary = VOCABULARIES.get("en" if item.translate else language, VOCABULARIES["en"])
    start = max(0, slot * SLOT_SAMPLES - item.start)
    end = min(len(item.audio), (slot + 1) * SLOT_SAMPLES - item.start)
    text = vocabulary[slot % len(vocabulary)]
    timed = (start, end) if item.timed else (None, None)
    return HypothesisWord(text=text, tokens=(), probability=0.9, start=timed[0], end=timed[1])


def _kept(text: str, place: int, heard: list[HypothesisWord]) -> HypothesisWord:
    """Keep a committed word, timed by what was heard in its place."""
    timing = heard[place] if place < len(heard) else (heard[-1] if heard else None)
    start, end = (timing.start, timing.end) if timing is not None else (None, None)
    return HypothesisWord(text=text, tokens=(), probability=0.9, start=start, end=end)


def _wobbled(word: HypothesisWord, samples: int) -> HypothesisWord:
    return HypothesisWord(
        text=f"{word.text}{samples // STRIDE % 3}", tokens=(), probability=0.3, start=word.start, end=word.end
    )
