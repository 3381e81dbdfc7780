"""Webhooks' events and deliveries in the SQL database: the outbox, the log and the leases."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.store.sql_endpoints import SqlEndpoints
from stream_server.store.webhook_rows import attempt_of, attempt_row, delivery_of, delivery_row, event_of, event_row
from stream_server.store.webhook_tables import attempts, deliveries, endpoints, events
from stream_server.store.webhooks import Span
from stream_server.webhooks.delivery import Attempt, Claim, Delivery, State, WebhookEvent, delivery_id_of


class SqlWebhooks(SqlEndpoints):
    """Implement the contract on `store.sql`."""

    # ── the outbox ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def publish(self, event: WebhookEvent) -> int:
        """Queue an event for each endpoint that wants it."""
        own = endpoints.c.organisation == event.organisation
        async with self._database.transaction() as connection:
            # An endpoint stays as long as this lasts, or goes before.
            asked = sa.select(endpoints).where(own).with_for_update(read=True, key_share=True)
            found = await self._endpoints(connection, (await connection.execute(asked)).all())
            wanting = [endpoint.id for endpoint in found if endpoint.wants(event.event_type)]
            if not wanting or not await self._add(connection, event):
                return 0
            made = [_first(event, endpoint_id) for endpoint_id in wanting]
            await connection.execute(sa.insert(deliveries), [delivery_row(delivery) for delivery in made])
        return len(wanting)

    async def send(self, event: WebhookEvent, endpoint_id: str) -> Delivery:
        """Queue an event for one endpoint."""
        async with self._database.transaction() as connection:
            await self._find(connection, event.organisation, endpoint_id)
            await self._add(connection, event)
            made = _first(event, endpoint_id)
            await connection.execute(sa.insert(deliveries).values(delivery_row(made)))
        return made

    async def _add(self, connection: AsyncConnection, event: WebhookEvent) -> bool:
        """Write an event down; return whether it was not there yet."""
        insert = sqlite.insert(events) if self._database.is_sqlite else postgresql.insert(events)
        added = insert.values(event_row(event)).on_conflict_do_nothing().returning(events.c.id)
        return await connection.scalar(added) is not None

    # ── the log ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_events(self, organisation: str, span: Span) -> list[WebhookEvent]:
        """Return events, newest first."""
        asked = sa.select(events).where(events.c.organisation == organisation)
        async with self._database.reading() as connection:
            rows = await connection.execute(await _within(connection, asked, events, span))
            return [event_of(row) for row in rows]

    async def find_event(self, organisation: str, event_id: str) -> WebhookEvent:
        """Return one event."""
        asked = sa.select(events).where(events.c.organisation == organisation, events.c.id == event_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        if row is None:
            raise NotFound("there is no such event")
        return event_of(row)

    async def list_deliveries(self, organisation: str, endpoint_id: str, span: Span) -> list[Delivery]:
        """Return the deliveries to an endpoint, newest first."""
        asked = sa.select(deliveries).where(deliveries.c.endpoint_id == endpoint_id)
        async with self._database.reading() as connection:
            await self._find(connection, organisation, endpoint_id)
            rows = (await connection.execute(await _within(connection, asked, deliveries, span))).all()
            return await _with_attempts(connection, rows)

    async def count_unsent(self) -> tuple[int, int]:
        """Count by the index of states: what was delivered is not looked at."""
        pending = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.state == "pending")
        dead = sa.select(deliveries.c.endpoint_id, deliveries.c.event_id).where(deliveries.c.state == "failed")
        dead = dead.where(~_better()).distinct()
        async with self._database.reading() as connection:
            waiting = await connection.scalar(pending)
            given_up = await connection.scalar(sa.select(sa.func.count()).select_from(dead.subquery()))
        return waiting or 0, given_up or 0

    # ── once more ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def replay(self, organisation: str, delivery_id: str, now: float) -> Delivery:
        """Queue a delivery's event once more."""
        asked = sa.select(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.organisation == organisation)
        async with self._database.transaction() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                raise NotFound("there is no such delivery")
            return (await _again(connection, [row], now))[0]

    async def replay_failed(self, organisation: str, endpoint_id: str, now: float) -> list[Delivery]:
        """Queue each event once more that never got there and is not on its way."""
        asked = sa.select(deliveries).where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.state == "failed")
        async with self._database.transaction() as connection:
            # Two who ask at once queue each event once: the second waits and finds it on its way.
            locked = sa.select(endpoints.c.id).where(endpoints.c.id == endpoint_id).with_for_update()
            await connection.execute(locked)
            await self._find(connection, organisation, endpoint_id)
            rows = (await connection.execute(asked.where(~_better()).order_by(deliveries.c.created_at))).all()
            return await _again(connection, list({row.event_id: row for row in rows}.values()), now)

    # ── the work ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def claim(
        self, now: float, *, lease_seconds: float, limit: int, busy: Collection[str] = ()
    ) -> Sequence[Claim]:
        """Claim deliveries that are due; rows that another process is about to claim are passed over."""
        due = sa.and_(deliveries.c.state == "pending", deliveries.c.due_at <= now, deliveries.c.leased_until <= now)
        turn = sa.func.row_number().over(
            partition_by=deliveries.c.endpoint_id, order_by=(deliveries.c.due_at, deliveries.c.id)
        )
        queue = (
            sa.select(deliveries.c.id, turn.label("turn")).where(due, deliveries.c.endpoint_id.not_in(busy)).subquery()
        )
        chosen = (
            sa.select(deliveries)
            .join(queue, queue.c.id == deliveries.c.id)
            .where(due, queue.c.turn == 1)
            .order_by(deliveries.c.due_at)
            .limit(limit)
            .with_for_update(of=deliveries, skip_locked=True)
        )
        lease = uuid.uuid4().hex
        async with self._database.transaction() as connection:
            rows = (await connection.execute(chosen)).all()
            mine = deliveries.c.id.in_([row.id for row in rows])
            leased = sa.update(deliveries).where(mine).values(lease=lease, leased_until=now + lease_seconds)
            if rows:
                await connection.execute(leased)
            return await self._claims(connection, rows, lease)

    async def _claims(self, connection: AsyncConnection, rows: Sequence[Any], lease: str) -> list[Claim]:
        asked = sa.select(endpoints).where(endpoints.c.id.in_({row.endpoint_id for row in rows}))
        targets = await self._endpoints(connection, (await connection.execute(asked)).all())
        pairs = [(row.organisation, row.event_id) for row in rows]
        told = sa.select(events).where(sa.tuple_(events.c.organisation, events.c.id).in_(pairs))
        endpoint_of = {endpoint.id: endpoint for endpoint in targets}
        told_of = {(row.organisation, row.id): event_of(row) for row in await connection.execute(told)}
        return [
            Claim(
                lease=lease,
                delivery_id=row.id,
                tried=row.tried,
                endpoint=endpoint_of[row.endpoint_id],
                event=told_of[row.organisation, row.event_id],
            )
            for row in rows
        ]

    async def settle(self, claim: Claim, attempt: Attempt, state: State, due_at: float) -> bool:
        """Write an attempt down and give the claim back."""
        changed = (
            sa.update(deliveries)
            .where(_held(claim))
            .values(state=state, due_at=due_at, tried=claim.tried + 1, lease=None, leased_until=0.0)
        )
        async with self._database.transaction() as connection:
            if not (await connection.execute(changed)).rowcount:
                return False
            await connection.execute(sa.insert(attempts).values(attempt_row(claim, attempt)))
        return True

    async def release(self, claims: Collection[Claim]) -> None:
        """Give claims back."""
        async with self._database.transaction() as connection:
            for claim in claims:
                given_back = sa.update(deliveries).where(_held(claim)).values(lease=None, leased_until=0.0)
                await connection.execute(given_back)

    # ── for good ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def forget(self, subjects: Collection[str]) -> None:
        """Delete every event that tells of these."""
        async with self._database.transaction() as connection:
            count = (await connection.execute(sa.delete(events).where(events.c.subject.in_(subjects)))).rowcount
        if count:
            await self._database.scrub()

    async def purge(self, before: float) -> int:
        """Delete old events that nobody waits for."""
        waiting = sa.exists().where(
            deliveries.c.organisation == events.c.organisation,
            deliveries.c.event_id == events.c.id,
            deliveries.c.state == "pending",
        )
        async with self._database.transaction() as connection:
            count = (await connection.execute(sa.delete(events).where(events.c.created_at < before, ~waiting))).rowcount
        if count:
            await self._database.scrub()
        return int(count)


