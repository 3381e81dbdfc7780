"""Who asks, what they may do, and whether there is room for one more session of theirs.

Keys that were seen lately are answered from memory: revoking a key reaches other processes within `fresh_seconds`, and
while the store is away known keys keep working for `stale_seconds`.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn

from stream_server.errors import Forbidden, InvalidKey, RateLimited, StoreUnavailable, TooManySessions
from stream_server.protocol.token import Token
from stream_server.store.base import DEFAULT_ORGANISATION, FULL_RETRY_SECONDS, SCOPES, ApiKey, QuotaPeriod, Store
from stream_server.store.keys import digest

RETRY_AFTER_SECONDS = 5.0
"""What an unknown key is told while the store is away."""

REMEMBERED = 10_000
"""Keys kept in memory, known and unknown ones each; the one unused for longest goes first."""

UNKNOWN_FRESH_SECONDS = 5.0
"""How long an unknown key is refused without a look: guessing costs the store little, a new key waits little."""

HEARTBEAT_SECONDS = 20.0
"""How often admitted sessions are renewed: twice missed is not yet dead."""


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

    @property
    def own_user(self) -> str | None:
        """The only user whose things this key reaches; None: everybody's of the organisation."""
        return None if "admin" in self.scopes else self.user

    def may(self, scope: str) -> bool:
        """Tell whether the key carries `scope`, or "admin", which includes every other."""
        return scope in self.scopes or "admin" in self.scopes

    def require(self, scope: str) -> None:
        """Raise `Forbidden` unless the key carries `scope`."""
        if not self.may(scope):
            raise Forbidden(f"this key lacks the scope {scope!r}")

    def limited_to(self, scopes: Sequence[str]) -> Principal:
        """Return the same holder with those of the scopes that the key carries, and no others."""
        return replace(self, scopes=tuple(scope for scope in scopes if self.may(scope)))


ANONYMOUS = Principal(organisation=DEFAULT_ORGANISATION.id, scopes=SCOPES)
"""Everybody, while no keys are configured."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A key as the store knew it at a moment."""

    key: ApiKey
    at: float


