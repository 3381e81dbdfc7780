"""Speak the sample meeting and the test clips with Debian's flite; run by `make sample`.

Deterministic: the same flite, numpy and PyAV give the same bytes. Writes

    stream_server/sample/meeting.{flac,json}   three voices, one per channel, turns that never overlap
    tests/audio/clips/*.flac, clips.json       short mono recordings, with silence and noise that hold no words

References say numbers as they are spoken; compare through whisper-normalizer, which knows that 420 is the same.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]

ROOT = Path(__file__).resolve().parents[2]
RATE = 16_000
LOUDNESS = 0.05
"""Root mean square of every spoken turn, -26 dBFS: a microphone at an arm's length."""

VOICES = {"Anna": "slt", "Ben": "rms", "Callum": "awb"}
MEETING = [
    # (speaker, words, seconds of pause before them)
    ("Anna", "Good morning, everyone. Let's start with the results of the third quarter.", 0.60),
    ("Ben", "Thank you. We signed four hundred and twenty new customers, twelve percent more than last year.", 0.70),
    ("Callum", "That is a good result. How much revenue did they bring in?", 0.55),
    ("Ben", "Two hundred and fifty thousand dollars, and most of it came from the new monthly plan.", 0.80),
    ("Anna", "And how much did we spend on marketing?", 0.45),
    ("Callum", "We spent ninety thousand dollars. Half of it went to the campaign in September.", 0.90),
    ("Anna", "Then we should keep that campaign running until the end of the year.", 0.60),
    ("Ben", "I agree, but the support team needs three new people before we add more customers.", 0.50),
    ("Callum", "How long do people have to wait for an answer?", 0.75),
    ("Ben", "About three hours. I would like to bring that down to one hour.", 0.65),
    ("Anna", "Let's also hire three people in January. Can you prepare the budget by Friday?", 0.85),
    ("Callum", "Yes, I will send it to everyone on Thursday afternoon.", 0.50),
    ("Anna", "Perfect. Thank you all, and see you next week.", 0.70),
]
CLOSING_SILENCE_SECONDS = 1.2

CLIPS = [
    ("weather", "slt", "It was raining all night, but the sun came out this morning."),
    ("train", "rms", "The next train to the airport leaves from platform seven at ten minutes past nine."),
    ("invoice", "awb", "The invoice of one thousand five hundred dollars was paid on the third of March."),
    ("question", "slt", "Could you please tell me where I can find the nearest library?"),
    (
        "garden",
        "rms",
        "When the old gardener opened the gate, he saw that the apple trees had lost all their leaves in the storm.",
    ),
    ("phone", "kal16", "Please call me back after lunch."),
    (
        "release",
        "awb",
        "The new version will be released next Tuesday, and the documentation will follow on Wednesday.",
    ),
    ("short", "slt", "Thank you very much for your help."),
]
SILENT_SECONDS = 3


def main() -> None:
    """Write every recording, then say how large they are together."""
    sample, clips = ROOT / "stream_server" / "sample", ROOT / "tests" / "audio" / "clips"
    for folder in (sample, clips):
        folder.mkdir(parents=True, exist_ok=True)
    channels, meeting = assemble_meeting()
    write_flac(sample / "meeting.flac", channels)
    write_json(sample / "meeting.json", meeting)
    write_json(clips / "clips.json", make_clips(clips))
    size = sum(path.stat().st_size for path in (*sample.glob("*.flac"), *clips.glob("*.flac")))
    sys.stdout.write(f"{meeting['seconds']} s of meeting, {len(CLIPS) + 2} clips, {size / 1e6:.2f} MB together\n")


