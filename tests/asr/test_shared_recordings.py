"""Real speech of many people in many languages, beside the repository; skipped by name where it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest
from faster_whisper import WhisperModel, decode_audio
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.asr.models import resolve
from stream_server.asr.whisper import WhisperEngine
from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph
from stream_server.session.options import SessionOptions
from stream_server.text.formatting import PLAIN
from tests.live_path import LivePath, new_session

SHARED = Path(__file__).resolve().parents[3] / "shared" / "audio"
pytestmark = [
    pytest.mark.recognition,
    pytest.mark.shared,
    pytest.mark.timeout(1_200),
    pytest.mark.skipif(not (SHARED / "manifest.json").exists(), reason="needs the recordings of ../shared/audio"),
]
ENGLISH, ANY = EnglishTextNormalizer(), BasicTextNormalizer()
COUNTED_IN = "nonspeech/guitar.flac"
"""Somebody counts "one two three four" before playing: two models hear it alike, evenly spaced, sure of themselves."""


def clips(*kinds: str) -> list[dict[str, Any]]:
    """Return the manifest's entries of some kinds that have a reference, be it an empty one."""
    manifest = json.loads((SHARED / "manifest.json").read_text("utf-8"))
    return [clip for clip in manifest if clip["kind"] in kinds and clip.get("transcript") is not None]


def normalized(text: str, language: str) -> str:
    """Return text as it is compared: Chinese and Japanese by characters."""
    plain = (ENGLISH if language.startswith("en") else ANY)(text)
    return " ".join(plain.replace(" ", "")) if language in {"ja", "zh"} else " ".join(plain.split())


def hear_live(engine: WhisperEngine, clip: dict[str, Any]) -> LivePath:
    """Stream a clip in 20 ms frames; partials come back 0.64 s after they were asked for."""
    samples = np.asarray(decode_audio(str(SHARED / clip["file"])), np.float32)
    path = LivePath(new_session(SessionOptions(formatting=PLAIN)), engine, Silero(find_graph()), delay_frames=20)
    path.stream(samples, [320] * (len(samples) // 320 + 1))
    return path


def hear_offline(model: WhisperModel, clip: dict[str, Any]) -> str:
    """Transcribe the whole clip with the same decoding options."""
    segments, _ = model.transcribe(
        str(SHARED / clip["file"]),
        beam_size=1,
        temperature=0.0,
        without_timestamps=True,
        condition_on_previous_text=False,
        vad_filter=True,
    )
    return " ".join(segment.text.strip() for segment in segments)


def compare(engine: WhisperEngine, name: str, data: Path, chosen: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the word error rates live and offline, and check on the way that committed words never change."""
    model = WhisperModel(str(resolve(name, data, allow_download=False).path), device="cpu", compute_type="int8")
    references, live, offline = [], [], []
    for clip in chosen:
        path = hear_live(engine, clip)
        finals = {final.utterance_id: [word.text for word in final.words] for final in path.finals}
        for partial in path.partials:
            stable = [word.text for word in partial.stable]
            assert finals.get(partial.utterance_id, [])[: len(stable)] == stable, clip["file"]
        references.append(normalized(clip["transcript"], clip["language"]))
        live.append(normalized(path.text, clip["language"]))
        offline.append(normalized(hear_offline(model, clip), clip["language"]))
    return jiwer.wer(references, live), jiwer.wer(references, offline)


def test_english_live_is_as_good_as_offline(live_tiny: WhisperEngine, model_data: Path) -> None:
    """Over the English clips, meetings included, tiny.en live is at most 10 % (relative) worse than offline."""
    live, offline = compare(
        live_tiny, "tiny.en", model_data, clips("asr_en", "asr_en_accent", "speech_in_silence", "diarization")
    )

    assert live <= 1.10 * offline


def test_other_languages_live_are_as_good_as_offline(live_base: WhisperEngine, model_data: Path) -> None:
    """The same for base over German, Spanish, French, Japanese, Russian, Swedish and Chinese, language detected."""
    live, offline = compare(live_base, "base", model_data, clips("asr_other", "lang_switch"))

    assert live <= 1.10 * offline


def test_silence_and_noise_give_no_text(live_tiny: WhisperEngine, live_base: WhisperEngine) -> None:
    """Neither model says a word about hum, keyboards, applause, dishes, offices or music."""
    for clip in clips("nonspeech"):
        for engine in (live_tiny, live_base):
            if clip["file"] != COUNTED_IN:
                assert hear_live(engine, clip).text == "", clip["file"]
