"""The live store in Redis, shared by every process of an installation.

What belongs together is one Lua script (`scripts/*.lua`, each with its map of keys); scripts and commands are safe to
repeat, so the client retries once on a fresh connection. Plain keys beside those of the scripts:

    ss:organisations   hash  id → JSON          ss:key-digests  hash  SHA-256 of the secret → key id
    ss:keys            hash  id → JSON          ss:revoked      hash  key id → when

A single Redis is meant; a cluster would need the keys of a script in one slot.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, fields, replace
from hashlib import sha1
from importlib.resources import files
from typing import Any, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from stream_server.errors import NotFound, StoreUnavailable
from stream_server.patience import patience
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

QUERY_SECONDS = 10.0
"""For a report on usage, which may read years of days; all else has less, which `patience` counts."""

HANGS_SECONDS = 3.0
"""After it let somebody wait in vain, Redis is not asked again for so long: a session asks four times to open."""

RETRY_AFTER_SECONDS = 5.0
"""What a refused client is told while Redis is away."""

KEEP_MARKS_SECONDS = 35 * 86_400
"""How long a session's marks guard against double counting after its last write."""

KEEP_MONTH_SECONDS = 62 * 86_400
"""How long a month's quota is kept: late marks of the month still find it."""

KEEP_LIVE_SECONDS = 3600
"""How long a key's set of live sessions is kept after the last sign of life of any of them."""

CONNECTIONS = 16
"""Enough for the recorder, admissions and queries of one process."""

_SCRIPTS = (
    *("record", "lease", "admit"),
    *("put_job", "take_job", "forget_workers"),
    *("begin_journal", "write_journal", "take_journal", "read_journal"),
)

_Call = tuple[str, list[str], list[Any]]
"""Name of a script, its KEYS and its ARGV."""


