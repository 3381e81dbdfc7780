"""Who asks, what they may do, and whether there is room for one more session of theirs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from stream_server.errors import Forbidden
from stream_server.store.base import ApiKey, QuotaPeriod, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whoever holds a key: everything done with it belongs to one organisation. Without a key `key_id` is None."""

    organisation: str
    key_id: str | None = None
    user: str | None = None
    scopes: tuple[str, ...] = ()
    quota_seconds: float | None = None
    quota_period: QuotaPeriod = "month"
    sessions_per_minute: int | None = None
    max_sessions: int | None = None

    def require(self, scope: str) -> None:
        """Raise `Forbidden` unless the key carries `scope`, or "admin", which includes every other."""
        if scope not in self.scopes and "admin" not in self.scopes:
            raise Forbidden(f"this key lacks the scope {scope!r}")


class Authenticator:
    """Signatures first; the body follows."""

    def __init__(
        self,
        store: Store,
        *,
        open_access: bool,
        fresh_seconds: float = 30,
        stale_seconds: float = 600,
        clock: Callable[[], float] = time.time,
    ) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Begin to renew admitted sessions."""

    async def stop(self) -> None:
        """Stop renewing; what is still admitted frees itself."""

    async def authenticate(self, key: str | None) -> Principal:
        """Return who holds `key`; raises `InvalidKey` or `StoreUnavailable`."""
        raise NotImplementedError

    async def admit(self, principal: Principal, session_id: str) -> None:
        """Count a session in; raises `RateLimited` or `TooManySessions`."""

    async def release(self, principal: Principal, session_id: str) -> None:
        """Free the session's place."""

    async def revoke(self, key_id: str, organisation: str | None) -> ApiKey:
        """Revoke a key, here at once, in other processes within `fresh_seconds`."""
        raise NotImplementedError
