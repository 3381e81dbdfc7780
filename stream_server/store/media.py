"""The contract of what keeps recordings, and the keys by which they are known.

A key is an organisation's folder, a user's folder in it and a name of its own: `acme/anna/2026-11-27-1f0c….mp3`. It
says all there is to know about a recording beside its bytes: whose it is, since when, and by its ending what it is.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from stream_server.audio.file_kinds import KINDS
from stream_server.errors import NotFound

UNKNOWN_TYPE = "application/octet-stream"

MIME_TYPES: Mapping[str, str] = {
    **{kind.name: kind.mime_type for kind in KINDS.values()},
    **{kind.video_name: kind.video_mime_type for kind in KINDS.values() if kind.video_name},
    "weba": "audio/webm",
    "bin": UNKNOWN_TYPE,
}
"""By a key's ending. None of them is a page or a script, so that no browser ever runs what somebody has sent."""

_ENDINGS = {mime_type: ending for ending, mime_type in MIME_TYPES.items()}

_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")

LONGEST_KEY = 400
"""Characters."""

NOBODY = "-"
"""The folder of recordings that are no user's."""

_PLAIN = re.compile(r"(?!x-)[a-z0-9][a-z0-9_-]{0,99}")
"""Names of organisations and users that are folders as they are, also where capitals and small letters are one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedia:
    """A recording that is kept. `modified_at` is in seconds since 1970; `etag` changes with the bytes."""

    key: str
    size: int
    mime_type: str
    modified_at: float
    etag: str


class MediaStore(Protocol):
    """Keeps recordings.

    Every method raises `NotFound` for a key that is none or names nothing, and `StoreUnavailable` if the place where
    they are kept cannot be reached.
    """

    async def put(self, key: str, path: Path) -> None:
        """Keep a file under a key; the file itself may be gone afterwards. Raises `StorageFull`."""
        ...

    async def find(self, key: str) -> StoredMedia:
        """Return what is kept under a key."""
        ...

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes [start, end), piece by piece."""
        ...

    def as_file(self, key: str, scratch: Path) -> AbstractAsyncContextManager[Path]:
        """Give a recording as a file, which must not be changed; `scratch` is a new path for one that must be made."""
        ...

    async def delete(self, key: str) -> None:
        """Delete a recording for good."""
        ...

    def list_older(self, before: float) -> AsyncIterator[str]:
        """Yield the keys of what was put before a time, in seconds since 1970."""
        ...


def new_key(organisation: str, user: str | None, mime_type: str) -> str:
    """Return a key that nobody has had, for a recording of a user, or of the organisation at large."""
    folder = NOBODY if user is None else folder_of(user)
    name = f"{datetime.now(UTC):%Y-%m-%d}-{uuid.uuid4().hex}.{_ENDINGS.get(mime_type, 'bin')}"
    return f"{folder_of(organisation)}/{folder}/{name}"


def folder_of(name: str) -> str:
    """Return the folder of an organisation or user; no two have the same, whatever signs are in their names."""
    return name if _PLAIN.fullmatch(name) else f"x-{hashlib.sha256(name.encode()).hexdigest()}"


def check_key(key: str) -> str:
    """Return a key if it is one; raises `NotFound`, as for what is not there.

    No part of a key begins with a dot or holds a slash of any kind, so a key never leads out of its folder.
    """
    segments = key.split("/")
    if len(segments) != 3 or not all(map(_SEGMENT.fullmatch, segments)):
        raise NotFound("there is no such recording")
    return key


def check_owner(key: str, organisation: str, user: str | None) -> str:
    """Return a key if it is the organisation's, and the user's if one is named; raises `NotFound`."""
    owner, folder, _ = check_key(key).split("/")
    if owner != folder_of(organisation) or (user is not None and folder != folder_of(user)):
        raise NotFound("there is no such recording")
    return key


def mime_type_of(key: str) -> str:
    """Return what is kept under a key, by its ending."""
    return MIME_TYPES.get(key.rpartition(".")[2].lower(), UNKNOWN_TYPE)