class RedisStore:
    """Implement the contract on `redis.asyncio`; every failure to reach Redis becomes `StoreUnavailable`."""

    def __init__(self, url: str, *, timeout_seconds: float = 1.5) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=QUERY_SECONDS,
            decode_responses=True,
            socket_timeout=QUERY_SECONDS,
            socket_connect_timeout=QUERY_SECONDS,
            retry=Retry(NoBackoff(), 1),
        )
        self._timeout = timeout_seconds
        self._hangs_until = float("-inf")
        self._redis: Any = Redis.from_pool(pool)  # redis types each answer as "awaitable or not"
        directory = files("stream_server.store") / "scripts"
        self._sources = {name: (directory / f"{name}.lua").read_text("utf-8") for name in _SCRIPTS}
        self._hashes = {name: _script_hash(text) for name, text in self._sources.items()}

    async def ping(self) -> None:
        """Return if Redis answers."""
        async with self._reached():
            await self._redis.ping()

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    # ── organisations and keys ──────────────────────────────────────────────────────────────────────────────────────

    async def create_organisation(self, organisation: Organisation) -> None:
        """Add or replace an organisation."""
        async with self._reached():
            await self._redis.hset("ss:organisations", organisation.id, json.dumps(asdict(organisation)))

    async def find_organisation(self, organisation_id: str) -> Organisation | None:
        """Return one; the default one is always there."""
        async with self._reached():
            text = await self._redis.hget("ss:organisations", organisation_id)
        if text is None:
            return DEFAULT_ORGANISATION if organisation_id == DEFAULT_ORGANISATION.id else None
        return Organisation(**_known(Organisation, text))

    async def list_organisations(self) -> list[Organisation]:
        """Return all that were made, or the default one."""
        async with self._reached():
            texts = await self._redis.hvals("ss:organisations")
        made = sorted((Organisation(**_known(Organisation, text)) for text in texts), key=lambda one: one.id)
        return made or [DEFAULT_ORGANISATION]

    async def create_key(self, key: ApiKey, digest: str) -> None:
        """Add a key under the digest of its secret."""
        if await self.find_organisation(key.organisation) is None:
            raise NotFound(f"there is no organisation {key.organisation!r}")
        async with self._reached(), self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hset("ss:keys", key.id, json.dumps(asdict(key)))
            pipeline.hset("ss:key-digests", digest, key.id)
            await pipeline.execute()

    async def find_key(self, digest: str) -> ApiKey | None:
        """Return the key with this digest; a digest never changes its key, so two round trips tell the truth."""
        async with self._reached():
            key_id = await self._redis.hget("ss:key-digests", digest)
        return None if key_id is None else await self._key(key_id)

    async def list_keys(self, organisation: str | None = None) -> list[ApiKey]:
        """Return the keys, oldest first."""
        async with self._reached(), self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hgetall("ss:keys")
            pipeline.hgetall("ss:revoked")
            texts, revoked = await pipeline.execute()
        keys = (_api_key(text, revoked.get(key_id)) for key_id, text in texts.items())
        wanted = (key for key in keys if organisation in (None, key.organisation))
        return sorted(wanted, key=lambda key: (key.created_at, key.id))

    async def revoke_key(self, key_id: str, organisation: str | None, now: float) -> ApiKey:
        """Revoke for good; the first moment stands."""
        key = await self._key(key_id)
        if key is None or organisation not in (None, key.organisation):
            raise NotFound(f"there is no key {key_id!r}")
        async with self._reached():
            await self._redis.hsetnx("ss:revoked", key_id, repr(now))
        return key if key.revoked_at is not None else replace(key, revoked_at=now)

    async def has_keys(self) -> bool:
        """Tell whether any key was ever created."""
        async with self._reached():
            return bool(await self._redis.hlen("ss:keys"))

    async def _key(self, key_id: str) -> ApiKey | None:
        """Return a key by its id, with the moment of its revocation."""
        async with self._reached(), self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hget("ss:keys", key_id)
            pipeline.hget("ss:revoked", key_id)
            text, revoked = await pipeline.execute()
        return None if text is None else _api_key(text, revoked)

    # ── usage and quota ─────────────────────────────────────────────────────────────────────────────────────────────

    async def record_usage(self, marks: Sequence[UsageMark], now: float) -> list[int | None]:
        """Take marks in order, all in one round trip."""
        answers = await self._run([_record_call(mark, now) for mark in marks])
        return [None if answer is None else int(answer) for answer in answers]

    async def query_usage(self, wanted: UsageFilter) -> list[UsageRow]:
        """Return the wanted rows in order."""
        async with self._reached(QUERY_SECONDS):
            known = await self._redis.smembers("ss:usage-organisations")
            owners = [owner for owner in known if wanted.organisation in (None, owner)]
            days = [
                (owner, day)
                for owner in owners
                for day in await self._redis.smembers(f"ss:usage-days:{owner}")
                if wanted.takes_day(day)
            ]
            async with self._redis.pipeline(transaction=False) as pipeline:
                for owner, day in days:
                    pipeline.hgetall(f"ss:usage:{owner}:{day}")
                tables = await pipeline.execute()
        rows = [row for place, table in zip(days, tables, strict=True) for row in _rows(*place, table)]
        return sorted((row for row in rows if wanted.takes(row)), key=lambda row: row.order)

    async def lease_quota(self, request: LeaseRequest, now: float) -> int:
        """Grant a step more if there is room; see `scripts/lease.lua`."""
        period = f"{request.key_id}:{quota_period_name(request.quota_period, request.day)}"
        keys = [f"ss:mark:{request.session_id}", f"ss:quota:{period}", f"ss:leases:{period}"]
        keep = KEEP_MONTH_SECONDS if request.quota_period == "month" else 0
        amounts = [request.quota_microseconds, request.granted_microseconds, request.step_microseconds]
        arguments = [request.session_id, *amounts, repr(now), DEAD_AFTER_SECONDS, keep]
        return int((await self._run([("lease", keys, arguments)]))[0])

    # ── admission ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def admit(
        self, key_id: str, session_id: str, now: float, sessions_per_minute: int | None, max_sessions: int | None
    ) -> tuple[Admission, float]:
        """Count a session in; see `scripts/admit.lua`."""
        limits = ["" if limit is None else limit for limit in (sessions_per_minute, max_sessions)]
        arguments = [session_id, repr(now), DEAD_AFTER_SECONDS, RATE_WINDOW_SECONDS, *limits, KEEP_LIVE_SECONDS]
        [(outcome, oldest)] = await self._run([("admit", [f"ss:live:{key_id}", f"ss:starts:{key_id}"], arguments)])
        if outcome == "rate_limited":
            return "rate_limited", float(oldest) + RATE_WINDOW_SECONDS - now
        return cast(Admission, outcome), FULL_RETRY_SECONDS if outcome == "too_many_sessions" else 0.0

    async def renew(self, key_id: str, session_ids: Sequence[str], now: float) -> None:
        """Say that these sessions live."""
        async with self._reached(), self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zadd(f"ss:live:{key_id}", dict.fromkeys(session_ids, now))
            pipeline.expire(f"ss:live:{key_id}", KEEP_LIVE_SECONDS)
            await pipeline.execute()

    async def release(self, key_id: str, session_id: str) -> None:
        """Free the place of a session."""
        async with self._reached():
            await self._redis.zrem(f"ss:live:{key_id}", session_id)

    # ── for what else lives in this Redis ───────────────────────────────────────────────────────────────────────────

    async def run_script(self, name: str, keys: list[str], arguments: list[Any]) -> Any:
        """Run one of `scripts/`; raises `StoreUnavailable`."""
        return (await self._run([(name, keys, arguments)]))[0]

    async def run_scripts(self, calls: Sequence[tuple[str, list[str], list[Any]]]) -> list[Any]:
        """Run scripts (name, keys, arguments) in one round trip; raises `StoreUnavailable`."""
        return await self._run(calls)

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Redis]:
        """Lend the client; raises `StoreUnavailable` for whatever keeps Redis from answering."""
        async with self._reached():
            yield self._redis

    async def _run(self, calls: Sequence[_Call]) -> list[Any]:
        """Run scripts in one pipeline; a Redis that was started anew is given their text first."""
        async with self._reached():
            try:
                return await self._pipe(calls)
            except NoScriptError:
                for text in self._sources.values():
                    await self._redis.script_load(text)
                return await self._pipe(calls)

    async def _pipe(self, calls: Sequence[_Call]) -> list[Any]:
        """Send every call, then read every answer."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for name, keys, arguments in calls:
                pipeline.evalsha(self._hashes[name], len(keys), *keys, *arguments)
            return cast("list[Any]", await pipeline.execute())

    @asynccontextmanager
    async def _reached(self, seconds: float | None = None) -> AsyncIterator[None]:
        """Translate: whatever keeps Redis from answering (away, loading, full, read-only) may pass, nothing is lost.

        One that hangs costs its patience once, then callers are told at once for a while.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._hangs_until:
            raise StoreUnavailable("Redis does not answer (it hangs)", retry_after_seconds=RETRY_AFTER_SECONDS)
        try:
            async with patience(seconds or self._timeout):
                yield
        except (RedisError, OSError) as error:
            if isinstance(error, TimeoutError):
                self._hangs_until = loop.time() + HANGS_SECONDS
            message = f"Redis does not answer ({type(error).__name__})"
            raise StoreUnavailable(message, retry_after_seconds=RETRY_AFTER_SECONDS) from error


