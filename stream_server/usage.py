"""Write every session's usage down, soon and exactly once, whether or not Redis is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from stream_server.auth import Principal
from stream_server.session.meter import UsageSnapshot
from stream_server.store.base import Kind, Store


class UsageAccount:
    """One session's running account."""

    granted_until: int | None
    """Samples of the session clock that the quota allows so far; None when the key has no quota."""

    def mark(self, snapshot: UsageSnapshot) -> None:
        """Note what is used; cheap, written later."""

    async def extend(self) -> int | None:
        """Lease one step more and return the new `granted_until`; unchanged means that nothing is left."""
        raise NotImplementedError

    async def close(self, snapshot: UsageSnapshot) -> Fraction | None:
        """Write the last mark; return the seconds the key's quota has used, None without quota or store."""
        raise NotImplementedError


class UsageRecorder:
    """Signatures first; the body follows."""

    healthy: bool
    """Whether the store took the last marks."""
    buffered: int
    """Marks that wait on disk for the store."""

    def __init__(
        self,
        store: Store,
        directory: Path,
        *,
        interval_seconds: float = 2.0,
        lease_seconds: int = 10,
        clock: Callable[[], float] = time.time,
    ) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Deliver what an earlier process left behind, then write every `interval_seconds`."""

    async def stop(self) -> None:
        """Write everything once more and stop."""

    async def open(
        self, session_id: str, principal: Principal, kind: Kind, clock_rate: int, tracks: int
    ) -> UsageAccount:
        """Open an account; raises `QuotaExceeded` when nothing is left."""
        raise NotImplementedError
