"""Real people enrolled from one recording and looked for in another; skipped by name without ../shared/audio."""

from __future__ import annotations

from pathlib import Path

import pytest
from faster_whisper.audio import decode_audio

from stream_server.diarize.clustering import SpeakerClusters
from stream_server.diarize.enrollment import EnrollmentLimits, enroll
from stream_server.diarize.listener import Listener
from stream_server.diarize.recognition import EnrolledVoice, recognise
from stream_server.diarize.voices import STEP_FRAMES, Embedding
from stream_server.errors import UnsuitableSample
from stream_server.events import Samples
from stream_server.open_voices import load_listener
from stream_server.work import ENGINE_RATE

SHARED = Path(__file__).resolve().parents[3] / "shared" / "audio"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (SHARED / "manifest.json").exists(), reason="needs the recordings of ../shared/audio"),
]


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Listener:
    """Give the networks that a server uses when it is given none."""
    home = tmp_path_factory.mktemp("data")
    return load_listener("segmentation-2021", "ge2e", home)


def sound(file: str) -> Samples:
    """Return a recording."""
    audio: Samples = decode_audio(str(SHARED / file), sampling_rate=ENGINE_RATE)
    return audio


def enrolled(listener: Listener, name: str, *files: str) -> EnrolledVoice:
    """Return somebody's voice, learned from sentences that are in none of the conversations."""
    embeddings: list[Embedding] = []
    for file in files:
        audio = sound(f"asr_en/{file}.flac")
        embeddings += enroll(audio, listener.hear_all(audio, STEP_FRAMES), EnrollmentLimits()).embeddings
    return EnrolledVoice(name, name, tuple(embeddings))


def named(listener: Listener, voices: list[EnrolledVoice], file: str) -> set[str]:
    """Return who is named in a recording, as a session hears it."""
    clusters = SpeakerClusters()
    for heard in listener.hear_all(sound(file), STEP_FRAMES):
        clusters.assign(heard)
    known = [centroid for centroid, seconds in zip(clusters.centroids, clusters.seconds, strict=True) if seconds >= 2.0]
    return {found.voice.name for found in recognise(known, voices) if found is not None}


def test_two_people_are_known_in_their_conversation_and_nowhere_else(listener: Listener) -> None:
    """Both where they talk with each other; neither among strangers."""
    voices = [
        enrolled(listener, "first", "libri_1688-142285-0006"),
        enrolled(listener, "second", "libri_2033-164914-0000", "libri_2033-164914-0001"),
    ]
    assert named(listener, voices, "diar_constructed/public_en_2spk.flac") == {"first", "second"}
    for strangers in ("diar/pyannote_sample.flac", "diar_constructed/public_en_3spk_noise.flac", "diar/ami_trn00.flac"):
        assert named(listener, voices, strangers) == set()


def test_conversations_are_no_samples(listener: Listener) -> None:
    """Several people who all say more than a word are never enrolled as one."""
    for file in ("diar/azure_katiesteve.flac", "diar/pyannote_sample.flac", "diar_constructed/public_en_2spk.flac"):
        audio = sound(file)
        with pytest.raises(UnsuitableSample, match="more than one voice"):
            enroll(audio, listener.hear_all(audio, STEP_FRAMES), EnrollmentLimits())
