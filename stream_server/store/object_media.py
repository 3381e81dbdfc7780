"""Recordings in whatever obstore can talk to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError

from stream_server.errors import NotFound, StoreUnavailable
from stream_server.store.media import StoredMedia, check_key, mime_type_of

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PIECE_BYTES = 1 << 20
"""Read at once: a minute of usual audio."""

PART_BYTES = 8 << 20
"""Of a large file that is sent in parts: S3 takes ten thousand of them."""

PARTS_AT_ONCE = 4


class ObjectMedia:
    """A `MediaStore` over one of obstore's stores."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, path: Path) -> None:
        """Keep a file under a key."""
        check_key(key)
        try:
            with _errors():
                await obstore.put_async(self._store, key, path, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
        except NotFound:
            raise StoreUnavailable("there is no place where recordings are kept") from None

    async def find(self, key: str) -> StoredMedia:
        """Return what is kept under a key."""
        with _errors():
            found = await obstore.head_async(self._store, check_key(key))
        return StoredMedia(
            key=key,
            size=found["size"],
            mime_type=mime_type_of(key),
            modified_at=found["last_modified"].timestamp(),
            etag=(found["e_tag"] or "").strip('"'),
        )

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes [start, end), piece by piece."""
        check_key(key)
        for at in range(start, end, PIECE_BYTES):  # a request each: who listens slowly holds no connection open
            with _errors():
                piece = await obstore.get_range_async(self._store, key, start=at, end=min(end, at + PIECE_BYTES))
            yield bytes(piece)

    @asynccontextmanager
    async def as_file(self, key: str, scratch: Path) -> AsyncIterator[Path]:
        """Give a recording as a file that is gone afterwards."""
        size = (await self.find(key)).size
        try:
            with await asyncio.to_thread(scratch.open, "xb") as file:
                async for piece in self.read(key, 0, size):
                    await asyncio.to_thread(file.write, piece)
            yield scratch
        finally:
            await asyncio.to_thread(scratch.unlink, missing_ok=True)

    async def delete(self, key: str) -> None:
        """Delete a recording for good."""
        with _errors():
            await obstore.head_async(self._store, check_key(key))  # S3 deletes what is not there without a word
            await obstore.delete_async(self._store, key)

    async def list_older(self, before: float) -> AsyncIterator[str]:
        """Yield the keys of what was put before a time."""
        with _errors():
            async for batch in obstore.list(self._store):
                for each in batch:
                    if each["last_modified"].timestamp() < before:
                        yield each["path"]


@contextmanager
def _errors() -> Iterator[None]:
    """Turn obstore's errors into ours; its words may hold addresses, which stay out of ours."""
    try:
        yield
    except FileNotFoundError:
        raise NotFound("there is no such recording") from None
    except (BaseError, OSError) as error:
        raise StoreUnavailable(f"the recordings cannot be reached ({type(error).__name__})") from error
