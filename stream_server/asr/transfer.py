"""One file from the hub, over as many connections as it takes: resumed where it was cut off, checked, put in place.

huggingface_hub says where the hub is (HF_ENDPOINT), whether it may be asked (HF_HUB_OFFLINE) and which token to send;
the transfer is our own, because its downloads are no longer resumed after the process ends and it retries for half a
minute when the hub cannot be reached.
"""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub import constants

from stream_server.asr.digests import compute_digest, digest_from_etag
from stream_server.errors import ModelUnavailable

Progress = Callable[[str, int, int], None]
"""Called while a file arrives: its name, the bytes that are here, the bytes in all (0 if unknown)."""

CHUNK = 1 << 20
ATTEMPTS = 5
"""Connections tried in a row that brought no byte."""


class OutOfReach(Exception):
    """The hub does not answer, or breaks off again and again: `str` says why. What arrived is kept."""


@dataclass(frozen=True, slots=True)
class HubTransfer:
    """Where the hub is and how long to wait for it; `endpoint` defaults to the environment's."""

    endpoint: str | None = None
    timeout_seconds: float = 10.0

    @property
    def base(self) -> str:
        """Return the hub's address, without a slash at its end."""
        return (self.endpoint or str(constants.ENDPOINT)).rstrip("/")

    @property
    def offline(self) -> bool:
        """Tell whether the environment forbids to ask."""
        return self.endpoint is None and bool(constants.HF_HUB_OFFLINE)

    def url(self, repository: str, revision: str, name: str) -> str:
        """Return where a repository's file is."""
        return f"{self.base}/{repository}/resolve/{revision}/{urllib.parse.quote(name)}"

    def reachable(self, timeout_seconds: float) -> bool:
        """Tell quickly whether the hub answers."""
        if self.offline:
            return False
        try:
            with urllib.request.urlopen(self._request(self.base), timeout=timeout_seconds):  # noqa: S310
                return True
        except urllib.error.HTTPError:
            return True
        except (OSError, http.client.HTTPException):
            return False

    def bring(self, url: str, target: Path, *, sha256: str | None, what: str, progress: Progress | None = None) -> str:
        """Put a file at `target`, which appears once it is whole and right; return its digest.

        Its digest is `sha256`, or else what the hub states; `what` names it in errors. Raises `OutOfReach`,
        `ModelUnavailable` (refused, or not what was published: then it is thrown away) and `OSError` of the disk.
        """
        part = target.with_name(f"{target.name}.incomplete")
        stated = self._transfer(url, part, progress or (lambda *_: None))
        digest = f"sha256:{sha256}" if sha256 else stated
        if digest is None:
            raise ModelUnavailable(f"the hub states no digest for {what}: it cannot be checked")
        if compute_digest(part, digest.partition(":")[0]) != digest:
            part.unlink()
            raise ModelUnavailable(f"{what} differs from the published file and was thrown away")
        part.replace(target)
        return digest

    def _transfer(self, url: str, part: Path, progress: Progress) -> str | None:
        """Bring `part` to its full length over as many connections as it takes; return the hub's digest."""
        if self.offline:
            raise OutOfReach("HF_HUB_OFFLINE is set")
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
                    raise OutOfReach(str(interruption)) from interruption

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

    def _request(self, address: str, headers: dict[str, str] | None = None) -> urllib.request.Request:
        if not re.match(r"https?://", address):
            raise ModelUnavailable(f"the hub's address {address} is no http address")
        request = urllib.request.Request(address, headers={"User-Agent": "stream-server", **(headers or {})})  # noqa: S310
        token = huggingface_hub.get_token()
        if token:
            # Unredirected: the storage behind the hub is another host and must not see it.
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        return request


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
