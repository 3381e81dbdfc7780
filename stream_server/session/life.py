"""The life of one session: its steps and its tasks, until it is over. An error of ours costs this session alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from structlog.stdlib import BoundLogger

from stream_server.errors import InternalError, SlowClient, StreamServerError


class Life:
    """Takes a session's steps and runs its tasks; whoever finds that nothing is left to do sets `over`.

    `outcome` is how it has ended, or would now. `hang_up` closes the connection, if there is one, for a reason.
    """

    def __init__(
        self, session_id: str, hang_up: Callable[[StreamServerError], Awaitable[None]], log: BoundLogger
    ) -> None:
        self._session_id = session_id
        self._hang_up = hang_up
        self._log = log
        self._giving_up: asyncio.Task[None] | None = None
        self.over = asyncio.Event()
        self.outcome = "vanished"

    @property
    def given_up(self) -> bool:
        """Whether it ends without a word more: no step is taken now."""
        return self._giving_up is not None

    def take(self, *steps: Callable[[], None]) -> None:
        """Take steps, up to one that breaks."""
        if self.given_up:
            return
        try:
            for step in steps:
                step()
        except SlowClient as error:
            self.give_up(error)
        except Exception as error:  # noqa: BLE001  # the boundary between one session and everybody else's
            self._fail(error)

    def spawn(self, task: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Run a task that nobody has to await."""
        return asyncio.create_task(self._guarded(task), name=f"session {self._session_id}")

    def give_up(self, error: StreamServerError) -> None:
        """Close without a word more: the client does not read, nothing can be trusted any more, or time is up."""
        if not self.over.is_set() and not self.given_up:
            self.outcome = error.code
            self._giving_up = asyncio.create_task(self._close_then_end(error))

    async def _close_then_end(self, error: StreamServerError) -> None:
        await self._hang_up(error)
        self.over.set()

    async def _guarded(self, task: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await task()
        except Exception as error:  # noqa: BLE001  # the boundary of a task nobody awaits
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._log.exception("session failed", error=type(error).__name__)
        self.give_up(InternalError("something went wrong on our side"))