def _script_hash(text: str) -> str:
    """Return the name under which Redis caches a script."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def _record_call(mark: UsageMark, now: float) -> _Call:
    """Lay out `scripts/record.lua`'s keys and arguments."""
    row = json.dumps([mark.user, mark.key_id, mark.kind, mark.clock_rate])
    keys = [f"ss:mark:{mark.session_id}", f"ss:usage:{mark.organisation}:{mark.day}"]
    keys += [f"ss:usage-days:{mark.organisation}", "ss:usage-organisations"]
    if mark.quota_period is not None and mark.key_id is not None:
        period = f"{mark.key_id}:{quota_period_name(mark.quota_period, mark.day)}"
        keys += [f"ss:quota:{period}", f"ss:leases:{period}"]
    keep = KEEP_MONTH_SECONDS if mark.quota_period == "month" else 0
    arguments = [mark.organisation, mark.day, row, KEEP_MARKS_SECONDS, mark.session, mark.speech, mark.microseconds]
    arguments += [mark.session_id, repr(now), mark.granted_microseconds, int(mark.closed), keep, *mark.tracks]
    return "record", keys, arguments


def _rows(organisation: str, day: str, table: dict[str, str]) -> list[UsageRow]:
    """Read one day's hash: "<row>|<measure>" → sum."""
    sums: dict[str, dict[str, int]] = {}
    for name, value in table.items():
        row, _, measure = name.rpartition("|")
        sums.setdefault(row, {})[measure] = int(value)
    return [_row(organisation, day, row, measures) for row, measures in sums.items()]


def _row(organisation: str, day: str, row: str, measures: dict[str, int]) -> UsageRow:
    user, key_id, kind, clock_rate = json.loads(row)
    return UsageRow(
        organisation=organisation,
        user=user,
        key_id=key_id,
        kind=kind,
        day=day,
        clock_rate=clock_rate,
        sessions=measures.get("sessions", 0),
        billable_samples=measures.get("billable", 0),
        track_samples=measures.get("tracks", 0),
        speech_samples=measures.get("speech", 0),
    )


def _api_key(text: str, revoked: str | None) -> ApiKey:
    """Read a key's record."""
    values = _known(ApiKey, text)
    values["scopes"] = tuple(values["scopes"])
    return ApiKey(**values | ({} if revoked is None else {"revoked_at": float(revoked)}))


def _known(kind: type[ApiKey | Organisation], text: str) -> dict[str, Any]:
    """Read JSON, leaving out what a newer version may have added."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in json.loads(text).items() if name in names}
