"""Networks of the hub: what names mean, and that a file comes whole, once, and as it was pinned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_server.asr.transfer import HubTransfer
from stream_server.diarize.networks import find_graph, version_of
from stream_server.diarize.published import PUBLISHED, HubFile, fetch, find_published
from stream_server.errors import ModelUnavailable
from tests.fake_hub import FakeHub, serving

GRAPH = b"graph" * 10_000
DIGEST = hashlib.sha256(GRAPH).hexdigest()
REFERENCE = f"hub:someone/voices-1.0/onnx/net++.onnx@sha256:{DIGEST}"


@pytest.fixture
def server() -> Iterator[FakeHub]:
    """A hub of one network."""
    with serving({"net++.onnx": GRAPH}) as hub:
        yield hub


def test_a_reference_is_fetched_once(server: FakeHub, tmp_path: Path) -> None:
    """Into the data directory, under its digest; the second start asks nobody."""
    graph = find_graph(REFERENCE, tmp_path, HubTransfer(server.endpoint))
    assert graph == tmp_path / "networks" / f"net++-{DIGEST[:12]}.onnx"
    assert graph.read_bytes() == GRAPH
    asked = len(server.requests)
    assert "/someone/voices-1.0/resolve/main/onnx/net%2B%2B.onnx" in [path for path, _ in server.requests]
    assert find_graph(REFERENCE, tmp_path, HubTransfer("http://127.0.0.1:9")) == graph
    assert len(server.requests) == asked


def test_a_pinned_name_asks_for_its_revision(server: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has a name of its own is fetched at the revision that was seen."""
    monkeypatch.setitem(PUBLISHED, "toy", HubFile("someone/toy", "net++.onnx", DIGEST, "f" * 40))
    find_graph("toy", tmp_path, HubTransfer(server.endpoint))
    assert server.requests[0] == (f"/someone/toy/resolve/{'f' * 40}/net%2B%2B.onnx", "")


def test_a_cut_transfer_goes_on_where_it_ended(server: FakeHub, tmp_path: Path) -> None:
    """Within a start, and from what an earlier one left behind."""
    server.cut_after = 20_000
    find_graph(REFERENCE, tmp_path / "a", HubTransfer(server.endpoint))
    assert "bytes=20000-" in [asked for _, asked in server.requests]
    folder = tmp_path / "b" / "networks"
    folder.mkdir(parents=True)
    (folder / f"net++-{DIGEST[:12]}.onnx.incomplete").write_bytes(GRAPH[:7])
    assert find_graph(REFERENCE, tmp_path / "b", HubTransfer(server.endpoint)).read_bytes() == GRAPH
    assert "bytes=7-" in [asked for _, asked in server.requests]


def test_other_bytes_are_thrown_away(server: FakeHub, tmp_path: Path) -> None:
    """What differs from the pinned digest never appears, whatever the hub says of it."""
    server.files["net++.onnx"] = b"x" + GRAPH[1:]
    with pytest.raises(ModelUnavailable, match=r"onnx/net\+\+\.onnx of someone/voices-1\.0 differs from the published"):
        find_graph(REFERENCE, tmp_path, HubTransfer(server.endpoint))
    assert [path.suffix for path in (tmp_path / "networks").iterdir()] == [".lock"]


def test_a_spoiled_file_is_fetched_anew(server: FakeHub, tmp_path: Path) -> None:
    """What lies in the data directory is checked at every start."""
    graph = find_graph(REFERENCE, tmp_path, HubTransfer(server.endpoint))
    graph.write_bytes(GRAPH[:-1])
    assert find_graph(REFERENCE, tmp_path, HubTransfer(server.endpoint)).read_bytes() == GRAPH


def test_a_hub_out_of_reach_says_what_to_do(tmp_path: Path) -> None:
    """One sentence: what, from where, why, and the way out."""
    with pytest.raises(ModelUnavailable, match=r"net\+\+\.onnx of .* the hub .* is out of reach .*: connect, or give"):
        find_graph(REFERENCE, tmp_path, HubTransfer("http://127.0.0.1:9", timeout_seconds=2.0))


def test_a_refusal_names_its_status(server: FakeHub, tmp_path: Path) -> None:
    """As for a repository that is gone or closed."""
    server.status = 404
    with pytest.raises(ModelUnavailable, match="404"):
        find_graph(REFERENCE, tmp_path, HubTransfer(server.endpoint))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Nobody is asked then."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ModelUnavailable, match="cannot be stored"):
        fetch(HubFile("a/b", "c.onnx", DIGEST), tmp_path / "file", HubTransfer("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "reference",
    [
        "hub:someone/net.onnx",
        f"hub:someone/net.onnx@sha256:{DIGEST}",
        "hub:someone/voices/net.onnx",
        f"hub:someone/voices/net.onnx@sha256:{DIGEST[1:]}",
        f"hub:someone/voices/../../net.onnx@sha256:{DIGEST}",
        f"hub:../voices/net.onnx@sha256:{DIGEST}",
        f"hub:someone/voices/net.onnx@sha1:{DIGEST}",
        f"hub:someone/voices/net.onnx?a=b@sha256:{DIGEST}",
    ],
)
def test_a_malformed_reference_is_refused(reference: str, tmp_path: Path) -> None:
    """It is no path either: the sentence shows how one is written."""
    for ask in (version_of, lambda name: find_graph(name, tmp_path)):
        with pytest.raises(ModelUnavailable, match="write hub:OWNER/REPO/FILE@sha256:"):
            ask(reference)


def test_versions_are_digests(tmp_path: Path) -> None:
    """By path, by reference and by name one file has one version, and nothing is fetched for it."""
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(GRAPH)
    assert version_of(str(copy)) == version_of(REFERENCE) == version_of(REFERENCE.replace(DIGEST, DIGEST.upper()))
    assert version_of(REFERENCE) == f"sha256:{DIGEST[:16]}"
    versions = {version_of(name) for name in ("ge2e", "wespeaker", "wespeaker-campplus")}
    assert len(versions) == 3


def test_names_are_what_they_say() -> None:
    """A name that is not published means nothing here."""
    assert find_published("ge2e") is None
    assert find_published("wespeaker") == PUBLISHED["wespeaker"]
    assert all(len(file.sha256) == 64 and file.sha256.islower() for file in PUBLISHED.values())
