"""Real recognition through the live path, on recordings that the repository holds, on a virtual clock."""

from __future__ import annotations

import json
import random
from pathlib import Path

import jiwer
import numpy as np
import pytest
from faster_whisper.audio import decode_audio
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.asr.whisper import WhisperEngine
from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph
from stream_server.events import Samples
from stream_server.session.options import SessionOptions
from stream_server.text.formatting import PLAIN
from tests.live_path import LivePath, new_session

pytestmark = [pytest.mark.recognition]

CLIPS = Path(__file__).resolve().parents[1] / "audio" / "clips"
MANIFEST = json.loads((CLIPS / "clips.json").read_text("utf-8"))
NORMALIZE = EnglishTextNormalizer()


@pytest.fixture(scope="module")
def silero() -> Silero:
    """The real speech detector."""
    return Silero(find_graph())


def hear(engine: WhisperEngine, silero: Silero, samples: Samples, cut: int = 1_600, **options: object) -> LivePath:
    """Stream samples in equal pieces and return everything that was said about them, in the words that were heard."""
    wanted = SessionOptions(formatting=PLAIN, **options)  # type: ignore[arg-type]
    path = LivePath(new_session(wanted), engine, silero)
    path.stream(samples, [cut] * (len(samples) // cut + 1))
    return path


def clip(name: str) -> Samples:
    """Return one of the repository's clips at 16 kHz."""
    return np.asarray(decode_audio(str(CLIPS / name)), np.float32)


def test_words_are_those_that_were_spoken(live_tiny: WhisperEngine, silero: Silero) -> None:
    """Over all clips tiny.en stays within 8 % word error rate, and committed words never change."""
    references, heard, partials = [], [], 0
    for entry in MANIFEST:
        if entry["reference"]:
            path = hear(live_tiny, silero, clip(entry["file"]))
            references.append(NORMALIZE(entry["reference"]))
            heard.append(NORMALIZE(path.text))
            partials += len(path.partials)
            assert_stable(path)

    assert jiwer.wer(references, heard) <= 0.08
    assert partials > len(references)


def assert_stable(path: LivePath) -> None:
    """Check that every partial's stable words are a prefix of its final's."""
    finals = {final.utterance_id: [word.text for word in final.words] for final in path.finals}
    for partial in path.partials:
        stable = [word.text for word in partial.stable]
        assert finals.get(partial.utterance_id, [])[: len(stable)] == stable


def test_nothing_is_heard_where_nothing_is_said(live_tiny: WhisperEngine, silero: Silero) -> None:
    """Silence and noise give no text."""
    for entry in MANIFEST:
        if not entry["reference"]:
            assert hear(live_tiny, silero, clip(entry["file"])).text == ""


def test_how_the_audio_is_cut_changes_nothing(live_tiny: WhisperEngine, silero: Silero) -> None:
    """Finals are equal in every word and time, be the pieces a millisecond, a second or random."""
    samples = np.concatenate([clip(MANIFEST[0]["file"]), np.zeros(12_000, np.float32), clip(MANIFEST[1]["file"])])
    expected = [final.words for final in hear(live_tiny, silero, samples).finals]

    assert len(expected) >= 2
    for cut in (160, 16_000, len(samples)):
        assert [final.words for final in hear(live_tiny, silero, samples, cut).finals] == expected
    chooser = random.Random(7)
    path = LivePath(new_session(SessionOptions(formatting=PLAIN)), live_tiny, silero)
    path.stream(samples, [chooser.randint(1, 8_000) for _ in range(9_000)])
    assert [final.words for final in path.finals] == expected


def test_words_have_their_times(live_tiny: WhisperEngine, silero: Silero) -> None:
    """Words of a final are in order, inside the audio, and where the sound is."""
    quiet = np.zeros(3 * 16_000, np.float32)
    samples = np.concatenate([quiet, clip(MANIFEST[0]["file"])])
    words = [word for final in hear(live_tiny, silero, samples).finals for word in final.words]
    times = [time for word in words for time in (word.start, word.end) if time is not None]

    assert len(times) == 2 * len(words)
    assert times == sorted(times)
    assert times[0] >= 3 * 16_000 - 8_000
    assert times[-1] <= len(samples)


def test_hotwords_reach_the_engine(live_tiny: WhisperEngine, silero: Silero) -> None:
    """A session's hotwords ride along in every request of it."""
    path = hear(live_tiny, silero, clip(MANIFEST[0]["file"]), hotwords="Kubernetes")

    assert {work.hotwords for work in path.asked} == {"Kubernetes"}
    assert path.finals


def test_multilingual_model_finds_the_language_by_itself(live_base: WhisperEngine, silero: Silero) -> None:
    """English speech without a given language is heard as English words."""
    path = hear(live_base, silero, clip(MANIFEST[1]["file"]))

    assert {final.language for final in path.finals} == {"en"}
    assert jiwer.wer(NORMALIZE(MANIFEST[1]["reference"]), NORMALIZE(path.text)) <= 0.1
