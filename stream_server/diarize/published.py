"""A network that is one file of the hub, pinned by its SHA-256: what it is called, and how it comes here.

`hub:OWNER/REPO/FILE@sha256:HEX` names any file; the digest pins it whatever the repository's branch says. Names of its
own have the networks whose files are pinned below.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from stream_server.asr.digests import compute_digest
from stream_server.asr.transfer import HubTransfer, OutOfReach
from stream_server.errors import ModelUnavailable

SCHEME = "hub:"

_REFERENCE = re.compile(
    r"hub:(?P<repository>\w[\w.-]*/\w[\w.-]*)/(?P<file>\w[\w.+-]*(?:/\w[\w.+-]*)*)@sha256:(?P<sha256>[0-9a-fA-F]{64})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository; `sha256` in lower case."""

    repository: str
    file: str
    sha256: str
    revision: str = "main"

    @property
    def stored_as(self) -> str:
        """Return its name in the data directory: another digest is another file."""
        path = PurePosixPath(self.file)
        return f"{path.stem}-{self.sha256[:12]}{path.suffix}"


PUBLISHED = {
    # The MIT-licensed network, quantised by sherpa-onnx; the digest is that of a copy that was run here.
    "segmentation-3.0": HubFile(
        "csukuangfj/sherpa-onnx-pyannote-segmentation-3-0",
        "model.int8.onnx",
        "d582f4b4c6b48205de7e0643c57df0df5615a3c176189be3fc461e9d18827b5d",
    ),
    # WeSpeaker's own exports (CC BY 4.0), trained on VoxCeleb. Revisions and digests were found, alike, in several
    # public projects that pin the same files; the weights themselves could not be had here.
    "wespeaker": HubFile(
        "Wespeaker/wespeaker-voxceleb-resnet34-LM",
        "voxceleb_resnet34_LM.onnx",
        "7bb2f06e9df17cdf1ef14ee8a15ab08ed28e8d0ef5054ee135741560df2ec068",
        "f0c48c298fd835726c27956a5d617bad7115627e",
    ),
    "wespeaker-campplus": HubFile(
        "Wespeaker/wespeaker-voxceleb-campplus-LM",
        "voxceleb_CAM++_LM.onnx",
        "1068e4ac3a76bb9c769e6816ef30bf89363f6e966f1d938210cb8ed4038f8e93",
        "c5e01c6fcffcce160861e7e79782828320192b5c",
    ),
}


def find_published(name: str) -> HubFile | None:
    """Return what a name or reference means; None: it is neither. Raises `ModelUnavailable` for a malformed one."""
    if not name.startswith(SCHEME):
        return PUBLISHED.get(name)
    found = _REFERENCE.fullmatch(name)
    if found is None:
        raise ModelUnavailable(
            f"{name!r} names no file of the hub: write hub:OWNER/REPO/FILE@sha256: and the file's 64 hexadecimal digits"
        )
    return HubFile(found["repository"], found["file"], found["sha256"].lower())


def fetch(file: HubFile, folder: Path, hub: HubTransfer | None = None) -> Path:
    """Return the file in `folder`, fetched unless it is there; what is there is checked too.

    One process at a time; what a broken connection brought is kept. Raises `ModelUnavailable`: the hub is out of reach
    or refuses, the file is not the pinned one, the folder cannot be written.
    """
    hub = hub or HubTransfer()
    target = folder / file.stored_as
    try:
        if _is_right(target, file):
            return target
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder / f".{file.stored_as}.lock"):
            if not _is_right(target, file):
                url = hub.url(file.repository, file.revision, file.file)
                hub.bring(url, target, sha256=file.sha256, what=f"{file.file} of {file.repository}")
    except OutOfReach as reason:
        raise ModelUnavailable(
            f"{file.file} of {file.repository} is not on this machine and the hub {hub.base} is out of reach "
            f"({reason}): connect, or give the path of a copy"
        ) from reason
    except OSError as error:
        raise ModelUnavailable(f"{target.name} cannot be stored in {folder}: {error.strerror or error}") from error
    return target


def _is_right(path: Path, file: HubFile) -> bool:
    return path.is_file() and compute_digest(path, "sha256") == f"sha256:{file.sha256}"


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Let one process at a time fetch; the others find it done."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
