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


@dataclass(frozen=True, slots=True)
class Talk:
    """What one session says: int16 samples at 16 kHz and the words in them."""

    audio: npt.NDArray[np.int16]
    reference: str


def clips(folder: Path = SHARED, *, longest_seconds: float = 12.0) -> list[Talk]:
    """Return English clips with their references; the repository's own where the folder is not there."""
    if (folder / "manifest.json").exists():
        entries = [
            (folder / entry["file"], entry["transcript"])
            for entry in json.loads((folder / "manifest.json").read_text("utf-8"))
            if entry["kind"] == "asr_en" and entry["transcript"] and entry["seconds"] < longest_seconds
        ]
    else:
        listed = json.loads((OWN / "clips.json").read_text("utf-8"))
        entries = [(OWN / entry["file"], entry["reference"]) for entry in listed if entry["reference"]]
    return [Talk((decode_audio(str(path)) * 32_767).astype(np.int16), words) for path, words in entries]


def talks(count: int, seconds: float, folder: Path = SHARED) -> list[Talk]:
    """Return talks of equal length: whole clips with pauses between, each beginning at another clip; then silence."""
    pool = clips(folder)
    pause = np.zeros(round(PAUSE_SECONDS * RATE), np.int16)
    made = []
    for number in range(count):
        first = number * len(pool) // count
        parts, words, length = [pause], [], len(pause)
        for clip in [*pool[first:], *pool[:first]] * 100:
            if length + len(clip.audio) + len(pause) > seconds * RATE:
                break
            parts += [clip.audio, pause]
            length += len(clip.audio) + len(pause)
            words.append(clip.reference)
        parts.append(np.zeros(max(0, round(seconds * RATE) - length), np.int16))
        made.append(Talk(np.concatenate(parts)[: round(seconds * RATE)], " ".join(words)))
    return made


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
