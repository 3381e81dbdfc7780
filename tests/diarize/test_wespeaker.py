"""WeSpeaker's embedder on a made graph of the real ones' shape; their weights are on the hub alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stream_server.diarize.fbank import log_mels
from stream_server.diarize.inference import open_graph
from stream_server.diarize.wespeaker import WespeakerEmbedder
from tests.diarize.made_graphs import DIMENSIONS, wespeaker_graph


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the made graph."""
    return wespeaker_graph(tmp_path_factory.mktemp("graph") / "made.onnx")


@pytest.fixture(scope="module")
def embedder(graph: Path) -> WespeakerEmbedder:
    """Give an embedder on it."""
    return WespeakerEmbedder(graph)


def noise(samples: int, seed: int = 2) -> np.ndarray:
    """Return noise of changing level."""
    random = np.random.default_rng(seed)
    return (0.1 * random.standard_normal(samples) * (1 + np.sin(np.arange(samples) / 9_000))).astype(np.float32)


def unit(rows: np.ndarray) -> np.ndarray:
    """Return rows of length one."""
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def test_a_batch_equals_its_items(embedder: WespeakerEmbedder) -> None:
    """Whatever their lengths, and whoever else is of the same length."""
    voices = [noise(samples, seed) for seed, samples in enumerate((3_200, 9_000, 9_000, 48_240, 70_000, 160_000))]
    for voice, together in zip(voices, embedder.run(voices, 3), strict=True):
        assert np.allclose(embedder.run([voice], 3)[0], together, atol=1e-5)


def test_dimensions_are_the_graphs(embedder: WespeakerEmbedder) -> None:
    """Embeddings have length one; no voice has none."""
    assert embedder.dimensions == DIMENSIONS
    (embedding,) = embedder.run([noise(20_000)])
    assert embedding.shape == (DIMENSIONS,)
    assert embedding.dtype == np.float32
    assert np.linalg.norm(embedding) == pytest.approx(1)
    assert embedder.run([]) == []


def test_a_short_voice_is_one_window(embedder: WespeakerEmbedder, graph: Path) -> None:
    """The graph hears all of its frames at once, their mean taken away."""
    voice = noise(40_000)
    mels = log_mels(voice)
    theirs = open_graph(graph).run(None, {"feats": (mels - mels.mean(axis=0))[None]})[0][0]
    assert np.allclose(embedder.run([voice])[0], unit(theirs), atol=1e-5)


def test_a_long_voice_is_the_mean_of_its_windows(embedder: WespeakerEmbedder, graph: Path) -> None:
    """Windows of 300 frames, half shared, each with its own mean taken away, each embedding of length one."""
    voice = noise(400 + 160 * 749)
    mels = log_mels(voice)
    windows = [mels[start : start + 300] for start in (0, 150, 300, 450)]
    stacked = np.stack([window - window.mean(axis=0) for window in windows])
    theirs = unit(open_graph(graph).run(None, {"feats": stacked})[0])
    assert np.allclose(embedder.run([voice])[0], unit(theirs.mean(axis=0)), atol=1e-5)


def test_most_windows_bounds_the_cost(embedder: WespeakerEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are spread over the whole voice."""
    asked: list[int] = []
    embed = embedder._embed
    monkeypatch.setattr(embedder, "_embed", lambda windows: asked.append(len(windows)) or embed(windows))
    (bounded,) = embedder.run([noise(320_000)], 3)
    (whole,) = embedder.run([noise(320_000)])
    assert asked == [3, 12]
    assert bounded @ whole > 0.9


@pytest.mark.parametrize("samples", [0, 1, 399, 3_200])
def test_what_is_hardly_there_has_an_embedding(embedder: WespeakerEmbedder, samples: int) -> None:
    """Silence too: nothing divides by nothing."""
    for voice in (np.zeros(samples, np.float32), noise(samples)):
        (embedding,) = embedder.run([voice])
        assert np.isfinite(embedding).all()


def test_volume_does_not_matter(embedder: WespeakerEmbedder) -> None:
    """The mean that is taken away is all that a volume changes."""
    (loud,) = embedder.run([noise(60_000)])
    (quiet,) = embedder.run([noise(60_000) / 4])
    assert loud @ quiet == pytest.approx(1, abs=1e-4)
