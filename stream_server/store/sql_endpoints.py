"""Webhooks' endpoints in the SQL database, their secrets sealed.

A secret's seal is bound to its id and its endpoint. One that does not open, as another key sealed it or somebody
changed its row, counts as not there: rotating makes a new one.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.store.sealing import Seal, SealBroken
from stream_server.store.sql import Database
from stream_server.store.webhook_tables import endpoints, secrets
from stream_server.webhooks.endpoint import Endpoint, Secret, rotated

_log = logging.getLogger(__name__)


class SqlEndpoints:
    """Implement the endpoints' part of the contract on `store.sql`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def add_endpoint(self, endpoint: Endpoint, most: int) -> None:
        """Keep an endpoint and its secrets."""
        own = endpoints.c.organisation == endpoint.organisation
        row = {
            "id": endpoint.id,
            "organisation": endpoint.organisation,
            "url": endpoint.url,
            "event_filters": json.dumps(endpoint.event_filters),
            "ssl_verification": endpoint.ssl_verification,
            "created_at": endpoint.created_at,
        }
        async with self._database.transaction() as connection:
            there = await connection.scalar(sa.select(sa.func.count()).select_from(endpoints).where(own))
            if int(there or 0) >= most:
                raise InvalidConfiguration(f"an organisation has {most} webhook endpoints at most")
            await connection.execute(sa.insert(endpoints).values(row))
            await self._write(connection, endpoint.id, endpoint.secrets)

    async def list_endpoints(self, organisation: str) -> list[Endpoint]:
        """Return the organisation's endpoints, oldest first."""
        asked = sa.select(endpoints).where(endpoints.c.organisation == organisation)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked.order_by(endpoints.c.created_at, endpoints.c.id))).all()
            return await self._endpoints(connection, rows)

    async def find_endpoint(self, organisation: str, endpoint_id: str) -> Endpoint:
        """Return an endpoint."""
        async with self._database.reading() as connection:
            return await self._find(connection, organisation, endpoint_id)

    async def update_endpoint(
        self,
        organisation: str,
        endpoint_id: str,
        *,
        url: str | None = None,
        event_filters: tuple[str, ...] | None = None,
        ssl_verification: bool | None = None,
    ) -> Endpoint:
        """Change what is not None."""
        filters = None if event_filters is None else json.dumps(event_filters)
        wanted = {"url": url, "event_filters": filters, "ssl_verification": ssl_verification}
        changes = {name: value for name, value in wanted.items() if value is not None}
        async with self._database.transaction() as connection:
            if changes:
                await connection.execute(sa.update(endpoints).where(_is(organisation, endpoint_id)).values(changes))
            return await self._find(connection, organisation, endpoint_id)

    async def rotate(self, organisation: str, endpoint_id: str, new: Secret, until: float, now: float) -> Endpoint:
        """Add a secret and let the others end."""
        async with self._database.transaction() as connection:
            await connection.execute(sa.select(endpoints.c.id).where(_is(organisation, endpoint_id)).with_for_update())
            before = await self._find(connection, organisation, endpoint_id)
            await connection.execute(sa.delete(secrets).where(secrets.c.endpoint_id == endpoint_id))
            await self._write(connection, endpoint_id, rotated(before.secrets, new, until, now))
            found = await self._find(connection, organisation, endpoint_id)
        await self._database.scrub()
        return found

    async def delete_endpoint(self, organisation: str, endpoint_id: str) -> Endpoint:
        """Delete an endpoint; what hangs on it goes with it."""
        async with self._database.transaction() as connection:
            found = await self._find(connection, organisation, endpoint_id)
            await connection.execute(sa.delete(endpoints).where(_is(organisation, endpoint_id)))
        await self._database.scrub()
        return found

    # ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _find(self, connection: AsyncConnection, organisation: str, endpoint_id: str) -> Endpoint:
        row = (await connection.execute(sa.select(endpoints).where(_is(organisation, endpoint_id)))).first()
        if row is None:
            raise NotFound("there is no such endpoint")
        return (await self._endpoints(connection, [row]))[0]

    async def _endpoints(self, connection: AsyncConnection, rows: Collection[Any]) -> list[Endpoint]:
        """Return endpoints with their secrets, newest first."""
        asked = sa.select(secrets).where(secrets.c.endpoint_id.in_([row.id for row in rows]))
        found: defaultdict[str, list[Secret]] = defaultdict(list)
        for row in await connection.execute(asked.order_by(secrets.c.created_at.desc(), secrets.c.id)):
            if (secret := self._opened(row)) is not None:
                found[row.endpoint_id].append(secret)
        return [
            Endpoint(
                id=row.id,
                organisation=row.organisation,
                url=row.url,
                event_filters=tuple(json.loads(row.event_filters)),
                ssl_verification=row.ssl_verification,
                created_at=row.created_at,
                secrets=tuple(found[row.id]),
            )
            for row in rows
        ]

    async def _write(self, connection: AsyncConnection, endpoint_id: str, made: Iterable[Secret]) -> None:
        rows = [
            {
                "id": secret.id,
                "endpoint_id": endpoint_id,
                "created_at": secret.created_at,
                "expires_at": secret.expires_at,
                "key_id": self._seal.key_id,
                "sealed": self._seal.seal(secret.key.encode(), _bound_to(secret.id, endpoint_id)),
            }
            for secret in made
        ]
        await connection.execute(sa.insert(secrets), rows)

    def _opened(self, row: Any) -> Secret | None:
        try:
            key = self._seal.open(row.sealed, _bound_to(row.id, row.endpoint_id)).decode()
        except SealBroken:
            _log.error("the webhook secret %s does not open: rotate it, or bring back the key that sealed it", row.id)
            return None
        return Secret(id=row.id, key=key, created_at=row.created_at, expires_at=row.expires_at)


def _is(organisation: str, endpoint_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(endpoints.c.id == endpoint_id, endpoints.c.organisation == organisation)


def _bound_to(secret_id: str, endpoint_id: str) -> str:
    """Return what a seal is bound to."""
    return f"webhook secret\0{secret_id}\0{endpoint_id}"
