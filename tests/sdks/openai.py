"""What the tests of OpenAI's clients share: a server that recognises, speech to send, and what each must tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import decode_audio

from tests.live import LiveServer

CLIP = Path(__file__).parents[1] / "audio" / "clips" / "train.flac"

SAID = "the next train to the airport leaves from platform"

TRANSCRIPTION = "conversation.item.input_audio_transcription"


def write_pcm(path: Path) -> Path:
    """Write a sentence and two seconds of silence, s16le at 24 kHz."""
    speech = decode_audio(str(CLIP), sampling_rate=24_000)
    samples = np.concatenate([speech, np.zeros(48_000, np.float32)])
    path.write_bytes((samples * 32_767).astype("<i2").tobytes())
    return path


def job(server: LiveServer, key: str, **values: Any) -> str:
    """Return what a script is told."""
    return json.dumps({"url": server.url, "key": key, "clip": str(CLIP), **values})


def plain(text: str) -> str:
    """Return lower-case words without punctuation."""
    return " ".join("".join(c for c in word.lower() if c.isalnum()) for word in text.split())


def assert_said(text: str) -> None:
    """Check that a transcript is the sentence."""
    assert plain(text).startswith(SAID)


def assert_turn(told: list[dict[str, Any]], *, added: tuple[str, ...] = ("added", "done"), early: int = 0) -> None:
    """Check a whole turn: its order, its one item, its times and its words, `early` of them shown in parts."""
    kinds = [event["type"].removeprefix(f"{TRANSCRIPTION}.").removeprefix("input_audio_buffer.") for event in told]
    after_session = [kind for kind in kinds if "session" not in kind and kind != "delta"]
    items = [f"conversation.item.{name}" for name in added]
    assert after_session == ["speech_started", "speech_stopped", "committed", *items, "completed"]
    (item_id,) = {event["item_id"] for event in told if event.get("item_id")}
    completed = told[-1]
    assert_said(completed["transcript"])
    deltas = [event["delta"] for event in told if event["type"].endswith(".delta")]
    assert "".join(deltas) == completed["transcript"]
    assert len(deltas) > early
    started, stopped = (
        next(e for e in told if e["type"].endswith(f"speech_{name}")) for name in ("started", "stopped")
    )
    assert 0 <= started["audio_start_ms"] < 1_500
    assert 4_000 < stopped["audio_end_ms"] < 7_000
    assert completed["usage"]["type"] == "duration"
    assert 4 < completed["usage"]["seconds"] < 7
    assert item_id.startswith("item_")


def assert_formats(told: dict[str, Any]) -> None:
    """Check the answer in every format."""
    assert_said(told["json"]["text"])
    assert told["json"]["usage"] == {"type": "duration", "seconds": 7} or told["json"]["usage"]["seconds"] == 6
    assert_said(told["text"])
    assert told["srt"].startswith("1\n00:00:00,")
    assert told["vtt"].startswith("WEBVTT\n\n00:00:00.")
    verbose = told["verbose_json"]
    assert_said(verbose["text"])
    assert (verbose["language"], round(verbose["duration"])) == ("english", 6)
    assert all(0 <= s["start"] < s["end"] < 7 for s in verbose["segments"])
    assert_said(" ".join(segment["text"] for segment in verbose["segments"]))
    words = told["words"]["words"]
    assert " ".join(word["word"].lower() for word in words).startswith(SAID)
    starts = [word["start"] for word in words]
    assert starts == sorted(starts)
    assert all(word["start"] <= word["end"] < 7 for word in words)
    diarized = told["diarized_json"]["segments"]
    assert_said(" ".join(segment["text"] for segment in diarized))
    assert {segment["speaker"] for segment in diarized} <= {"A", "B", "unknown"}
    assert {"whisper-1", "tiny.en"} <= set(told["models"])


def assert_stream(told: list[dict[str, Any]]) -> None:
    """Check an event stream: joined deltas are the text of the end."""
    *deltas, done = told
    assert "".join(event["delta"] for event in deltas if event["type"].endswith(".delta")) == done["text"]
    assert_said(done["text"])
    assert done["type"] == "transcript.text.done"
    assert done["usage"]["type"] == "tokens"
