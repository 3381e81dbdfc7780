"""Know what waits in the database, and whether it answers, for whoever watches the server.

The database is asked every few seconds at most, however many look, and nobody waits long for its answer: whoever asks
whether the server lives must hear so while the database hangs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from stream_server.errors import StoreUnavailable
from stream_server.store.jobs import JobStore
from stream_server.store.webhooks import WebhookStore

FRESH_SECONDS = 2.0
"""What is known is told again for so long: Prometheus asks every 15 s, balancers every few seconds."""

PATIENCE_SECONDS = 0.5
"""For the answer; then what was known before is told. Probes give up after a second."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits for every process of the installation together.

    `recordings` are jobs that nobody works on yet, `webhooks` deliveries that are due or will be tried again,
    `webhooks_dead` events that an endpoint never took and that are not sent to it any more unless somebody asks.
    """

    recordings: int
    webhooks: int
    webhooks_dead: int


class BacklogWatch:
    """Looks when asked. `known` is what it saw last; None: the database does not answer."""

    def __init__(self, jobs: JobStore, webhooks: WebhookStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs = jobs
        self._webhooks = webhooks
        self._clock = clock
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self.known: Backlog | None = None

    async def look(self) -> Backlog | None:
        """Return what waits; None if the database does not answer."""
        if self._looking is None and self._clock() - self._looked_at >= FRESH_SECONDS:
            self._looking = asyncio.create_task(self._look(), name="backlog")
        if self._looking is not None:
            await asyncio.wait([self._looking], timeout=PATIENCE_SECONDS)
        return self.known

    async def stop(self) -> None:
        """Ask no more; a question that is out has its answer, or is given up."""
        if (looking := self._looking) is not None:
            await asyncio.wait([looking], timeout=PATIENCE_SECONDS)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look(self) -> None:
        try:
            webhooks, dead = await self._webhooks.count_unsent()
            self.known = Backlog(recordings=await self._jobs.count_queued(), webhooks=webhooks, webhooks_dead=dead)
        except StoreUnavailable:
            self.known = None
        except Exception as error:  # noqa: BLE001  # the boundary of a task nobody awaits
            _log.error("what waits cannot be counted (%s)", type(error).__name__)
            self.known = None
        finally:
            self._looked_at, self._looking = self._clock(), None
