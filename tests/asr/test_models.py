"""Laws of finding models: the order of places, one digest check, clear errors."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stream_server.asr import catalog, choice, models, wheels
from stream_server.asr.catalog import CATALOG, CatalogModel, ModelFile
from stream_server.asr.choice import choose_model
from stream_server.asr.hub import Hub
from stream_server.asr.models import get, list_models, resolve, verify
from stream_server.errors import ModelUnavailable

CONTENT = {
    "model.bin": b"weights " * 1000,
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
}


def toy(name: str = "toy", parts: tuple[tuple[str, str], ...] = ()) -> CatalogModel:
    """A released model of a few bytes."""
    files = tuple(ModelFile(n, len(data), hashlib.sha256(data).hexdigest()) for n, data in CONTENT.items())
    return CatalogModel(name, f"someone/{name}", "f" * 40, english_only=False, files=files, parts=parts)


def put(folder: Path, **changed: bytes) -> Path:
    """Write the toy model, with changes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in CONTENT.items():
        (folder / name).write_bytes(changed.get(name.partition(".")[0], data))
    return folder


@pytest.fixture(autouse=True)
def _toy_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("large-v3-turbo", "medium", "small", "base", "tiny", "base.en", "tiny.en", "toy"):
        monkeypatch.setitem(CATALOG, name, toy(name))


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub that nobody answers for, and an empty cache."""
    return Hub(endpoint="http://127.0.0.1:9", cache=tmp_path / "cache", timeout_seconds=2.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty data directory."""
    return tmp_path / "data"


def test_the_catalog_is_pinned() -> None:
    """Every released model names a revision; digests are SHA-256 or honestly missing."""
    for model in catalog._MODELS:
        assert len(model.revision) == 40
        assert {"model.bin", "config.json", "tokenizer.json"} <= {file.name for file in model.files}
        assert all(file.sha256 is None or len(file.sha256) == 64 for file in model.files)
    assert [model.name for model in catalog._MODELS if model.files[0].sha256 is None] == ["distil-large-v2"]
    assert catalog.find_model("turbo") is CATALOG["large-v3-turbo"]


def test_a_directory_is_taken_as_it_is(tmp_path: Path, data: Path, hub: Hub) -> None:
    """One's own directory is used and reported as unverified."""
    mine = put(tmp_path / "mine")
    resolved = resolve(str(mine), data, allow_download=False, hub=hub)
    assert (resolved.path, resolved.verified, resolved.source) == (mine, False, "directory")
    assert not resolved.multilingual


def test_a_directory_without_weights_is_refused(tmp_path: Path, data: Path, hub: Hub) -> None:
    """A wrong directory is told apart from a wrong name."""
    with pytest.raises(ModelUnavailable, match=r"no model\.bin"):
        resolve(str(tmp_path), data, allow_download=False, hub=hub)


def test_an_unknown_name_lists_the_names(data: Path, hub: Hub) -> None:
    """The error says what could have been meant."""
    with pytest.raises(ModelUnavailable, match=r"huge.*large-v3-turbo"):
        resolve("huge", data, allow_download=True, hub=hub)
    with pytest.raises(ModelUnavailable):
        get("huge", data, hub=hub)


def test_the_data_directory_is_used(data: Path, hub: Hub) -> None:
    """A verified copy in the data directory is what runs."""
    home = put(data / "models" / "toy")
    resolved = resolve("toy", data, allow_download=False, hub=hub)
    assert (resolved.path, resolved.verified, resolved.source) == (home, True, "data directory")


def test_a_changed_byte_is_refused(data: Path, hub: Hub) -> None:
    """Weights that differ from what was published are never loaded under the published name."""
    put(data / "models" / "toy", model=b"w3ights " * 1000)
    with pytest.raises(ModelUnavailable, match=r"model\.bin differs"):
        resolve("toy", data, allow_download=False, hub=hub)


