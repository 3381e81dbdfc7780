"""Are these the published bytes? Digests of model files, remembered so that a start does not hash gigabytes.

A digest is written "sha256:…" or, for small files that the hub keeps in git, "git:…" (SHA-1 of the git blob).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from stream_server.asr.catalog import CatalogModel

HUB_DIGESTS = "hub-digests.json"
"""Beside a downloaded model: the hub's own digests of files for which the catalog has none."""

STAMPS = "verified.json"
"""In the data directory: what was hashed before, by path, size and time of change."""

CHUNK = 1 << 20


def expected_digests(model: CatalogModel, directory: Path) -> dict[str, str | None]:
    """Return the digest that each file must have: the catalog's, else the hub's, else None."""
    recorded = _read(directory / HUB_DIGESTS)
    return {file.name: f"sha256:{file.sha256}" if file.sha256 else recorded.get(file.name) for file in model.files}


def compute_digest(path: Path, kind: str) -> str:
    """Hash a file; `kind` is "sha256" or "git"."""
    with path.open("rb") as source:
        if kind == "sha256":
            return f"sha256:{hashlib.file_digest(source, 'sha256').hexdigest()}"
        # Git's object name, not a protection: the hub states nothing better for small files.
        blob = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        while chunk := source.read(CHUNK):
            blob.update(chunk)
        return f"git:{blob.hexdigest()}"


def digest_from_etag(etag: str) -> str | None:
    """Return the digest that the hub's entity tag is, if it is one."""
    bare = etag.removeprefix("W/").strip('"').lower()
    if not all(character in "0123456789abcdef" for character in bare):
        return None
    return {64: f"sha256:{bare}", 40: f"git:{bare}"}.get(len(bare))


def find_fault(
    model: CatalogModel,
    directory: Path,
    data_dir: Path,
    *,
    always_hash: bool = False,
    hub: Mapping[str, str] | None = None,
) -> str | None:
    """Return what is wrong with a model in a directory, as a clause, or None if every byte is as published.

    `hub` adds digests known from elsewhere (the names of the hub cache's blobs).
    """
    expected = expected_digests(model, directory)
    stamps = {} if always_hash else _read(data_dir / STAMPS)
    fresh: dict[str, str] = {}
    for name, digest in expected.items():
        path = directory / name
        digest = digest or (hub or {}).get(name)  # noqa: PLW2901
        if not path.is_file():
            return f"{name} is missing"
        if digest is None:
            return f"no digest is known for {name}"
        stamp = _stamp(path, digest)
        if stamps.get(str(path.resolve())) != stamp:
            if compute_digest(path, digest.partition(":")[0]) != digest:
                return f"{name} differs from the published file"
            fresh[str(path.resolve())] = stamp
    if fresh:
        write_json(data_dir / STAMPS, {**_read(data_dir / STAMPS), **fresh})
    return None


def is_stamped(model: CatalogModel, directory: Path, data_dir: Path) -> bool:
    """Tell, without hashing, whether all files were found right before and have not changed since."""
    stamps = _read(data_dir / STAMPS)
    return all(
        (directory / name).is_file()
        and digest is not None
        and stamps.get(str((directory / name).resolve())) == _stamp(directory / name, digest)
        for name, digest in expected_digests(model, directory).items()
    )


def write_json(path: Path, content: Mapping[str, str]) -> None:
    """Write atomically; a directory that cannot be written costs the memory, not the start."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)


def _stamp(path: Path, digest: str) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {digest}"


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
