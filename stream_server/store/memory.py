"""The live store in one process's memory: for tests and trials; gone when the process ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stream_server.errors import NotFound
from stream_server.store.base import (
    DEAD_AFTER_SECONDS,
    DEFAULT_ORGANISATION,
    FULL_RETRY_SECONDS,
    RATE_WINDOW_SECONDS,
    Admission,
    ApiKey,
    LeaseRequest,
    Organisation,
    UsageFilter,
    UsageMark,
    UsageRow,
    quota_period_name,
)


@dataclass(slots=True)
class _Marks:
    """What one session was last seen to have used."""

    session: int = 0
    speech: int = 0
    microseconds: int = 0
    tracks: dict[int, int] = field(default_factory=dict)
    closed: bool = False


@dataclass(slots=True)
class _Lease:
    """Quota that a session may use, what of it is on record, and its last sign of life (microseconds, seconds)."""

    granted: int
    recorded: int
    renewed: float

    @property
    def outstanding(self) -> int:
        """Granted and not yet on record."""
        return max(0, self.granted - self.recorded)


_Period = tuple[str, str]
"""Key id and name of the quota's period."""


class MemoryStore:
    """Implement the contract with dictionaries; nothing awaits, so every operation is atomic."""

    def __init__(self) -> None:
        self._organisations: dict[str, Organisation] = {}
        self._keys: dict[str, ApiKey] = {}
        self._digests: dict[str, str] = {}
        self._marks: dict[str, _Marks] = {}
        self._rows: dict[tuple[str, str, str | None, str | None, str, int], UsageRow] = {}
        self._used: dict[_Period, int] = defaultdict(int)
        self._leases: dict[_Period, dict[str, _Lease]] = defaultdict(dict)
        self._live: dict[str, dict[str, float]] = defaultdict(dict)
        self._starts: dict[str, dict[str, float]] = defaultdict(dict)

    async def ping(self) -> None:
        """Be there."""

    async def close(self) -> None:
        """Nothing to let go of."""

    # ── organisations and keys ──────────────────────────────────────────────────────────────────────────────────────

    async def create_organisation(self, organisation: Organisation) -> None:
        """Add or replace an organisation."""
        self._organisations[organisation.id] = organisation

    async def find_organisation(self, organisation_id: str) -> Organisation | None:
        """Return one; the default one is always there."""
        default = DEFAULT_ORGANISATION if organisation_id == DEFAULT_ORGANISATION.id else None
        return self._organisations.get(organisation_id, default)

    async def list_organisations(self) -> list[Organisation]:
        """Return all that were made, or the default one."""
        return sorted(self._organisations.values(), key=lambda one: one.id) or [DEFAULT_ORGANISATION]

    async def create_key(self, key: ApiKey, digest: str) -> None:
        """Add a key under the digest of its secret."""
        if await self.find_organisation(key.organisation) is None:
            raise NotFound(f"there is no organisation {key.organisation!r}")
        self._keys[key.id] = key
        self._digests[digest] = key.id

    async def find_key(self, digest: str) -> ApiKey | None:
        """Return the key with this digest."""
        key_id = self._digests.get(digest)
        return None if key_id is None else self._keys[key_id]

    async def list_keys(self, organisation: str | None = None) -> list[ApiKey]:
        """Return the keys, oldest first."""
        keys = (key for key in self._keys.values() if organisation in (None, key.organisation))
        return sorted(keys, key=lambda key: (key.created_at, key.id))

    async def revoke_key(self, key_id: str, organisation: str | None, now: float) -> ApiKey:
        """Revoke for good; the first moment stands."""
        key = self._keys.get(key_id)
        if key is None or organisation not in (None, key.organisation):
            raise NotFound(f"there is no key {key_id!r}")
        if key.revoked_at is None:
            key = self._keys[key_id] = replace(key, revoked_at=now)
        return key

    async def has_keys(self) -> bool:
        """Tell whether any key was ever created."""
        return bool(self._keys)

    # ── usage and quota ─────────────────────────────────────────────────────────────────────────────────────────────

    async def record_usage(self, marks: Sequence[UsageMark], now: float) -> list[int | None]:
        """Take marks in order."""
        return [self._record(mark, now) for mark in marks]

    async def query_usage(self, wanted: UsageFilter) -> list[UsageRow]:
        """Return the wanted rows in order."""
        return sorted((row for row in self._rows.values() if wanted.takes(row)), key=lambda row: row.order)

    async def lease_quota(self, request: LeaseRequest, now: float) -> int:
        """Grant a step more if there is room; see `scripts/lease.lua`."""
        if self._marks.get(request.session_id, _Marks()).closed:
            return request.granted_microseconds
        period = (request.key_id, quota_period_name(request.quota_period, request.day))
        leases = self._leases[period]
        for session_id in [one for one, lease in leases.items() if now - lease.renewed > DEAD_AFTER_SECONDS]:
            if session_id != request.session_id:
                del leases[session_id]
        recorded = self._marks.get(request.session_id, _Marks()).microseconds
        own = _Lease(request.granted_microseconds, recorded, now)
        if request.session_id in leases:
            own.granted = max(own.granted, leases[request.session_id].granted)
        others = sum(lease.outstanding for one, lease in leases.items() if one != request.session_id)
        room = request.quota_microseconds - self._used[period] - others - own.outstanding
        target = request.granted_microseconds + request.step_microseconds
        own.granted += max(0, min(target - own.granted, room))
        if own.granted > 0:
            leases[request.session_id] = own
        return own.granted

    def _record(self, mark: UsageMark, now: float) -> int | None:
        """Raise one session's marks; see `scripts/record.lua`."""
        known = self._marks.get(mark.session_id)
        marks = self._marks.setdefault(mark.session_id, _Marks())
        tracks = sum(max(0, high - marks.tracks.get(track, 0)) for track, high in enumerate(mark.tracks))
        self._add(
            mark,
            sessions=int(known is None),
            billable=max(0, mark.session - marks.session),
            tracks=tracks,
            speech=max(0, mark.speech - marks.speech),
        )
        charge = max(0, mark.microseconds - marks.microseconds)
        marks.session = max(marks.session, mark.session)
        marks.speech = max(marks.speech, mark.speech)
        marks.microseconds += charge
        for track, high in enumerate(mark.tracks):
            marks.tracks[track] = max(marks.tracks.get(track, 0), high)
        return self._charge(mark, marks, charge, now)

    def _add(self, mark: UsageMark, *, sessions: int, billable: int, tracks: int, speech: int) -> None:
        """Add what is new to the day's row; nothing new makes no row."""
        if not (sessions or billable or tracks or speech):
            return
        identity = (mark.organisation, mark.day, mark.user, mark.key_id, mark.kind, mark.clock_rate)
        row = self._rows.get(identity) or UsageRow(
            organisation=mark.organisation,
            user=mark.user,
            key_id=mark.key_id,
            kind=mark.kind,
            day=mark.day,
            clock_rate=mark.clock_rate,
            sessions=0,
            billable_samples=0,
            track_samples=0,
            speech_samples=0,
        )
        self._rows[identity] = replace(
            row,
            sessions=row.sessions + sessions,
            billable_samples=row.billable_samples + billable,
            track_samples=row.track_samples + tracks,
            speech_samples=row.speech_samples + speech,
        )

    def _charge(self, mark: UsageMark, marks: _Marks, charge: int, now: float) -> int | None:
        """Charge the key's quota and renew or end the session's lease."""
        if mark.quota_period is None or mark.key_id is None:
            return None
        period = (mark.key_id, quota_period_name(mark.quota_period, mark.day))
        self._used[period] += charge
        leases = self._leases[period]
        if mark.closed:
            marks.closed = True
            leases.pop(mark.session_id, None)
        elif not marks.closed:
            before = leases.get(mark.session_id)
            granted = max(mark.granted_microseconds, before.granted if before else 0)
            leases[mark.session_id] = _Lease(granted, marks.microseconds, now)
        return self._used[period]

    # ── admission ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def admit(
        self, key_id: str, session_id: str, now: float, sessions_per_minute: int | None, max_sessions: int | None
    ) -> tuple[Admission, float]:
        """Count a session in; see `scripts/admit.lua`."""
        live, starts = self._live[key_id], self._starts[key_id]
        for one in [one for one, renewed in live.items() if now - renewed > DEAD_AFTER_SECONDS]:
            del live[one]
        for one in [one for one, began in starts.items() if now - began >= RATE_WINDOW_SECONDS]:
            del starts[one]
        if session_id not in live:
            if max_sessions is not None and len(live) >= max_sessions:
                return "too_many_sessions", FULL_RETRY_SECONDS
            if sessions_per_minute is not None and len(starts) >= sessions_per_minute:
                return "rate_limited", min(starts.values(), default=now) + RATE_WINDOW_SECONDS - now
            starts[session_id] = now
        live[session_id] = now
        return "admitted", 0.0

    async def renew(self, key_id: str, session_ids: Sequence[str], now: float) -> None:
        """Say that these sessions live."""
        self._live[key_id].update(dict.fromkeys(session_ids, now))

    async def release(self, key_id: str, session_id: str) -> None:
        """Free the place of a session."""
        self._live[key_id].pop(session_id, None)