def test_a_missing_file_is_refused(data: Path, hub: Hub) -> None:
    """An incomplete copy is not a model."""
    (put(data / "models" / "toy") / "tokenizer.json").unlink()
    with pytest.raises(ModelUnavailable, match=r"tokenizer\.json is missing"):
        resolve("toy", data, allow_download=False, hub=hub)


def test_a_verified_model_is_not_hashed_again(data: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was verified and has not changed since is remembered."""
    put(data / "models" / "toy")
    resolve("toy", data, allow_download=False, hub=hub)
    monkeypatch.setattr("stream_server.asr.digests.compute_digest", lambda *_: pytest.fail("hashed again"))
    assert resolve("toy", data, allow_download=False, hub=hub).verified


def test_a_change_after_verification_is_noticed(data: Path, hub: Hub) -> None:
    """A file that changed since is hashed again, and refused."""
    home = put(data / "models" / "toy")
    resolve("toy", data, allow_download=False, hub=hub)
    (home / "model.bin").write_bytes(b"other bytes")
    with pytest.raises(ModelUnavailable, match="differs"):
        resolve("toy", data, allow_download=False, hub=hub)


def test_the_hubs_cache_is_used(data: Path, hub: Hub) -> None:
    """A pinned snapshot that another program fetched is found where the hub's library keeps it."""
    assert hub.cache is not None
    snapshot = put(hub.cache / "models--someone--toy" / "snapshots" / ("f" * 40))
    resolved = resolve("toy", data, allow_download=False, hub=hub)
    assert (resolved.path, resolved.source) == (snapshot, "hub's cache")


def test_a_bad_copy_gives_way_to_a_good_one(data: Path, hub: Hub) -> None:
    """A refused copy does not hide a right one further down the order."""
    assert hub.cache is not None
    put(data / "models" / "toy", model=b"bad")
    put(hub.cache / "models--someone--toy" / "snapshots" / ("f" * 40))
    assert resolve("toy", data, allow_download=False, hub=hub).source == "hub's cache"


class FakeDistribution:
    """An installed wheel whose files lie in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def locate_file(self, inside: str) -> Path:
        return self.folder / inside


def test_wheels_in_parts_are_joined_once(tmp_path: Path, data: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts become one model in the data directory; the next start finds it there."""
    first, second = tmp_path / "site" / "one", tmp_path / "site" / "two"
    put(first)
    second.mkdir()
    (first / "model.bin").unlink()
    (first / "model.bin.part1").write_bytes(CONTENT["model.bin"][:5000])
    (second / "model.bin.part2").write_bytes(CONTENT["model.bin"][5000:])
    monkeypatch.setitem(CATALOG, "toy", toy(parts=(("dist-one", "one"), ("dist-two", "two"))))
    monkeypatch.setattr(wheels.importlib.metadata, "distribution", lambda _: FakeDistribution(tmp_path / "site"))
    assert [row.note for row in list_models(data, hub) if row.name == "toy"] == ["in parts, joined at first use"]
    resolved = resolve("toy", data, allow_download=False, hub=hub)
    assert (resolved.path, resolved.source) == (data / "models" / "toy", "model wheel")
    assert (resolved.path / "model.bin").read_bytes() == CONTENT["model.bin"]
    assert resolve("toy", data, allow_download=False, hub=hub).source == "data directory"
    assert [path.name for path in (data / "models").iterdir() if path.is_dir()] == ["toy"]


def test_a_missing_model_says_how_to_get_it(data: Path, hub: Hub) -> None:
    """Without permission to fetch, the sentence names the command."""
    with pytest.raises(ModelUnavailable, match="stream-server models get toy"):
        resolve("toy", data, allow_download=False, hub=hub)


def test_a_hub_out_of_reach_is_one_sentence(data: Path, hub: Hub) -> None:
    """The fetch fails quickly and says what else to do; nothing is left behind."""
    with pytest.raises(ModelUnavailable, match="out of reach") as caught:
        resolve("toy", data, allow_download=True, hub=hub)
    assert "\n" not in caught.value.message
    assert [path.name for path in (data / "models").iterdir() if path.is_dir()] == []


def test_verify_hashes_every_file(data: Path, hub: Hub) -> None:
    """Each file is judged by itself, remembered or not."""
    home = put(data / "models" / "toy")
    assert {check.state for check in verify("toy", data, hub)} == {"ok"}
    (home / "config.json").write_bytes(b"[]")
    (home / "vocabulary.txt").unlink()
    states = {check.name: check.state for check in verify("toy", data, hub)}
    assert states == {
        "model.bin": "ok", "config.json": "differs", "tokenizer.json": "ok", "vocabulary.txt": "missing",
    }  # fmt: skip
    with pytest.raises(ModelUnavailable):
        verify("small", data, hub)


def test_the_list_says_where_each_model_is(data: Path, hub: Hub) -> None:
    """Models that are here and models to be fetched are told apart, verified ones marked."""
    put(data / "models" / "toy")
    resolve("toy", data, allow_download=False, hub=hub)
    rows = {row.name: row for row in list_models(data, hub)}
    assert (rows["toy"].where, rows["toy"].verified) == ("data directory", True)
    assert rows["small"].where == ""
    assert "models get small" in rows["small"].note
    assert models.is_local("toy", data, hub)


def test_auto_takes_base_on_a_cpu(data: Path, hub: Hub) -> None:
    """On a CPU the choice is base, in int8, with a reason."""
    put(data / "models" / "base")
    chosen = choose_model("auto", data, hub=hub, cuda_devices=0)
    assert (chosen.model, chosen.device, chosen.compute_type) == ("base", "cpu", "int8")
    assert "no CUDA device" in chosen.reason
    assert chosen.resolved is not None


def test_auto_falls_down_the_ladder(data: Path, hub: Hub) -> None:
    """Where the best cannot be had the next is taken, and the advice says how to get the best."""
    put(data / "models" / "tiny.en")
    put(data / "models" / "small")
    on_cpu = choose_model("cpu", data, hub=hub, cuda_devices=0)
    assert (on_cpu.model, on_cpu.advice) == ("tiny.en", "run: stream-server models get base")
    on_gpu = choose_model("cuda:1", data, hub=hub, cuda_devices=2)
    assert (on_gpu.model, on_gpu.compute_type) == ("small", "float16")
    assert "large-v3-turbo" in on_gpu.advice
    assert "could not be fetched" in on_gpu.reason


def test_auto_passes_over_a_bad_copy(data: Path, hub: Hub) -> None:
    """A refused copy of the best does not stop the next from being taken."""
    put(data / "models" / "base", model=b"bad")
    put(data / "models" / "tiny")
    assert choose_model("cpu", data, hub=hub, cuda_devices=0).model == "tiny"


def test_auto_goes_on_after_a_failed_download(data: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that answers and then fails is no reason not to start with what is here."""
    monkeypatch.setattr(Hub, "reachable", lambda self: True)
    put(data / "models" / "tiny")
    assert choose_model("cpu", data, hub=hub, cuda_devices=0).model == "tiny"


def test_auto_without_any_model_is_one_sentence(data: Path, hub: Hub) -> None:
    """With nothing here and no hub the error says what to install."""
    with pytest.raises(ModelUnavailable, match=r"stream-server\[models\]"):
        choose_model("cpu", data, hub=hub, cuda_devices=0)


def test_checking_does_not_fetch(data: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` says what would be fetched and fetches nothing."""
    monkeypatch.setattr(Hub, "reachable", lambda self: True)
    chosen = choose_model("cuda", data, allow_download=False, hub=hub, cuda_devices=1)
    assert (chosen.model, chosen.resolved) == ("large-v3-turbo", None)
    assert "to be fetched" in chosen.reason


def test_every_rung_is_in_the_catalog() -> None:
    """The ladders name released models only."""
    assert {name for ladder in choice.LADDERS.values() for name in ladder} <= set(CATALOG)
