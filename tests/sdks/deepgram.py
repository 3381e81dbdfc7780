"""What the tests of Deepgram's clients share: a server that recognises, speech to send, and what each must tell."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faster_whisper import decode_audio

from tests.live import LiveServer

CLIPS = Path(__file__).parents[1] / "audio" / "clips"

RAW = {"encoding": "linear16", "sample_rate": 16_000}
LIVE = RAW | {
    "interim_results": True,
    "smart_format": True,
    "vad_events": True,
    "endpointing": 300,
    "utterance_end_ms": "1000",
}

SECONDS = 8.0
"""Of what is sent live: six of speech, two of silence."""

SAID = ("the", "next", "train", "to", "the", "airport", "leaves", "from", "platform")


def write_pcm(path: Path) -> Path:
    """Write a sentence and two seconds of silence, s16le at 16 kHz."""
    samples = np.zeros(round(SECONDS * 16_000), np.float32)
    speech = decode_audio(str(CLIPS / "train.flac"))
    samples[: len(speech)] = speech
    path.write_bytes((samples * 32_767).astype("<i2").tobytes())
    return path


def write_stereo(mono: Path) -> Path:
    """Write a WAV file of raw speech on the left and nothing on the right."""
    left = np.frombuffer(mono.read_bytes(), "<i2")
    path = mono.with_suffix(".wav")
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.stack([left, np.zeros_like(left)], axis=1).tobytes())
    return path


def job(server: LiveServer, key: str, **values: Any) -> str:
    """Return what a script is told."""
    return json.dumps({"url": server.url, "key": key, **values})


def results_of(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the `Results` among messages."""
    return [message for message in told if message.get("type") == "Results"]


def assert_live(told: list[dict[str, Any]]) -> None:
    """Check a whole conversation: its words, their times, the ranges, how it answers and how it ends."""
    results = results_of(told)
    finals = [result for result in results if result["is_final"]]
    assert any(not result["is_final"] for result in results)
    words = [word for final in finals for word in final["channel"]["alternatives"][0]["words"]]
    assert tuple(word["word"] for word in words)[: len(SAID)] == SAID
    starts = [word["start"] for word in words]
    assert starts == sorted(starts)
    assert all(0 <= word["start"] <= word["end"] < 7 for word in words)
    assert all("punctuated_word" in word for word in words)
    ends = [final["start"] + final["duration"] for final in finals]
    assert [final["start"] for final in finals] == pytest.approx([0, *ends[:-1]], abs=0.0015)
    assert any(final["speech_final"] for final in finals)
    assert all(final["channel_index"] == [0, 1] for final in finals)


def assert_ended(told: list[dict[str, Any]], seconds: float) -> None:
    """Check the last words of the server."""
    (metadata,) = (message for message in told if message.get("type") == "Metadata")
    assert abs(metadata["duration"] - seconds) < 0.01
    assert metadata["channels"] == 1
    assert set(metadata["model_info"]) == set(metadata["models"])
    kinds = [message.get("type") for message in told]
    assert kinds.index("SpeechStarted") < kinds.index("Results")
    assert kinds.index("UtteranceEnd") < kinds.index("Metadata")


def assert_recorded(response: dict[str, Any]) -> None:
    """Check a recording's whole answer."""
    (channel,) = response["results"]["channels"]
    (alternative,) = channel["alternatives"]
    assert tuple(word["word"] for word in alternative["words"])[: len(SAID)] == SAID
    assert alternative["transcript"].startswith("The next train to the airport")
    assert 0.5 < alternative["confidence"] <= 1
    assert response["metadata"]["channels"] == 1
    assert abs(response["metadata"]["duration"] - 6) < 0.5
