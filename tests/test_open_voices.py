"""Enrolled voices as the settings want them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_server.audio.fork_server import ForkServer
from stream_server.diarize.enrollment import EnrollmentLimits
from stream_server.diarize.recognition import RecognitionLimits
from stream_server.diarize.wespeaker import WespeakerEmbedder
from stream_server.errors import ModelUnavailable
from stream_server.open_voices import enrollment_limits, load_listener, open_voices, recognition_limits
from stream_server.settings import load_settings
from stream_server.store.sealing import KEY_NAME
from stream_server.store.sql import Database
from tests.diarize.made_graphs import wespeaker_graph


def test_the_settings_defaults_are_the_measured_limits() -> None:
    """What nobody has set is what the benchmarks have measured."""
    settings = load_settings({})
    assert enrollment_limits(settings) == EnrollmentLimits()
    own = RecognitionLimits(threshold=0.5, margin=0.1)
    assert recognition_limits(settings, own) == own


def test_what_is_set_counts() -> None:
    """Each setting reaches its limit."""
    values = {
        "enroll_speech_seconds": 3,
        "enroll_other_voice_share": 0.3,
        "enroll_clipped_share": 0.2,
        "enroll_level_dbfs": -60,
        "voice_threshold": 0.9,
        "voice_margin": 0.2,
    }
    settings = load_settings(values)
    assert enrollment_limits(settings) == EnrollmentLimits(
        speech_seconds=3, other_voice_share=0.3, clipped_share=0.2, level_dbfs=-60
    )
    assert recognition_limits(settings, RecognitionLimits()) == RecognitionLimits(threshold=0.9, margin=0.2)


@pytest.mark.parametrize("named", [None, "elsewhere.key"])
async def test_the_key_is_where_the_settings_say(tmp_path: Path, named: str | None) -> None:
    """In the data directory unless a file is named; nothing is loaded and nobody listens until a sample comes."""
    values: dict[str, object] = {"data_directory": tmp_path}
    key = tmp_path / (named or KEY_NAME)
    if named is not None:
        values["voices_key_file"] = key
    database = await Database.open(tmp_path / "records.sqlite3")
    opened = await open_voices(load_settings(values), database, ForkServer())
    assert len(key.read_bytes()) == 32
    assert opened.book.embedder == opened.enroller.embedder == "ge2e"
    await opened.close()
    await database.close()


async def test_a_network_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A file that is named and missing is no voice model."""
    database = await Database.open(tmp_path / "records.sqlite3")
    settings = load_settings({"data_directory": tmp_path, "speaker_embedder": str(tmp_path / "missing.onnx")})
    with pytest.raises(ModelUnavailable, match="missing"):
        await open_voices(settings, database, ForkServer())
    await database.close()


def test_a_graph_by_path_brings_its_own_limits(tmp_path: Path) -> None:
    """Whoever gives a network of another kind need give no thresholds."""
    listener = load_listener("segmentation-2021", str(wespeaker_graph(tmp_path / "made.onnx")), tmp_path)
    assert isinstance(listener.embedder, WespeakerEmbedder)
    assert listener.clustering == WespeakerEmbedder.clustering


def test_a_malformed_reference_is_told(tmp_path: Path) -> None:
    """For either network."""
    for segmentation, embedder in (("hub:a/b", "ge2e"), ("segmentation-2021", "hub:a/b")):
        with pytest.raises(ModelUnavailable, match="names no file of the hub"):
            load_listener(segmentation, embedder, tmp_path)