class _Recent:
    """What was seen lately, by digest; bounded, so that guessed keys cannot fill the memory."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._known: OrderedDict[str, _Seen] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()

    def known(self, name: str) -> _Seen | None:
        """Return the key, and keep it a while longer."""
        seen = self._known.get(name)
        if seen is not None:
            self._known.move_to_end(name)
        return seen

    def unknown_since(self, name: str) -> float | None:
        """Return when the store last knew no such key."""
        return self._unknown.get(name)

    def note(self, name: str, key: ApiKey | None, at: float) -> None:
        """Remember what the store said."""
        if key is None:
            self._known.pop(name, None)
            self._unknown[name] = at
            self._unknown.move_to_end(name)
        else:
            self._unknown.pop(name, None)
            self._known[name] = _Seen(key, at)
            self._known.move_to_end(name)
        for kept in (self._known, self._unknown):
            if len(kept) > self._size:
                kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._known) + len(self._unknown)


class Authenticator:
    """Answer for keys and count sessions in and out; sees the store by its contract only.

    `find_token` tells what a key says if it is a token, which acts for another key. With `open_access` any key or none
    is taken as the default organisation's, for as long as the store holds no key.
    """

    def __init__(
        self,
        store: Store,
        *,
        open_access: bool,
        fresh_seconds: float = 30,
        stale_seconds: float = 600,
        find_token: Callable[[str], Token | None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._find_token = find_token
        self._open = open_access
        self._open_checked_at = float("-inf")
        self._fresh = fresh_seconds
        self._stale = stale_seconds
        self._clock = clock
        self._recent = _Recent()
        self._revoked: set[str] = set()
        self._running: dict[str, set[str]] = {}
        self._heart: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to renew admitted sessions."""
        self._heart = asyncio.create_task(self._beat(), name="admission-heartbeat")

    async def stop(self) -> None:
        """Stop renewing; what is still admitted frees itself."""
        if self._heart is not None:
            self._heart.cancel()
            with suppress(asyncio.CancelledError):
                await self._heart
            self._heart = None

    async def is_open(self) -> bool:
        """Tell whether anybody is let in."""
        return self._open and await self._still_open()

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def authenticate(self, key: str | None) -> Principal:
        """Return who holds `key`.

        Raises `InvalidKey` if it is missing, unknown, revoked or expired, `StoreUnavailable` if nobody can tell now.
        """
        if await self.is_open():
            return ANONYMOUS
        if not key:
            raise InvalidKey("an API key is needed")
        token = self._find_token(key)
        found = await self._find(token.digest if token else digest(key))
        if found.revoked_at is not None or found.id in self._revoked:
            raise InvalidKey("this API key was revoked")
        if found.expires_at is not None and found.expires_at <= self._clock():
            raise InvalidKey("this API key has expired")
        principal = _principal(found)
        return principal.limited_to(token.scopes) if token else principal

    async def authorise(self, key: str | None, scope: str) -> Principal:
        """Return who holds `key`; raises `Forbidden` besides if it does not carry `scope`."""
        principal = await self.authenticate(key)
        principal.require(scope)
        return principal

    async def principal_of(self, organisation: str, key_id: str | None, user: str | None) -> Principal:
        """Return who asked for something that is done now: whoever held the key then, as far as it is still known.

        Work that was taken in is done, whatever became of the key since.
        """
        if key_id is not None:
            for key in await self._store.list_keys(organisation):
                if key.id == key_id:
                    return _principal(key)
        return Principal(organisation=organisation, key_id=None, user=user)

    async def revoke(self, key_id: str, organisation: str | None) -> ApiKey:
        """Revoke a key: here at once, in other processes within `fresh_seconds`.

        Raises `NotFound` unless it is the organisation's (None: anybody's).
        """
        key = await self._store.revoke_key(key_id, organisation, self._clock())
        self._revoked.add(key.id)
        return key

    async def _find(self, name: str) -> ApiKey:
        """Return the key with this digest: from memory while fresh, else from the store, else while stale."""
        now = self._clock()
        seen = self._recent.known(name)
        if seen is not None and now - seen.at < self._fresh:
            return seen.key
        refused_at = self._recent.unknown_since(name)
        if refused_at is not None and now - refused_at < min(UNKNOWN_FRESH_SECONDS, self._fresh):
            _refuse()
        try:
            key = await self._store.find_key(name)
        except StoreUnavailable as error:
            if seen is not None and now - seen.at < self._stale:
                return seen.key
            message = "keys cannot be checked at the moment"
            raise StoreUnavailable(message, retry_after_seconds=RETRY_AFTER_SECONDS) from error
        self._recent.note(name, key, now)
        return key if key is not None else _refuse()

    async def _still_open(self) -> bool:
        """Tell whether the store still holds no key; the first key closes the door for good."""
        now = self._clock()
        if now - self._open_checked_at >= self._fresh:
            with suppress(StoreUnavailable):  # nobody can tell: as it was
                self._open = not await self._store.has_keys()
                self._open_checked_at = now
        return self._open

    # ── how many ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def admit(self, principal: Principal, session_id: str) -> None:
        """Count a session in; raises `RateLimited` or `TooManySessions` with a retry hint.

        While the store is away this process counts its own sessions only.
        """
        if principal.key_id is None:
            return
        limits = (principal.sessions_per_minute, principal.max_sessions)
        try:
            outcome, retry_after = await self._store.admit(principal.key_id, session_id, self._clock(), *limits)
        except StoreUnavailable:
            running = self._running.get(principal.key_id, set()) | {session_id}
            full = principal.max_sessions is not None and len(running) > principal.max_sessions
            outcome, retry_after = ("too_many_sessions", FULL_RETRY_SECONDS) if full else ("admitted", 0.0)
        if outcome == "admitted":
            self._running.setdefault(principal.key_id, set()).add(session_id)
            return
        if outcome == "rate_limited":
            raise RateLimited("too many sessions were started within a minute", retry_after_seconds=retry_after)
        raise TooManySessions("this key's sessions are all in use", retry_after_seconds=retry_after)

    async def release(self, principal: Principal, session_id: str) -> None:
        """Free the session's place; if the store is away it frees itself within a minute."""
        if principal.key_id is None:
            return
        self._forget(principal.key_id, session_id)
        with suppress(StoreUnavailable):
            await self._store.release(principal.key_id, session_id)

    async def heartbeat(self) -> None:
        """Renew every admitted session, so that only those of a crashed server free themselves."""
        for key_id, sessions in list(self._running.items()):
            if sessions:
                await self._store.renew(key_id, sorted(sessions), self._clock())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            with suppress(StoreUnavailable):  # the next beat renews them
                await self.heartbeat()

    def _forget(self, key_id: str, session_id: str) -> None:
        """Drop a session, and the key's entry with its last one."""
        running = self._running.get(key_id, set())
        running.discard(session_id)
        if not running:
            self._running.pop(key_id, None)


def _refuse() -> NoReturn:
    raise InvalidKey("this API key is unknown")


def _principal(key: ApiKey) -> Principal:
    """Return who acts with a key."""
    return Principal(
        organisation=key.organisation,
        key_id=key.id,
        user=key.user,
        scopes=key.scopes,
        quota_seconds=key.quota_seconds,
        quota_period=key.quota_period,
        sessions_per_minute=key.sessions_per_minute,
        max_sessions=key.max_sessions,
    )
