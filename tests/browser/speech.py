"""What is said in these tests, and how much of it was heard."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jiwer
import numpy as np
from faster_whisper.audio import decode_audio
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.sample import sample_meeting
from tests.child_server import RATE, Pcm, meeting

CLIPS = Path(__file__).resolve().parents[1] / "audio" / "clips"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "audio"

PAUSE_SECONDS = 0.9
"""Between clips, so that each is an utterance."""


def meeting_until(seconds: float) -> tuple[Pcm, str]:
    """Return the sample meeting's turns that end by then, and their words."""
    turns = [turn for turn in sample_meeting().turns if turn.end <= seconds]
    return meeting()[: round((turns[-1].end + 0.2) * RATE)], " ".join(turn.text for turn in turns)


def turns_of(speaker: str, until: float) -> Pcm:
    """Return what one person says in the sample meeting by then."""
    turns = [turn for turn in sample_meeting().turns if turn.speaker == speaker and turn.end <= until]
    return np.concatenate([meeting()[round(turn.start * RATE) : round(turn.end * RATE)] for turn in turns])


def clips(*names: str) -> tuple[Pcm, str]:
    """Return the repository's clips, with pauses between, and their words."""
    listed = {entry["name"]: entry for entry in json.loads((CLIPS / "clips.json").read_text("utf-8"))}
    pause = np.zeros(round(PAUSE_SECONDS * RATE), np.int16)
    pieces = [piece for name in names for piece in (_decoded(CLIPS / listed[name]["file"]), pause)]
    return np.concatenate(pieces[:-1]), " ".join(listed[name]["reference"] for name in names)


def shared(file: str) -> tuple[Pcm, str]:
    """Return one of the recordings beside the repository, and its words."""
    listed = {entry["file"]: entry for entry in json.loads((SHARED / "manifest.json").read_text("utf-8"))}
    return _decoded(SHARED / file), listed[file]["transcript"]


def word_error_rate(reference: str, heard: str) -> float:
    """Return the share of words that were heard wrongly, both sides normalised."""
    normalise = EnglishTextNormalizer()
    return jiwer.wer(normalise(reference), normalise(heard))


@cache
def _decoded(path: Path) -> Pcm:
    return (decode_audio(str(path)) * 32_767).astype(np.int16)