def _held(claim: Claim) -> sa.ColumnElement[bool]:
    """Return whether a claim is still its process's own."""
    return sa.and_(deliveries.c.id == claim.delivery_id, deliveries.c.lease == claim.lease)


def _better() -> sa.ColumnElement[bool]:
    """Return whether another delivery of the same event to the same endpoint got there, or is on its way."""
    other = deliveries.alias()
    return sa.exists().where(
        other.c.organisation == deliveries.c.organisation,
        other.c.event_id == deliveries.c.event_id,
        other.c.endpoint_id == deliveries.c.endpoint_id,
        other.c.state != "failed",
    )


async def _within(connection: AsyncConnection, asked: sa.Select[Any], table: sa.Table, span: Span) -> sa.Select[Any]:
    """Narrow what is asked for to a span."""
    made, name = table.c.created_at, table.c.id
    asked = asked.where(made >= span.first, made < span.until)
    if span.before is not None:
        since = await connection.scalar(sa.select(made).where(name == span.before))
        if since is None:
            raise InvalidConfiguration("before must be the id of one that was listed")
        asked = asked.where(sa.or_(made < since, sa.and_(made == since, name < span.before)))
    return asked.order_by(made.desc(), name.desc()).limit(span.limit)


async def _again(connection: AsyncConnection, rows: Sequence[Any], now: float) -> list[Delivery]:
    """Queue new deliveries like those in rows."""
    made = [
        Delivery(
            id=str(uuid.uuid4()),
            organisation=row.organisation,
            endpoint_id=row.endpoint_id,
            event_id=row.event_id,
            event_type=row.event_type,
            created_at=now,
            due_at=now,
        )
        for row in rows
    ]
    if made:
        await connection.execute(sa.insert(deliveries), [delivery_row(delivery) for delivery in made])
    return made


async def _with_attempts(connection: AsyncConnection, rows: Sequence[Any]) -> list[Delivery]:
    """Return deliveries with their attempts, oldest first."""
    asked = sa.select(attempts).where(attempts.c.delivery_id.in_([row.id for row in rows])).order_by(attempts.c.number)
    made: defaultdict[str, list[Attempt]] = defaultdict(list)
    for row in await connection.execute(asked):
        made[row.delivery_id].append(attempt_of(row))
    return [delivery_of(row, tuple(made[row.id])) for row in rows]


def _first(event: WebhookEvent, endpoint_id: str) -> Delivery:
    """Return an event's first delivery to an endpoint."""
    return Delivery(
        id=delivery_id_of(endpoint_id, event.id),
        organisation=event.organisation,
        endpoint_id=endpoint_id,
        event_id=event.id,
        event_type=event.event_type,
        created_at=event.created_at,
        due_at=event.created_at,
    )
