"""The contract of the live store: organisations, keys, usage, quota, admission.

Two implementations, `memory` and `redis`, pass one contract suite. Times are POSIX seconds given by the caller (`now`),
days are UTC as "YYYY-MM-DD". Every operation that changes more than one value is atomic and safe to repeat; every
operation raises `StoreUnavailable` when the store cannot be reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from stream_server.durations import MICROSECONDS, microseconds_used

QuotaPeriod = Literal["month", "life"]
Kind = Literal["live", "recording"]
Admission = Literal["admitted", "rate_limited", "too_many_sessions"]

DEAD_AFTER_SECONDS = 60.0
"""A session that was not renewed for so long is gone: its place is free and its lease shrinks to what it used."""

RATE_WINDOW_SECONDS = 60.0
"""The sliding window of `sessions_per_minute`."""

FULL_RETRY_SECONDS = 5.0
"""When to try again after `too_many_sessions`: nobody knows when a session ends."""

SCOPES = ("transcribe", "usage", "admin")
"""transcribe: open sessions · usage: read the organisation's usage · admin: both, and manage its keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The owner of everything; invisible to every other one."""

    id: str
    name: str
    created_at: float = 0.0


DEFAULT_ORGANISATION = Organisation(id="default", name="Default")
"""There without being made; sessions without keys belong to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What a key may do. The secret itself is kept nowhere; the store maps its digest to this record."""

    id: str
    organisation: str
    label: str = ""
    user: str | None = None
    scopes: tuple[str, ...] = ("transcribe",)
    quota_seconds: float | None = None
    quota_period: QuotaPeriod = "month"
    sessions_per_minute: int | None = None
    max_sessions: int | None = None
    created_at: float = 0.0
    expires_at: float | None = None
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMark:
    """The high-water marks of one session as known on one UTC day, in samples of its clock.

    The store adds what is new since the session's last mark to that day's row, so a mark that comes twice, late or
    out of order never counts twice. With a `quota_period` the same difference is charged to the key's quota and the
    session's lease (`granted`, samples of the clock) is renewed, or ended by `closed`.
    """

    session_id: str
    organisation: str
    user: str | None
    key_id: str | None
    kind: Kind
    day: str
    clock_rate: int
    session: int
    tracks: tuple[int, ...]
    speech: int
    quota_period: QuotaPeriod | None = None
    granted: int | None = None
    closed: bool = False

    @property
    def microseconds(self) -> int:
        """What a quota is charged for the whole session so far."""
        return microseconds_used(self.session, self.clock_rate)

    @property
    def granted_microseconds(self) -> int:
        """What the session was granted in sum."""
        return microseconds_used(self.granted or 0, self.clock_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequest:
    """Ask for `step_microseconds` more of a key's quota than `granted_microseconds` (the session's sum so far).

    `day` tells the month. A repeated request grants nothing twice.
    """

    session_id: str
    key_id: str
    quota_seconds: float
    quota_period: QuotaPeriod
    day: str
    granted_microseconds: int
    step_microseconds: int

    @property
    def quota_microseconds(self) -> int:
        """The whole quota of the period."""
        return round(self.quota_seconds * MICROSECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFilter:
    """Which rows of the ledger are wanted; None means any. Days are inclusive."""

    organisation: str | None = None
    user: str | None = None
    key_id: str | None = None
    kind: Kind | None = None
    first_day: str | None = None
    last_day: str | None = None

    def takes_day(self, day: str) -> bool:
        """Tell whether the day is within the bounds."""
        return (self.first_day or day) <= day <= (self.last_day or day)

    def takes(self, row: UsageRow) -> bool:
        """Tell whether a row is wanted."""
        return (
            self.organisation in (None, row.organisation)
            and self.user in (None, row.user)
            and self.key_id in (None, row.key_id)
            and self.kind in (None, row.kind)
            and self.takes_day(row.day)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """One row of the ledger: integers of samples at one clock rate, so that sums stay exact.

    `sessions` counts those that began on this row. `store.report` groups rows and turns them into seconds.
    """

    organisation: str
    user: str | None
    key_id: str | None
    kind: Kind
    day: str
    clock_rate: int
    sessions: int
    billable_samples: int
    track_samples: int
    speech_samples: int

    @property
    def order(self) -> tuple[str, str, str, str, str, int]:
        """What rows are sorted by."""
        return (self.organisation, self.day, self.user or "", self.key_id or "", self.kind, self.clock_rate)


def quota_period_name(period: QuotaPeriod, day: str) -> str:
    """Return the name of the period that `day` falls into: "2026-11", or "life"."""
    return day[:7] if period == "month" else "life"


class Store(Protocol):
    """Live state shared by every process of an installation."""

    async def ping(self) -> None:
        """Return if the store answers."""

    async def close(self) -> None:
        """Let go of connections."""

    async def create_organisation(self, organisation: Organisation) -> None:
        """Add or replace an organisation."""

    async def find_organisation(self, organisation_id: str) -> Organisation | None:
        """Return one; the default one is always there."""

    async def list_organisations(self) -> list[Organisation]:
        """Return all that were made, by id; the default one when none was."""

    async def create_key(self, key: ApiKey, digest: str) -> None:
        """Add a key under the digest of its secret; raises `NotFound` for an unknown organisation."""

    async def find_key(self, digest: str) -> ApiKey | None:
        """Return the key with this digest, revoked and expired ones too."""

    async def list_keys(self, organisation: str | None = None) -> list[ApiKey]:
        """Return the keys of one organisation (None: of all), oldest first."""

    async def revoke_key(self, key_id: str, organisation: str | None, now: float) -> ApiKey:
        """Revoke for good and return the key; raises `NotFound` if it is not the organisation's (None: anybody's)."""

    async def has_keys(self) -> bool:
        """Tell whether any key was ever created, revoked ones included."""

    async def record_usage(self, marks: Sequence[UsageMark], now: float) -> list[int | None]:
        """Take marks in order; return for each the microseconds its key's quota has used in that period, or None."""

    async def query_usage(self, wanted: UsageFilter) -> list[UsageRow]:
        """Return the rows, ordered by organisation, day, user, key, kind and rate."""

    async def lease_quota(self, request: LeaseRequest, now: float) -> int:
        """Return the microseconds granted to the session in sum; not more than before means nothing is left."""

    async def admit(
        self, key_id: str, session_id: str, now: float, sessions_per_minute: int | None, max_sessions: int | None
    ) -> tuple[Admission, float]:
        """Count a session in, or tell the reason against it and after how many seconds to try again."""

    async def renew(self, key_id: str, session_ids: Sequence[str], now: float) -> None:
        """Say that these admitted sessions live."""

    async def release(self, key_id: str, session_id: str) -> None:
        """Free the place of a session."""
