"""Delete recordings when they have been kept for as long as the operator wants."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from stream_server.errors import NotFound, StoreUnavailable
from stream_server.store.media import MediaStore

PURGE_SECONDS = 3_600.0
"""How often old recordings are looked for: days are counted, so hours do not matter."""

DAY_SECONDS = 86_400.0

_log = logging.getLogger(__name__)


class MediaRetention:
    """Purges a store every hour while it runs; 0 days: never."""

    def __init__(self, store: MediaStore, *, days: int, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._days = days
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self._days:
            self._task = asyncio.create_task(self._run(), name="media-retention")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def purge(self) -> int:
        """Delete what is too old; return how many recordings that were. Raises `StoreUnavailable`."""
        count = 0
        async for key in self._store.list_older(self._clock() - self._days * DAY_SECONDS):
            with suppress(NotFound):  # another server of the installation was faster
                await self._store.delete(key)
                count += 1
        return count

    async def _run(self) -> None:
        while True:
            try:
                if count := await self.purge():
                    _log.info("deleted %d recordings that were kept for %d days", count, self._days)
            except StoreUnavailable as error:  # the next round tries again
                _log.warning("old recordings cannot be deleted: %s", error.message)
            await asyncio.sleep(PURGE_SECONDS)
