"""A graph says whose it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stream_server.diarize.embedder import Embedder, Ge2eEmbedder
from stream_server.diarize.embedders import open_embedder
from stream_server.diarize.networks import find_graph
from stream_server.diarize.wespeaker import WespeakerEmbedder
from stream_server.errors import ModelUnavailable
from tests.diarize.made_graphs import wespeaker_graph


@pytest.fixture(scope="module", params=["ge2e", "wespeaker"])
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    """Give each embedder as its graph opens it."""
    home = tmp_path_factory.mktemp("data")
    made = request.param == "wespeaker"
    return open_embedder(wespeaker_graph(home / "made.onnx") if made else find_graph("ge2e", home))


def test_the_graph_picks_the_class(embedder: Embedder) -> None:
    """By the name and the shape of what it takes."""
    wanted = {"ge2e": Ge2eEmbedder, "wespeaker": WespeakerEmbedder}
    assert type(embedder) is wanted[embedder.name]


def test_the_contract_is_one(embedder: Embedder) -> None:
    """One embedding for each voice, in order, of length one, whatever shares the batch; windows may be bounded."""
    random = np.random.default_rng(6)
    voices = [(0.1 * random.standard_normal(samples)).astype(np.float32) for samples in (6_000, 100_000, 30_000)]
    together = embedder.run(voices, 2)
    assert [each.shape for each in together] == [(embedder.dimensions,)] * 3
    for voice, found in zip(voices, together, strict=True):
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
        assert np.allclose(embedder.run([voice], 2)[0], found, atol=1e-5)


def test_limits_are_the_embedders_own() -> None:
    """Scales differ: what is far for one is near for the other."""
    assert WespeakerEmbedder.clustering.join > Ge2eEmbedder.clustering.join
    assert WespeakerEmbedder.recognition.threshold < Ge2eEmbedder.recognition.threshold
    for limits in (WespeakerEmbedder.clustering, Ge2eEmbedder.clustering):
        assert limits.join <= limits.weak_join


@pytest.mark.parametrize(
    ("name", "shape"),
    [("feats", ("B", "T", 40)), ("feats", ("B", 200, 80)), ("feats", (1, "T", 80)), ("x", ("B", "T", 80))],
)
def test_another_graph_is_refused(name: str, shape: tuple[str | int, ...], tmp_path: Path) -> None:
    """The sentence tells what it takes and what would do."""
    with pytest.raises(ModelUnavailable, match=rf"made\.onnx is no known speaker embedder: it takes {name} .*80\]"):
        open_embedder(wespeaker_graph(tmp_path / "made.onnx", shape, name))


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    """Whatever the library thinks of it, it is one sentence."""
    path = tmp_path / "mine.onnx"
    path.write_bytes(b"no graph")
    with pytest.raises(ModelUnavailable, match=r"mine\.onnx is no ONNX graph"):
        open_embedder(path)