def assemble_meeting() -> tuple[Pcm, dict[str, Any]]:
    """Lay the turns one after the other, each on its speaker's channel; shape (samples, channels)."""
    names = list(VOICES)
    pieces: list[Pcm] = []
    turns: list[dict[str, Any]] = []
    position = 0
    for speaker, text, pause_seconds in MEETING:
        speech = speak(VOICES[speaker], text)
        start = position + round(pause_seconds * RATE)
        piece = np.zeros((start - position + len(speech), len(names)), np.int16)
        piece[start - position :, names.index(speaker)] = speech
        pieces.append(piece)
        position = start + len(speech)
        turns.append({"speaker": speaker, "start": start / RATE, "end": position / RATE, "text": text})
    hundredth = RATE // 100
    total = -(-(position + round(CLOSING_SILENCE_SECONDS * RATE)) // hundredth) * hundredth
    pieces.append(np.zeros((total - position, len(names)), np.int16))
    return np.concatenate(pieces), {
        "title": "Third quarter",
        "file": "meeting.flac",
        "language": "en",
        "sample_rate": RATE,
        "seconds": total / RATE,
        "tracks": names,
        "voices": [f"flite {voice}" for voice in VOICES.values()],
        "turns": turns,
        "reference": " ".join(text for _, text, _ in MEETING),
    }


def make_clips(folder: Path) -> list[dict[str, Any]]:
    """Write the short recordings; return their list. An empty reference means that no word may come out."""
    quiet = np.zeros(RATE // 4, np.int16)
    entries = []
    for name, voice, text in CLIPS:
        entries.append(_clip(folder, name, np.concatenate([quiet, speak(voice, text), quiet]), voice, text))
    entries.append(_clip(folder, "silence", np.zeros(SILENT_SECONDS * RATE, np.int16), "silence", ""))
    entries.append(_clip(folder, "noise", fan_noise(), "fan noise", ""))
    return entries


def _clip(folder: Path, name: str, samples: Pcm, voice: str, text: str) -> dict[str, Any]:
    write_flac(folder / f"{name}.flac", samples[:, None])
    return {
        "name": name,
        "file": f"{name}.flac",
        "language": "en",
        "sample_rate": RATE,
        "seconds": len(samples) / RATE,
        "voice": voice,
        "reference": text,
    }


def speak(voice: str, text: str) -> Pcm:
    """Return flite's words as 16 kHz mono without the silence around them, at one loudness.

    Raises `CalledProcessError` if flite fails and `FileNotFoundError` without flite (apt-get install flite).
    """
    spoken = subprocess.run(
        ["flite", "-voice", voice, "-t", text, "-o", "/dev/stdout"], check=True, capture_output=True
    ).stdout
    with wave.open(io.BytesIO(spoken)) as source:
        assert (source.getframerate(), source.getnchannels(), source.getsampwidth()) == (RATE, 1, 2)
        samples = np.frombuffer(source.readframes(source.getnframes()), np.int16).astype(np.float64) / 32_768
    audible = np.flatnonzero(np.abs(samples) > 0.002)
    samples = samples[audible[0] : audible[-1] + 1]
    samples *= LOUDNESS / np.sqrt(np.mean(samples**2))
    return np.round(np.clip(samples, -1, 32_767 / 32_768) * 32_768).astype(np.int16)


def fan_noise() -> Pcm:
    """Return a fan's hiss and hum: brownish noise and 100 Hz, -50 dBFS."""
    white = np.random.Generator(np.random.PCG64(7)).standard_normal(SILENT_SECONDS * RATE)
    spectrum = np.fft.rfft(white)
    frequencies = np.maximum(np.fft.rfftfreq(len(white), 1 / RATE), 50.0)
    hiss = np.fft.irfft(spectrum / np.sqrt(frequencies), len(white))
    hum = 0.3 * np.sin(2 * np.pi * 100 * np.arange(len(white)) / RATE)
    noise = hiss / np.std(hiss) + hum
    return np.round(noise / np.std(noise) * 0.0032 * 32_768).astype(np.int16)


def write_flac(path: Path, samples: Pcm) -> None:
    """Write int16 samples of shape (n, channels), 1 or 3 channels."""
    layout = {1: "mono", 3: "3.0"}[samples.shape[1]]
    with av.open(str(path), "w", options={"fflags": "+bitexact", "metadata_header_padding": "0"}) as container:
        stream = container.add_stream("flac", rate=RATE, options={"compression_level": "12"})
        stream.layout = layout
        for start in range(0, len(samples), RATE):
            block = np.ascontiguousarray(samples[start : start + RATE]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout=layout)
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_json(path: Path, value: object) -> None:
    """Write JSON as a person would like to read it."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
