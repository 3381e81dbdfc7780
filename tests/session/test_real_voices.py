"""Voices through a whole session with the real networks; the words are scripted, so that only speakers are judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from faster_whisper.audio import decode_audio

from stream_server.asr.scripted import ScriptedEngine
from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph as find_vad
from stream_server.diarize.listening import SecondLooks, VoiceListener
from stream_server.events import Final, Revised, Samples
from stream_server.open_voices import load_listener
from stream_server.sample import sample_meeting
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.work import ENGINE_RATE, Listen, LookAgain
from tests.live_path import LivePath, new_session

SHARED = Path(__file__).resolve().parents[3] / "shared" / "audio"
real = pytest.mark.skipif(not SHARED.exists(), reason="needs the recordings of ../shared/audio")
pytestmark = pytest.mark.timeout(300)


class Voices:
    """Answers as the two workers do."""

    def __init__(self, home: Path) -> None:
        self.listener = VoiceListener(load_listener("segmentation-2021", "ge2e", home))
        self.window = self.listener.listener.window_samples

    def run(self, batch: list[Listen | LookAgain]) -> list[Any]:
        """Listen, or look again."""
        return [
            *self.listener.run([work for work in batch if isinstance(work, Listen)]),
            *SecondLooks().run([work for work in batch if isinstance(work, LookAgain)]),
        ]


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Voices:
    """Give the networks that a server uses when it is given none."""
    return Voices(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def people() -> tuple[Samples, Samples]:
    """Give two people's speech, twelve seconds of each without long pauses."""
    meeting = sample_meeting()
    mixed = decode_audio(str(meeting.audio), sampling_rate=ENGINE_RATE)
    found: dict[str, list[Samples]] = {}
    for turn in meeting.turns:
        found.setdefault(turn.speaker, []).append(
            mixed[round(turn.start * ENGINE_RATE) : round(turn.end * ENGINE_RATE)]
        )
    first, second = (np.concatenate(pieces)[: 12 * ENGINE_RATE] for pieces in list(found.values())[:2])
    return first, second


