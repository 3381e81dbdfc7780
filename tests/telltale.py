"""An engine that hears secrets, whatever is said to it: a script, a word for each slot of 300 ms; and the sound of it.

Its partials grow as recognition's do: the last word of a window is half heard, and groups of digits with it.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from stream_server.asr.engine import Capabilities
from stream_server.asr.scripted import SLOT_SAMPLES, spoken_slots
from stream_server.text.redaction.kinds import passes_luhn
from stream_server.work import ENGINE_RATE, Hypothesis, HypothesisWord, Transcribe
from tests.child_server import Pcm, meeting

CARD = next(f"529487306217953{last}" for last in "0123456789" if passes_luhn(f"529487306217953{last}"))
PHONE = "085734962718"
NIK = "3275094683157029"
NUMBERS = (CARD, PHONE, NIK)
NAMES = ("Ratna Kusumawati", "Bill Hendriksen")
WORDS = ("Ratna", "Kusumawati", "Bill", "Hendriksen", "rahasia.sekali", "sekali")
"""Of secrets that are no numbers: names, and a mailbox."""

SECRETS = (*NUMBERS, *WORDS)

PAUSE_SLOTS = 5
"""Long enough to end an utterance."""

_FIGURES = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def in_words(digits: str, words: Sequence[str] = _FIGURES) -> str:
    """Return digits as they are said one by one."""
    return " ".join(words[int(digit)] for digit in digits)


def grouped(digits: str, size: int, between: str = " ") -> str:
    """Return digits in groups."""
    return between.join(digits[at : at + size] for at in range(0, len(digits), size))


UTTERANCES = (
    "Selamat pagi semua hari ini kita bahas tiga hal",
    f"my card is {grouped(CARD, 4)} thank you",
    f"kartu saya {grouped(CARD, 4, '-')} ya",
    f"Nomor saya {in_words(PHONE)} terima kasih",
    f"call {in_words(PHONE, _ENGLISH)} please",
    f"NIK saya {in_words(NIK[:6])} eh {in_words(NIK[6:12])} anu {in_words(NIK[12:])} itu",
    f"NIK {NIK}.",
    f"nomornya{PHONE} tadi",
    # read with pauses, each an utterance of its own
    *(f"my number is {CARD[:4]}", CARD[4:8], f"{in_words(CARD[8:12])}", f"{grouped(CARD[12:], 2, ', ')} that is it"),
    *(f"kartu {in_words(CARD[0])}", *(in_words(digit) for digit in CARD[1:7]), f"{in_words(CARD[7:9])} itu saja"),
    f"nomor {grouped(PHONE, 2)} atau {grouped(PHONE, 3, ', ')} atau {grouped(PHONE, 1, '-')} begitu",
    f"surel rahasia.sekali at gmail titik com milik {NAMES[0]} dan {NAMES[1]}'s friend Ratna",
    "kirim ke rahasia titik sekali at example dot com hari ini",
    *("surelnya rahasia titik sekali", "at example dot com terima kasih", "atau rahasia.sekali", "at gmail"),
    *("please ask Bill", "Hendriksen about it"),
    f"my card is ${grouped(CARD, 4, ' $')} again",
    f"kartu saya {grouped(CARD, 4, '% ')}% begitu",
    f"{in_words(CARD[:5])} lalu {CARD[5:9]} {in_words(CARD[9:], _ENGLISH)} terus kita lanjut",
    f"{CARD[:4]}, {CARD[4:8]}. {CARD[8:12]}, eh {CARD[12:]}.",
    "Sekian dari saya terima kasih banyak",
)


class TellTale:
    """Hear the script: which word, depends on the place on the track's clock alone.

    One that does not claim that it `punctuates` has its words punctuated by the server. Where nobody says what is
    spoken, it hears `language`.
    """

    _CAPABILITIES = Capabilities(
        engine="telltale",
        model="telltale",
        device="cpu",
        compute_type="none",
        languages=("id", "en"),
        detects_language=True,
        word_times=True,
        hotwords=False,
        translates=False,
        punctuates=True,
        max_window_seconds=30.0,
        max_batch=64,
    )

    def __init__(self, *, punctuates: bool = True, language: str = "id") -> None:
        self.capabilities = replace(self._CAPABILITIES, punctuates=punctuates)
        self.language = language
        self.words = slots()
        self.heard: list[str] = []
        """What it answered."""

    def warm_up(self) -> None:
        """Do nothing: there is no model."""

    def bucket(self, item: Transcribe) -> object:  # the contract's shape
        """Let any share a batch."""
        return "any"

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Return the words of each window."""
        return [self._hypothesis(item) for item in batch]

    def close(self) -> None:
        """Do nothing: there is no model."""

    def _hypothesis(self, item: Transcribe) -> Hypothesis:
        there = [(slot, text) for slot in spoken_slots(item) if slot < len(self.words) and (text := self.words[slot])]
        heard = [_word(text, slot, item) for slot, text in there]
        if heard and not item.final:
            last = heard[-1].text
            heard[-1] = _word(last[: -(-len(last) // 2)], there[-1][0], item)
        kept = [
            HypothesisWord(
                text=text,
                tokens=(),
                probability=0.9,
                start=heard[min(at, len(heard) - 1)].start if heard else None,
                end=heard[min(at, len(heard) - 1)].end if heard else None,
            )
            for at, text in enumerate(item.prefix_words)
        ]
        words = kept + heard[len(kept) :]
        self.heard.append(" ".join(word.text for word in words))
        return Hypothesis(
            words=tuple(words),
            language=item.language or (item.languages[0] if item.languages else self.language),
            average_log_probability=-0.1,
            no_speech_probability=0.0 if there else 0.99,
        )


def _word(text: str, slot: int, item: Transcribe) -> HypothesisWord:
    start = max(0, slot * SLOT_SAMPLES - item.start) if item.timed else None
    end = min(len(item.audio), (slot + 1) * SLOT_SAMPLES - item.start) if item.timed else None
    return HypothesisWord(text=text, tokens=(), probability=0.9, start=start, end=end)


def slots() -> list[str]:
    """Return the script, a word for each slot; "" where nobody speaks."""
    found: list[str] = []
    for utterance in UTTERANCES:
        found += [*utterance.split(), *[""] * PAUSE_SLOTS]
    return found


def sound() -> Pcm:
    """Return speech where the script has words, at the engine's rate, and silence elsewhere."""
    spoken = meeting()
    pieces = spoken[: len(spoken) // SLOT_SAMPLES * SLOT_SAMPLES].reshape(-1, SLOT_SAMPLES)
    loud = np.abs(pieces.astype(np.int32)).reshape(len(pieces), -1, 16)[:, :, 0].max(axis=1)
    clear = pieces[loud > np.median(loud) / 2]
    script = slots()
    audio = np.zeros((len(script), SLOT_SAMPLES), np.int16)
    places = [place for place, word in enumerate(script) if word]
    for at, place in enumerate(places):
        audio[place] = clear[at % len(clear)]
    assert any(after - before > PAUSE_SLOTS for before, after in pairwise(places))
    return audio.reshape(-1)


def recording() -> bytes:
    """Return the sound as a WAV file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(ENGINE_RATE)
        file.writeframes(sound().tobytes())
    return target.getvalue()
