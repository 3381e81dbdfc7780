"""Laws of one file's way from the hub that no model's download shows; tests/asr/test_hub.py has the others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stream_server.asr import transfer
from stream_server.asr.transfer import HubTransfer, OutOfReach
from stream_server.errors import ModelUnavailable
from tests.fake_hub import serving

DATA = bytes(range(256)) * 64


def test_names_are_quoted(tmp_path: Path) -> None:
    """A plus in a file's name stays one, and the file lies where it is wanted."""
    with serving({"a++.bin": DATA}) as hub:
        source = HubTransfer(hub.endpoint)
        url = source.url("someone/thing", "main", "deep/a++.bin")
        assert url == f"{hub.endpoint}/someone/thing/resolve/main/deep/a%2B%2B.bin"
        digest = source.bring(url, tmp_path / "mine", sha256=None, what="a thing")
    assert digest == f"sha256:{hashlib.sha256(DATA).hexdigest()}"
    assert (tmp_path / "mine").read_bytes() == DATA


def test_what_states_no_digest_is_not_taken(tmp_path: Path) -> None:
    """Neither pinned nor stated by the hub: nothing says that the bytes are right."""
    with serving({"a.bin": DATA}) as hub, pytest.raises(ModelUnavailable, match="the hub states no digest for a thing"):
        HubTransfer(hub.endpoint).bring(f"{hub.endpoint}/storage/a.bin", tmp_path / "a", sha256=None, what="a thing")
    assert not (tmp_path / "a").exists()


def test_a_closed_port_is_out_of_reach(tmp_path: Path) -> None:
    """The reason is told; whose file it is the caller says."""
    source = HubTransfer("http://127.0.0.1:9", timeout_seconds=2.0)
    with pytest.raises(OutOfReach, match="refused"):
        source.bring(source.url("a/b", "main", "c"), tmp_path / "c", sha256="0" * 64, what="c")


def test_offline_means_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment forbids to ask its hub, nobody does; an address of one's own is not meant."""
    monkeypatch.setattr(transfer.constants, "HF_HUB_OFFLINE", True)
    source = HubTransfer()
    assert not source.reachable(1.0)
    with pytest.raises(OutOfReach, match="HF_HUB_OFFLINE is set"):
        source.bring(source.url("a/b", "main", "c"), tmp_path / "c", sha256="0" * 64, what="c")
    with serving({}) as hub:
        assert HubTransfer(hub.endpoint).reachable(5.0)