def hear(voices: Voices, audio: Samples, rate: int = ENGINE_RATE) -> LivePath:
    """Stream a recording of several people in frames of 20 ms."""
    session = new_session(SessionOptions(audio=AudioFormat(sample_rate=rate)), voice_window=voices.window)
    path = LivePath(session, ScriptedEngine(), vad=Silero(find_vad()), listener=voices)
    path.stream(np.asarray(audio, np.float32), [rate // 50] * (len(audio) * 50 // rate + 1))
    return path


def told(path: LivePath) -> list[tuple[Final, list[int | None]]]:
    """Return each final with the ids of its words' speakers, all revisions applied."""
    rows = {
        final.utterance_id: (final, [w.speaker.id if w.speaker else None for w in final.words]) for final in path.finals
    }
    for event in path.events:
        if isinstance(event, Revised):
            assert not event.merged
            for change in event.changes:
                rows[change.utterance_id][1][change.first : change.stop] = [change.speaker] * (
                    change.stop - change.first
                )
    return list(rows.values())


def speakers(path: LivePath, *, share: float = 0.05) -> set[int]:
    """Return who said more than a share of all words."""
    said = [speaker for _, row in told(path) for speaker in row]
    return {each for each in said if each is not None and said.count(each) > share * len(said)}


def quiet(seconds: float) -> Samples:
    """Return a room in which nobody speaks."""
    return np.random.default_rng(0).normal(0, 1e-4, round(seconds * ENGINE_RATE)).astype(np.float32)


def cough() -> Samples:
    """Return a burst of noise, as long and as shaped as a cough."""
    burst = np.random.default_rng(1).normal(0, 0.25, round(0.35 * ENGINE_RATE))
    return np.asarray(burst * np.exp(-np.linspace(0, 5, len(burst))), np.float32)


def chords(seconds: float) -> Samples:
    """Return music: a chord a second, of decaying harmonics."""
    time = np.arange(ENGINE_RATE) / ENGINE_RATE
    notes = [(220, 277, 330), (196, 247, 294), (175, 220, 262), (165, 208, 247)]
    bars = [sum(np.sin(2 * np.pi * f * h * time) / h for f in chord for h in (1, 2, 3)) for chord in notes]
    return np.concatenate([0.05 * np.exp(-2 * time) * bars[n % 4] for n in range(round(seconds))]).astype(np.float32)


def whispered(audio: Samples) -> Samples:
    """Return speech without a voice: its spectrum's shape, filled with noise."""
    window = np.hanning(512)
    starts = range(0, len(audio) - 512, 128)
    noise, output = np.random.default_rng(2), np.zeros(len(audio))
    for start in starts:
        spectrum = np.abs(np.fft.rfft(audio[start : start + 512] * window))
        smooth = np.convolve(spectrum, np.ones(12) / 12, "same")
        output[start : start + 512] += np.fft.irfft(smooth * np.exp(2j * np.pi * noise.random(257))) * window
    return np.asarray(0.3 * output / max(1e-6, float(np.abs(output).max())), np.float32)


def test_two_people_are_two(voices: Voices, people: tuple[Samples, Samples]) -> None:
    """Each keeps one id from the first final to the last, and hardly a word is nobody's."""
    first, second = people
    path = hear(
        voices,
        np.concatenate([quiet(1), first[:80_000], quiet(1), second[:80_000], quiet(1), first[80_000:], quiet(2)]),
    )
    assert speakers(path) == {1, 2}
    words = [speaker for _, row in told(path) for speaker in row]
    assert words.count(None) <= 0.1 * len(words)
    starts = {row[0]: final.start / ENGINE_RATE for final, row in reversed(told(path)) if row}
    assert starts[1] < 6 < starts[2]


@pytest.mark.parametrize("sound", ["silence", "music", "cough"])
def test_what_is_no_speech_names_nobody(voices: Voices, sound: str) -> None:
    """Silence, music and a cough leave no speaker behind."""
    made = {
        "silence": quiet(10),
        "music": chords(12),
        "cough": np.concatenate([quiet(2), cough(), quiet(3), cough(), quiet(2)]),
    }
    path = hear(voices, made[sound])
    assert not path.session.voices
    assert all(speaker is None for _, row in told(path) for speaker in row)


def test_a_short_yes_is_a_known_speaker_or_nobody(voices: Voices, people: tuple[Samples, Samples]) -> None:
    """0.3 s of speech make nobody new."""
    first, second = people
    loud = int(np.argmax(np.convolve(np.square(second), np.ones(4_800), "valid")))
    path = hear(voices, np.concatenate([quiet(1), first[:96_000], quiet(2), second[loud : loud + 4_800], quiet(2)]))
    assert speakers(path, share=0) <= {1}
    assert len(path.session.voices) == 1


def test_two_at_once_are_marked(voices: Voices, people: tuple[Samples, Samples]) -> None:
    """Most words over which both speak say so, and few others."""
    first, second = people
    length = 12 * ENGINE_RATE
    mixed = np.zeros(length + 2 * ENGINE_RATE, np.float32)
    mixed[:length] += np.resize(first, length)
    mixed[5 * ENGINE_RATE : 9 * ENGINE_RATE] += second[: 4 * ENGINE_RATE]
    words = [word for final, _ in told(hear(voices, mixed)) for word in final.words]
    inside = [word.overlap for word in words if word.start is not None and 5.3 <= word.start / ENGINE_RATE <= 8.5]
    outside = [word.overlap for word in words if word.start is not None and not 4.5 <= word.start / ENGINE_RATE <= 9.5]
    assert sum(inside) >= 0.5 * len(inside) > 0
    assert sum(outside) <= 0.1 * len(outside)


def test_whispering_is_one_person_at_most(voices: Voices, people: tuple[Samples, Samples]) -> None:
    """A voice without a tone is one speaker or nobody; it is never several."""
    path = hear(voices, np.concatenate([quiet(1), whispered(people[0]), quiet(2)]))
    assert len(speakers(path, share=0)) <= 1


def test_the_telephone_counts_right(voices: Voices, people: tuple[Samples, Samples]) -> None:
    """At 8 kHz two people are two."""
    first, second = people
    talk = np.concatenate([quiet(1), first[:80_000], quiet(1), second[:80_000], quiet(1), first[80_000:], quiet(2)])
    path = hear(voices, soxr.resample(talk, ENGINE_RATE, 8_000), rate=8_000)
    assert speakers(path) == {1, 2}


def recordings(*kinds: str) -> list[dict[str, Any]]:
    """Return the manifest's entries of some kinds."""
    manifest = SHARED / "manifest.json"
    return [e for e in json.loads(manifest.read_text("utf-8")) if e["kind"] in kinds] if manifest.exists() else []


@real
@pytest.mark.shared
@pytest.mark.parametrize(
    "entry", [e for e in recordings("diarization") if "constructed" in e["file"]], ids=lambda e: e["file"]
)
def test_real_speakers_are_counted(voices: Voices, entry: dict[str, Any]) -> None:
    """Within one, after the second look; with noise and overlap too."""
    path = hear(voices, decode_audio(str(SHARED / entry["file"]), sampling_rate=ENGINE_RATE))
    assert abs(len(speakers(path)) - len(entry["speakers"])) <= 1


@real
@pytest.mark.shared
def test_a_real_telephone_call_has_two(voices: Voices) -> None:
    """A conversation of telephone bandwidth, at 8 kHz."""
    audio = decode_audio(str(SHARED / "diar" / "pyannote_sample.flac"), sampling_rate=8_000)
    assert len(speakers(hear(voices, audio, rate=8_000))) == 2


@real
@pytest.mark.shared
def test_real_noises_name_nobody(voices: Voices) -> None:
    """Breathing, keys, applause, dishes, music: nobody; left out are a guitarist's counting and faint voices."""
    for entry in recordings("nonspeech"):
        if not (entry["file"].endswith("guitar.flac") or "may hold" in entry.get("note", "")):
            path = hear(voices, decode_audio(str(SHARED / entry["file"]), sampling_rate=ENGINE_RATE))
            assert not path.session.voices, entry["file"]
