"""Where the crew finds media: those that were handed in, and those that are fetched when their turn comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from stream_server.audio.media import probe
from stream_server.store.media import MediaStore, new_key


class Fetched(Protocol):
    """What another server says of what came."""

    @property
    def name(self) -> str:
        """What it is called there."""
        ...


Fetch = Callable[[str, Path], Awaitable[Fetched]]
"""Writes what is at a URL into a file; raises why that cannot be."""

Place = Callable[[], AbstractAsyncContextManager[Path]]
"""Gives a path for a file that is deleted afterwards, if it is still there."""


class MediaShelf:
    """Implement `crew.Shelf` on a store of media."""

    def __init__(self, media: MediaStore, fetch: Fetch, place: Place) -> None:
        self._media = media
        self._fetch = fetch
        self._place = place

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        """Give a medium as a file."""
        async with self._place() as scratch, self._media.as_file(key, scratch) as path:
            yield path

    async def fetched(self, organisation: str, user: str | None, uri: str) -> tuple[str, str]:
        """Fetch a medium and keep it; raises `UnsupportedAudio` if it is none."""
        async with self._place() as path:
            found = await self._fetch(uri, path)
            info = await asyncio.to_thread(partial(probe, path, name=found.name))
            key = new_key(organisation, user, info.mime_type)
            await self._media.put(key, path)
            return key, found.name
