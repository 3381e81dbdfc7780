"""Records in the SQL database; see `record_tables` for the tables and `records` for the contract."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from stream_server.errors import NotFound
from stream_server.events import Revised
from stream_server.store.record_rows import (
    cursor_behind,
    read_cursor,
    record_of_row,
    row_of_record,
    row_of_segment,
    segment_of_row,
    words_as_text,
)
from stream_server.store.record_tables import embeddings, records, segments, speakers
from stream_server.store.records import (
    ABANDONED,
    Append,
    Begin,
    Change,
    Embeddings,
    Entry,
    Finish,
    Forget,
    KeepEmbeddings,
    Record,
    RecordFilter,
    RecordPage,
    Revise,
    Segment,
    Transcript,
)
from stream_server.store.revising import Revision
from stream_server.store.sql import Database, plain

ROWS_AT_ONCE = 200
"""Segments read or records named in one statement: some milliseconds of the event loop."""

PURGED_AT_ONCE = 50
"""Records deleted in one transaction, so that those who write wait little."""


class SqlRecordStore:
    """Implement the contract on an open database, which stays its owner's to close."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._upsert = sqlite_insert if database.is_sqlite else postgresql_insert

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def write(self, entries: Sequence[Entry]) -> None:
        """Make the changes in one transaction: what many sessions say at once takes a handful of statements."""
        async with self._database.transaction() as connection:
            await self.write_on(connection, entries)

    async def write_on(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Make the changes in somebody's transaction."""
        waiting: dict[tuple[str, str], deque[Change]] = {}
        for entry in entries:
            waiting.setdefault((entry.organisation, entry.record_id), deque()).append(entry.change)
        await self._begin(connection, [entry.change for entry in entries if isinstance(entry.change, Begin)])
        held = await _hold(connection, {record_id for _, record_id in waiting})
        there = {name: changes for (owner, name), changes in waiting.items() if name in held.get(owner, ())}
        while any(there.values()):
            await self._append(connection, [(name, _leading(changes)) for name, changes in there.items()])
            for name, changes in there.items():
                while changes and not isinstance(changes[0], Append):
                    await self._change(connection, name, changes.popleft())

    async def _begin(self, connection: AsyncConnection, begun: Sequence[Begin]) -> None:
        if begun:
            rows = [row_of_record(begin.record, begin.now) for begin in begun]
            await connection.execute(self._upsert(records).on_conflict_do_nothing(), rows)

    async def _change(self, connection: AsyncConnection, record_id: str, change: Change) -> None:
        match change:
            case Revise(revised=revised):
                await self._revise(connection, record_id, revised)
            case KeepEmbeddings(embeddings=kept):
                await self._keep(connection, record_id, kept)
            case Finish():
                await _finish(connection, record_id, change)

    async def _append(self, connection: AsyncConnection, appended: Sequence[tuple[str, Sequence[Append]]]) -> None:
        """Add the segments that are new, and what they say of speakers."""
        pairs = [(record_id, append) for record_id, some in appended for append in some]
        if not pairs:
            return
        there = select(segments.c.record_id, segments.c.sequence).where(
            segments.c.record_id.in_({record_id for record_id, _ in pairs}),
            segments.c.sequence.in_({append.segment.sequence for _, append in pairs}),
        )
        known = {(row.record_id, row.sequence) for row in await connection.execute(there)}
        new: dict[tuple[str, int], Append] = {}
        for record_id, append in pairs:
            if (key := (record_id, append.segment.sequence)) not in known:
                new.setdefault(key, append)
        if new:
            rows = [row_of_segment(record_id, append.segment) for (record_id, _), append in new.items()]
            await connection.execute(insert(segments), rows)
        names: dict[tuple[str, int], str | None] = {}
        for (record_id, _), append in new.items():
            for speaker, name in append.names:
                names[record_id, speaker] = name or names.get((record_id, speaker))
        await self._meet(connection, names)

    async def _meet(self, connection: AsyncConnection, names: Mapping[tuple[str, int], str | None]) -> None:
        """Note speakers of records; a name that is not told does not undo one that was."""
        rows = [
            {"record_id": record_id, "speaker": speaker, "name": name} for (record_id, speaker), name in names.items()
        ]
        if rows:
            statement = self._upsert(speakers)
            name = func.coalesce(statement.excluded.name, speakers.c.name)
            statement = statement.on_conflict_do_update(index_elements=["record_id", "speaker"], set_={"name": name})
            await connection.execute(statement, rows)

    async def _revise(self, connection: AsyncConnection, record_id: str, revised: Revised) -> None:
        """Take a revision, unless this one or a later one was taken before."""
        taken = update(records).where(records.c.id == record_id, records.c.revision < revised.sequence)
        if not (await connection.execute(taken.values(revision=revised.sequence))).rowcount:
            return
        revision = Revision(revised)
        if revision.touches_segments:
            async for page in _segments(connection, record_id):
                await _update(connection, record_id, [(one, revision.apply(one)) for one in page])
            gone = delete(speakers).where(speakers.c.record_id == record_id, speakers.c.speaker.in_(revision.gone))
            await connection.execute(gone)
        told = {speaker for speaker, _ in revised.names}
        await self._meet(connection, {(record_id, speaker): None for speaker in sorted(revision.named | told)})
        for speaker, name in revised.names:
            renamed = update(speakers).where(speakers.c.record_id == record_id, speakers.c.speaker == speaker)
            await connection.execute(renamed.values(name=name))

    async def _keep(self, connection: AsyncConnection, record_id: str, kept: Embeddings) -> None:
        values = {"model": kept.model, "vectors": kept.vectors}
        statement = self._upsert(embeddings).values(record_id=record_id, track=kept.track, **values)
        await connection.execute(statement.on_conflict_do_update(index_elements=["record_id", "track"], set_=values))

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_record(self, organisation: str, record_id: str) -> Record:
        """Return a record's head."""
        async with self._database.reading() as connection:
            return await _find(connection, organisation, record_id)

    async def find_transcript(self, organisation: str, record_id: str) -> Transcript:
        """Return a whole record."""
        async with self._database.reading() as connection:
            record = await _find(connection, organisation, record_id)
            query = select(speakers.c.speaker, speakers.c.name).where(speakers.c.record_id == record_id)
            names = {row.speaker: row.name for row in await connection.execute(query.order_by(speakers.c.speaker))}
            said = [segment async for page in _segments(connection, record_id) for segment in page]
        return Transcript(record=record, segments=tuple(said), speakers=names)

    async def find_embeddings(self, organisation: str, record_id: str) -> list[Embeddings]:
        """Return what was kept of each track."""
        async with self._database.reading() as connection:
            await _find(connection, organisation, record_id)
            query = select(embeddings).where(embeddings.c.record_id == record_id).order_by(embeddings.c.track)
            rows = (await connection.execute(query)).all()
        return [Embeddings(track=row.track, model=row.model, vectors=bytes(row.vectors)) for row in rows]

    async def list_records(self, wanted: RecordFilter, limit: int, cursor: str | None = None) -> RecordPage:
        """Return a page, newest first; records that start together follow their ids."""
        query = select(records).where(records.c.organisation == wanted.organisation)
        for column, value in (
            (records.c.user_id, wanted.user),
            (records.c.meeting_id, wanted.meeting_id),
            (records.c.kind, wanted.kind),
        ):
            if value is not None:
                query = query.where(column == value)
        if cursor is not None:
            query = query.where(tuple_(records.c.started_at, records.c.id) < read_cursor(cursor))
        query = query.order_by(records.c.started_at.desc(), records.c.id.desc()).limit(limit + 1)
        async with self._database.reading() as connection:
            found = [record_of_row(row) for row in (await connection.execute(query)).mappings()]
        page = tuple(found[:limit])
        return RecordPage(records=page, cursor=cursor_behind(page[-1]) if len(found) > limit else None)

    # ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def delete_record(self, organisation: str, record_id: str) -> None:
        """Delete a record; what hangs on it goes by the tables' own rules."""
        gone = delete(records).where(records.c.id == plain(record_id), records.c.organisation == organisation)
        async with self._database.transaction() as connection:
            if not (await connection.execute(gone)).rowcount:
                raise _unknown(record_id)
        await self._database.scrub()

    async def purge(self, before: float, forget: Forget | None = None) -> int:
        """Delete old records, some at a time."""
        purged = 0
        old = select(records.c.id).where(records.c.ended_at < before).limit(PURGED_AT_ONCE)
        while True:
            async with self._database.reading() as connection:
                ids = list((await connection.execute(old)).scalars())
            if not ids:
                break
            if forget is not None:
                await forget(ids)
            async with self._database.transaction() as connection:
                await connection.execute(delete(records).where(records.c.id.in_(ids)))
            purged += len(ids)
        if purged:
            await self._database.scrub()
        return purged

    # ── signs of life ───────────────────────────────────────────────────────────────────────────────────────────────

    async def touch(self, record_ids: Sequence[str], now: float) -> None:
        """Say that these run."""
        async with self._database.transaction() as connection:
            for first in range(0, len(record_ids), ROWS_AT_ONCE):
                these = records.c.id.in_(record_ids[first : first + ROWS_AT_ONCE])
                revived = update(records).where(these, records.c.outcome == ABANDONED)
                await connection.execute(revived.values(ended_at=None, end_sample=None, outcome=None))
                await connection.execute(update(records).where(these).values(seen_at=now))

    async def end_abandoned(self, before: float) -> int:
        """End what no server speaks for any more."""
        last = select(func.coalesce(func.max(segments.c.end_sample), 0)).where(segments.c.record_id == records.c.id)
        end = last.scalar_subquery()
        ended = update(records).where(records.c.ended_at.is_(None), records.c.seen_at < before)
        ended = ended.values(
            end_sample=end, ended_at=records.c.started_at + end * 1.0 / records.c.clock_rate, outcome=ABANDONED
        )
        async with self._database.transaction() as connection:
            return (await connection.execute(ended)).rowcount


def _leading(changes: deque[Change]) -> list[Append]:
    """Take and return the segments before any other change."""
    found = []
    while changes and isinstance(changes[0], Append):
        found.append(changes[0])
        changes.popleft()
    return found


async def _hold(connection: AsyncConnection, record_ids: Collection[str]) -> dict[str, set[str]]:
    """Take hold of records, always in one order so that nobody waits for whom they keep waiting; return by owner."""
    query = select(records.c.organisation, records.c.id).where(records.c.id.in_(record_ids)).order_by(records.c.id)
    held: dict[str, set[str]] = {}
    for row in await connection.execute(query.with_for_update()):
        held.setdefault(row.organisation, set()).add(row.id)
    return held


def _head(organisation: str, record_id: str) -> Select[Any]:
    return select(records).where(records.c.id == plain(record_id), records.c.organisation == organisation)


async def _find(connection: AsyncConnection, organisation: str, record_id: str) -> Record:
    row = (await connection.execute(_head(organisation, record_id))).mappings().one_or_none()
    if row is None:
        raise _unknown(record_id)
    return record_of_row(row)


def _unknown(record_id: str) -> NotFound:
    return NotFound(f"there is no record {record_id!r}")


async def _segments(connection: AsyncConnection, record_id: str) -> AsyncIterator[list[Segment]]:
    """Yield a record's segments in order, some at a time, so that others have their turn between."""
    behind = -1
    while True:
        query = select(segments).where(segments.c.record_id == record_id, segments.c.sequence > behind)
        rows = await connection.execute(query.order_by(segments.c.sequence).limit(ROWS_AT_ONCE))
        page = [segment_of_row(row) for row in rows.mappings()]
        if page:
            yield page
            behind = page[-1].sequence
        if len(page) < ROWS_AT_ONCE:
            return


async def _update(connection: AsyncConnection, record_id: str, pairs: Iterable[tuple[Segment, Segment]]) -> None:
    """Write down segments that are no longer as they were."""
    rows = [
        {"its_sequence": new.sequence, "new_speaker": new.speaker, "new_words": words_as_text(new.words)}
        for old, new in pairs
        if old != new
    ]
    if rows:
        changed = update(segments).where(
            segments.c.record_id == record_id, segments.c.sequence == bindparam("its_sequence")
        )
        await connection.execute(changed.values(speaker=bindparam("new_speaker"), words=bindparam("new_words")), rows)


async def _finish(connection: AsyncConnection, record_id: str, finish: Finish) -> None:
    ended = update(records).where(records.c.id == record_id)
    values = {"ended_at": finish.ended_at, "end_sample": finish.end_sample, "outcome": finish.outcome}
    await connection.execute(ended.values(**values, lost=finish.lost))
