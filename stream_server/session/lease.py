"""Quota leased ahead of what a session hears: nobody waits for it while some is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from stream_server.events import Command, EndQuota, GrantAudio
from stream_server.session.intake import Spawn
from stream_server.session.session import Session
from stream_server.session.state import State
from stream_server.usage import UsageAccount

AHEAD_SECONDS = 5
"""Quota is leased again when less than this is left, so that the next lease is there before it is needed."""

RETRY_SECONDS = 0.5
"""When nothing is left to lease: somebody else's session may give something back."""


class QuotaLease:
    """Extends the lease of a session's account, in a task of its own now and then; without a quota it does nothing.

    `feed` is given what the session is told, `on_progress` is called after that; `spawn` runs the task.
    """

    def __init__(
        self,
        account: UsageAccount,
        session: Session,
        *,
        feed: Callable[[Command], None],
        on_progress: Callable[[], None],
        spawn: Spawn,
    ) -> None:
        self._account = account
        self._session = session
        self._feed = feed
        self._on_progress = on_progress
        self._spawn = spawn
        self._extending: asyncio.Task[None] | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether the client has sent audio that waits for its quota, and so for us."""
        granted = self._account.granted_until
        return self._extending is not None and granted is not None and self._session.wanted_until > granted

    def watch(self) -> None:
        """Lease more if little is left."""
        granted = self._account.granted_until
        if granted is None or self._extending is not None or self._session.state is not State.LISTENING:
            return
        if self._session.wanted_until + AHEAD_SECONDS * self._session.options.audio.sample_rate > granted:
            self._extending = self._spawn(lambda: self._extend(granted))

    async def close(self) -> None:
        """Lease nothing more."""
        if self._extending is not None:
            self._extending.cancel()
            await asyncio.gather(self._extending, return_exceptions=True)

    async def _extend(self, granted: int) -> None:
        """Lease more; when nothing is left, end the session at the sample where the quota ends."""
        until = await self._account.extend()
        if until != granted:
            self._extending = None
            self._feed(GrantAudio(until=until))
        elif self._session.wanted_until > granted:
            self._feed(EndQuota())
        else:
            await asyncio.sleep(RETRY_SECONDS)  # audio up to the last sample of the quota may be all there is
            self._extending = None
        self._on_progress()
