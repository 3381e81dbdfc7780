"""Recordings in a directory: what is uploaded is moved there, not copied, and decoded where it lies."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from obstore.store import LocalStore

from stream_server.errors import StorageFull, StoreUnavailable
from stream_server.store.media import check_key
from stream_server.store.object_media import ObjectMedia

_FULL = (errno.ENOSPC, errno.EDQUOT)


class LocalMedia(ObjectMedia):
    """A `MediaStore` below a directory, which is made, readable by its owner alone."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(LocalStore(directory, automatic_cleanup=True))
        self._directory = directory

    async def put(self, key: str, path: Path) -> None:
        """Move a file to where its key says."""
        await asyncio.to_thread(self._move, path, self._directory / check_key(key))

    @asynccontextmanager
    async def as_file(self, key: str, scratch: Path) -> AsyncIterator[Path]:
        """Give the very file."""
        del scratch
        await self.find(key)
        yield self._directory / key

    def _move(self, path: Path, target: Path) -> None:
        """Put a file in its place, whole or not at all; from another disk it is copied beside its place first."""
        scratch = target.with_name(f".{target.name}")
        try:
            for parent in (target.parent.parent, target.parent):
                parent.mkdir(mode=0o700, exist_ok=True)
            shutil.move(path, scratch)
            scratch.replace(target)
        except OSError as error:
            with suppress(OSError):
                scratch.unlink(missing_ok=True)
            if error.errno in _FULL:
                raise StorageFull("the server has no room for this recording") from None
            raise StoreUnavailable("the recording cannot be written where recordings are kept") from error
