"""Each organisation's enrolled voices at hand, so that whoever recognises speakers never waits for the database."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from stream_server.diarize.recognition import EnrolledVoice
from stream_server.errors import StreamServerError
from stream_server.store.voices import VoiceStore

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Page:
    """One organisation's voices, and when they were last asked for."""

    voices: tuple[EnrolledVoice, ...]
    at: float


class VoiceBook:
    """Answer at once with what is known, and look again behind the scenes when that is older than `refresh_seconds`.

    What this process changes it knows at once; what another one changes within `refresh_seconds` of use. Organisations
    that nobody asks about cost nothing. Only voices of `embedder` are here: others cannot be compared. Used in the
    event loop; `clock` is monotonic.
    """

    def __init__(
        self,
        store: VoiceStore,
        embedder: str,
        *,
        refresh_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.embedder = embedder
        self._store = store
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._pages: dict[str, _Page] = {}
        self._changes: dict[str, int] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}

    def voices(self, organisation: str) -> tuple[EnrolledVoice, ...]:
        """Return the organisation's voices as last known; none before the first look has come back."""
        page = self._pages.get(organisation)
        age = float("inf") if page is None else self._clock() - page.at
        if age >= self._refresh_seconds:
            self._look_again(organisation)
        # What nobody has asked for in a while may be deleted elsewhere: the look will tell in a moment.
        return () if page is None or age >= 2 * self._refresh_seconds else page.voices

    def knows(self, organisation: str) -> bool:
        """Tell whether `voices` gives all there are, not none for want of a fresh look."""
        page = self._pages.get(organisation)
        return page is not None and self._clock() - page.at < 2 * self._refresh_seconds

    async def refresh(self, organisation: str) -> tuple[EnrolledVoice, ...]:
        """Ask the store now, and again if something changes meanwhile; raises what the store raises."""
        while True:
            changes = self._changes.get(organisation, 0)
            found = tuple(await self._store.all_embeddings(organisation, self.embedder))
            if changes == self._changes.get(organisation, 0):
                self._pages[organisation] = _Page(found, self._clock())
                return found

    async def changed(self, organisation: str) -> None:
        """Take note of a change that the store has made; while it is away that waits for the next look."""
        self._changes[organisation] = self._changes.get(organisation, 0) + 1
        try:
            await self.refresh(organisation)
        except StreamServerError as error:
            self._note_failure(organisation, error)

    def forget(self, organisation: str, voice_id: str) -> None:
        """Never give this voice again: it was deleted."""
        self._changes[organisation] = self._changes.get(organisation, 0) + 1
        if page := self._pages.get(organisation):
            page.voices = tuple(voice for voice in page.voices if voice.id != voice_id)

    async def stop(self) -> None:
        """End every look that is under way."""
        looking = list(self._looking.values())
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)

    def _look_again(self, organisation: str) -> None:
        """Begin a look unless one is under way."""
        if organisation not in self._looking:
            task = asyncio.create_task(self._look(organisation), name="look at enrolled voices")
            self._looking[organisation] = task
            task.add_done_callback(lambda _: self._looking.pop(organisation, None))

    async def _look(self, organisation: str) -> None:
        try:
            await self.refresh(organisation)
        except StreamServerError as error:
            self._note_failure(organisation, error)
        except Exception as error:  # noqa: BLE001  # the boundary of a task that nobody awaits
            self._note_failure(organisation, error)

    def _note_failure(self, organisation: str, error: Exception) -> None:
        """Keep what is known and ask again after a while."""
        _log.warning("enrolled voices cannot be looked up (%s); those known stay in use", type(error).__name__)
        page = self._pages.get(organisation)
        self._pages[organisation] = _Page(() if page is None else page.voices, self._clock())
