"""Laws of fetching, against a local server of the hub's shape: redirects, digests in headers, ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_server.asr.catalog import CatalogModel, ModelFile
from stream_server.asr.digests import digest_from_etag, find_fault
from stream_server.asr.hub import Hub
from stream_server.errors import ModelUnavailable
from tests.fake_hub import FakeHub, serving

WEIGHTS = bytes(range(256)) * 4096
CONFIG = b'{"small": true}'
REVISION = "a" * 40


@pytest.fixture
def server() -> Iterator[FakeHub]:
    """A hub of one model."""
    with serving({"model.bin": WEIGHTS}, {"config.json": CONFIG}) as hub:
        yield hub


def model(weights: str | None = hashlib.sha256(WEIGHTS).hexdigest()) -> CatalogModel:
    """A model of two files, the small one without a published digest."""
    files = (ModelFile("model.bin", len(WEIGHTS), weights), ModelFile("config.json", len(CONFIG), None))
    return CatalogModel("toy", "someone/toy", REVISION, english_only=True, files=files)


def test_a_model_is_fetched_at_its_pinned_revision(server: FakeHub, tmp_path: Path) -> None:
    """Files come from the pinned revision, appear together, and pass the digest check afterwards."""
    target = tmp_path / "models" / "toy"
    Hub(server.endpoint).download(model(), target)
    assert (target / "model.bin").read_bytes() == WEIGHTS
    assert (target / "config.json").read_bytes() == CONFIG
    assert f"/someone/toy/resolve/{REVISION}/model.bin" in [path for path, _ in server.requests]
    assert find_fault(model(), target, tmp_path) is None
    assert not target.with_name("toy.part").exists()


def test_a_cut_connection_is_resumed(server: FakeHub, tmp_path: Path) -> None:
    """What arrived before the cut is not fetched again."""
    server.cut_after = 600_000
    Hub(server.endpoint).download(model(), tmp_path / "toy")
    assert (tmp_path / "toy" / "model.bin").read_bytes() == WEIGHTS
    assert "bytes=600000-" in [asked for _, asked in server.requests]


def test_a_later_run_goes_on_where_the_first_ended(server: FakeHub, tmp_path: Path) -> None:
    """A beginning left by a process that ended is kept."""
    part = tmp_path / "toy.part"
    part.mkdir()
    (part / "model.bin.incomplete").write_bytes(WEIGHTS[:1000])
    Hub(server.endpoint).download(model(), tmp_path / "toy")
    assert (tmp_path / "toy" / "model.bin").read_bytes() == WEIGHTS
    assert "bytes=1000-" in [asked for _, asked in server.requests]


def test_a_complete_beginning_needs_no_more_bytes(server: FakeHub, tmp_path: Path) -> None:
    """A file that was whole already is checked and taken, not fetched again."""
    part = tmp_path / "toy.part"
    part.mkdir()
    (part / "model.bin.incomplete").write_bytes(WEIGHTS)
    Hub(server.endpoint).download(model(None), tmp_path / "toy")
    assert (tmp_path / "toy" / "model.bin").read_bytes() == WEIGHTS


@pytest.mark.parametrize("published", [True, False])
def test_a_wrong_digest_is_refused(server: FakeHub, tmp_path: Path, published: bool) -> None:
    """Other bytes than the published ones, or than the hub itself states, are thrown away."""
    server.files["model.bin"] = b"x" + WEIGHTS[1:]
    wanted = model() if published else model(None)
    with pytest.raises(ModelUnavailable, match=r"model\.bin of toy differs"):
        Hub(server.endpoint).download(wanted, tmp_path / "toy")
    assert not (tmp_path / "toy").exists()
    assert not list(tmp_path.rglob("*.incomplete"))


def test_a_wrong_beginning_is_refused(server: FakeHub, tmp_path: Path) -> None:
    """A resumed file is checked as a whole."""
    part = tmp_path / "toy.part"
    part.mkdir()
    (part / "model.bin.incomplete").write_bytes(b"y" * 1000)
    with pytest.raises(ModelUnavailable, match="differs"):
        Hub(server.endpoint).download(model(), tmp_path / "toy")


def test_small_files_are_checked_too(server: FakeHub, tmp_path: Path) -> None:
    """What the hub keeps in git is checked against the git object's name."""
    server.files["config.json"] = b'{"small": false}'
    with pytest.raises(ModelUnavailable, match=r"config\.json of toy differs"):
        Hub(server.endpoint).download(model(), tmp_path / "toy")


def test_a_refusal_is_one_sentence(server: FakeHub, tmp_path: Path) -> None:
    """An answer that is no file names its status."""
    server.status = 404
    with pytest.raises(ModelUnavailable, match="404"):
        Hub(server.endpoint).download(model(), tmp_path / "toy")


def test_progress_is_told(server: FakeHub, tmp_path: Path) -> None:
    """A progress bar learns the bytes that are here and the bytes in all."""
    seen: list[tuple[str, int, int]] = []
    Hub(server.endpoint).download(model(), tmp_path / "toy", lambda *told: seen.append(told))
    assert ("model.bin", len(WEIGHTS), len(WEIGHTS)) in seen
    assert ("config.json", len(CONFIG), len(CONFIG)) in seen


def test_reachability_is_answered_quickly(server: FakeHub) -> None:
    """A hub that answers, even with an error, is reachable; a closed port is not."""
    assert Hub(server.endpoint).reachable()
    server.status = 503
    assert Hub(server.endpoint).reachable()
    assert not Hub("http://127.0.0.1:9").reachable(timeout_seconds=1.0)


def test_only_http_is_spoken(tmp_path: Path) -> None:
    """An endpoint of another scheme is refused, not opened."""
    with pytest.raises(ModelUnavailable, match="no http address"):
        Hub("file:///etc").download(model(), tmp_path / "toy")


@pytest.mark.parametrize(
    ("etag", "digest"),
    [
        (f'"{"b" * 64}"', f"sha256:{'b' * 64}"),
        (f'W/"{"c" * 40}"', f"git:{'c' * 40}"),
        ('"opaque"', None),
        ("", None),
    ],
)
def test_entity_tags_are_digests_or_nothing(etag: str, digest: str | None) -> None:
    """The hub's tags are SHA-256 for large files and git names for small ones."""
    assert digest_from_etag(etag) == digest
