"""Real speech for benchmarks: clips with their references, joined by pauses into recordings of one length."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np
import numpy.typing as npt
from faster_whisper import decode_audio
from whisper_normalizer.english import EnglishTextNormalizer

RATE = 16_000
PAUSE_SECONDS = 0.8
SHARED = Path(__file__).resolve().parents[2] / "shared" / "audio"
OWN = Path(__file__).resolve().parents[1] / "tests" / "audio" / "clips"

_normalise = EnglishTextNormalizer()

DIGITS = frozenset(["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


@dataclass(frozen=True, slots=True)
class Talk:
    """What one session says: int16 samples at 16 kHz and the words in them; `parts` says where each clip begins."""

    audio: npt.NDArray[np.int16]
    reference: str
    parts: tuple[tuple[int, str], ...] = ()


def clips(folder: Path = SHARED, *, longest_seconds: float = 12.0) -> list[Talk]:
    """Return English clips with their references; the repository's own where the folder is not there.

    Digits read out one by one are left out: whether "1-0-0" is right for "one zero zero" is a matter of spelling, which
    the same server writes now so, now so, and fifteen of them outweigh the words of a short talk.
    """
    if (folder / "manifest.json").exists():
        entries = [
            (folder / entry["file"], entry["transcript"])
            for entry in json.loads((folder / "manifest.json").read_text("utf-8"))
            if entry["kind"] == "asr_en" and entry["transcript"] and entry["seconds"] < longest_seconds
        ]
    else:
        listed = json.loads((OWN / "clips.json").read_text("utf-8"))
        entries = [(OWN / entry["file"], entry["reference"]) for entry in listed if entry["reference"]]
    spoken = [(path, words) for path, words in entries if not DIGITS.issuperset(words.split())]
    return [Talk((decode_audio(str(path)) * 32_767).astype(np.int16), words) for path, words in spoken]


def talks(count: int, seconds: float, folder: Path = SHARED) -> list[Talk]:
    """Return talks of equal length: whole clips with pauses between, each beginning at another clip; then silence."""
    pool = clips(folder)
    return [talk(turned(pool, number, count), seconds) for number in range(count)]


def turned(pool: list[Talk], number: int, count: int) -> list[Talk]:
    """Return the clips in the order in which talk `number` of `count` says them."""
    first = number * len(pool) // count
    return [*pool[first:], *pool[:first]]


def talk(pool: list[Talk], seconds: float) -> Talk:
    """Return whole clips with pauses between, from the first on and again when all are said; then silence."""
    pause = np.zeros(round(PAUSE_SECONDS * RATE), np.int16)
    sounds, parts, length = [pause], [], len(pause)
    for clip in pool * 100:
        if length + len(clip.audio) + len(pause) > seconds * RATE:
            break
        parts.append((length, clip.reference))
        sounds += [clip.audio, pause]
        length += len(clip.audio) + len(pause)
    sounds.append(np.zeros(max(0, round(seconds * RATE) - length), np.int16))
    words = " ".join(words for _, words in parts)
    return Talk(np.concatenate(sounds)[: round(seconds * RATE)], words, tuple(parts))


def ring(pool: list[Talk], *, pause_seconds: float, grid: int) -> Talk:
    """Return all clips once, made to be said again and again: a pause behind each, the length a multiple of `grid`."""
    pause = np.zeros(round(pause_seconds * RATE), np.int16)
    sounds, parts, length = [], [], 0
    for clip in pool:
        parts.append((length, clip.reference))
        sounds += [clip.audio, pause]
        length += len(clip.audio) + len(pause)
    sounds.append(np.zeros(-length % grid, np.int16))
    return Talk(np.concatenate(sounds), " ".join(words for _, words in parts), tuple(parts))


@dataclass(frozen=True, slots=True)
class Errors:
    """Word errors, each a count but `rate` (a share)."""

    rate: float
    substitutions: int
    deletions: int
    insertions: int


def word_errors(references: list[str], heard: list[str]) -> Errors:
    """Compare texts, both sides normalised."""
    found = jiwer.process_words([_normalise(each) for each in references], [_normalise(each) for each in heard])
    return Errors(found.wer, found.substitutions, found.deletions, found.insertions)
