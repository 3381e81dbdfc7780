"""Jobs in the SQL database; see `job_tables` for the tables and `jobs` for the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, Update, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from stream_server.errors import NotFound
from stream_server.jobs.job import ENDED, Job, JobFilter, JobPage, SortKey
from stream_server.store.job_rows import job_of_row, row_of_job
from stream_server.store.job_tables import job_steps, jobs
from stream_server.store.jobs import MediaFacts
from stream_server.store.record_tables import records, segments
from stream_server.store.records import Entry
from stream_server.store.sql import Database, plain
from stream_server.store.sql_records import SqlRecordStore

STEPS_AT_ONCE = 200
"""Results written in one statement."""

_OPEN = jobs.c.status.not_in(sorted(ENDED))


class SqlJobStore:
    """Implement the contract on an open database, which stays its owner's to close."""

    def __init__(self, database: Database, records: SqlRecordStore) -> None:
        self._database = database
        self._records = records
        self._upsert = sqlite_insert if database.is_sqlite else postgresql_insert

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find(self, organisation: str | None, job_id: str) -> Job:
        """Return a job."""
        query = select(jobs).where(jobs.c.id == plain(job_id))
        if organisation is not None:
            query = query.where(jobs.c.organisation == organisation)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise NotFound("there is no such job")
        return job_of_row(dict(row))

    async def page(self, wanted: JobFilter, *, offset: int, limit: int, sort_by: SortKey, ascending: bool) -> JobPage:
        """Return some of the wanted jobs; those of one label follow their times, no label is an empty one."""
        keys: list[ColumnElement[Any]] = [jobs.c.created_at, jobs.c.id]
        if sort_by == "label":
            keys.insert(0, func.coalesce(jobs.c.label, ""))
        query = select(jobs).where(_wanted(wanted)).offset(offset).limit(limit)
        query = query.order_by(*(key.asc() if ascending else key.desc() for key in keys))
        async with self._database.reading() as connection:
            found = tuple(job_of_row(dict(row)) for row in (await connection.execute(query)).mappings())
            total = (await connection.execute(_counted(_wanted(wanted)))).scalar_one()
        return JobPage(jobs=found, total=total)

    async def count(self, wanted: JobFilter) -> int:
        """Return how many are wanted."""
        async with self._database.reading() as connection:
            found: int = (await connection.execute(_counted(_wanted(wanted)))).scalar_one()
        return found

    async def count_open(self, organisation: str) -> int:
        """Return how many have not ended."""
        query = _counted(and_(jobs.c.organisation == organisation, _OPEN))
        async with self._database.reading() as connection:
            found: int = (await connection.execute(query)).scalar_one()
        return found

    async def count_queued(self) -> int:
        """Return how many nobody works on."""
        async with self._database.reading() as connection:
            found: int = (await connection.execute(_counted(jobs.c.status == "queued"))).scalar_one()
        return found

    async def lost(self, before: float, limit: int, now: float) -> list[Job]:
        """Return jobs of which nothing was heard since, and note that they were looked for."""
        silent = (_OPEN, jobs.c.modified_at < before)
        oldest = select(jobs.c.id).where(*silent).order_by(jobs.c.modified_at).limit(limit)
        looked = update(jobs).where(jobs.c.id.in_(oldest.scalar_subquery()), *silent)
        async with self._database.transaction() as connection:
            rows = await connection.execute(looked.values(modified_at=now).returning(jobs))
            return [job_of_row(dict(row)) for row in rows.mappings()]

    async def steps(self, job_id: str) -> dict[str, bytes]:
        """Return what was recognised of a job."""
        query = select(job_steps.c.step, job_steps.c.result).where(job_steps.c.job_id == job_id)
        async with self._database.reading() as connection:
            return {row.step: bytes(row.result) for row in await connection.execute(query)}

    # ── the life of a job ───────────────────────────────────────────────────────────────────────────────────────────

    async def add(self, job: Job) -> None:
        """Add a job."""
        async with self._database.transaction() as connection:
            await connection.execute(jobs.insert(), row_of_job(job))

    async def begin(self, job_id: str, worker: str, now: float, lease_seconds: float) -> Job | None:
        """Give the job to a worker, who may take it from one that has died."""
        free = or_(jobs.c.status == "queued", jobs.c.modified_at <= now - lease_seconds)
        begun = update(jobs).where(jobs.c.id == job_id, _OPEN, free)
        begun = begun.values(status="in_progress", worker=worker, modified_at=now, attempts=jobs.c.attempts + 1)
        async with self._database.transaction() as connection:
            row = (await connection.execute(begun.returning(jobs))).mappings().first()
        return None if row is None else job_of_row(dict(row))

    async def note_media(self, job_id: str, facts: MediaFacts, now: float) -> None:
        """Keep what a look into the medium told."""
        values = {
            "media": facts.media,
            "mime_type": facts.mime_type,
            "seconds": facts.seconds,
            "sample_rate": facts.sample_rate,
            "channels": facts.channels,
        }
        await self._change(update(jobs).where(jobs.c.id == job_id).values(modified_at=now, **values))

    async def note_progress(self, job_id: str, worker: str, progress: float, now: float) -> bool:
        """Keep the share that is done, never less than before."""
        share = (
            func.max(jobs.c.progress, progress)
            if self._database.is_sqlite
            else func.greatest(jobs.c.progress, progress)
        )
        return await self._change(_mine(job_id, worker).values(progress=share, modified_at=now))

    async def complete(
        self,
        job_id: str,
        worker: str,
        record: Sequence[Entry],
        now: float,
        error: tuple[str, str] | None = None,
    ) -> bool:
        """Write the record and end the job in one transaction."""
        code, message = error or (None, None)
        values = {"error_code": code, "error_message": message, "worker": None, "modified_at": now}
        values |= {"status": "failed"} if error else {"status": "complete", "progress": 1.0}
        done = _mine(job_id, worker).values(**values)
        async with self._database.transaction() as connection:
            if not (await connection.execute(done)).rowcount:
                return False
            await connection.execute(delete(records).where(records.c.id == job_id))  # of a try that ended early
            await self._records.write_on(connection, record)
            await connection.execute(delete(job_steps).where(job_steps.c.job_id == job_id))
        return True

    async def fail(self, job_id: str, worker: str, code: str, message: str, now: float) -> bool:
        """End the job badly; what was recognised is kept for another try."""
        values = {"status": "failed", "error_code": code, "error_message": message, "worker": None}
        return await self._change(_mine(job_id, worker).values(modified_at=now, **values))

    async def give_back(self, job_id: str, worker: str, now: float) -> bool:
        """Undo `begin`."""
        values: dict[str, Any] = {"status": "queued", "worker": None, "attempts": jobs.c.attempts - 1}
        return await self._change(_mine(job_id, worker).values(modified_at=now, **values))

    async def cancel(self, organisation: str, job_id: str, now: float) -> Job:
        """End the job, unless it has ended."""
        ended = update(jobs).where(jobs.c.id == job_id, jobs.c.organisation == organisation, _OPEN)
        async with self._database.transaction() as connection:
            values = {"status": "cancelled", "worker": None, "modified_at": now}
            if (await connection.execute(ended.values(**values))).rowcount:
                await connection.execute(delete(job_steps).where(job_steps.c.job_id == job_id))
        return await self.find(organisation, job_id)

    async def archive(self, organisation: str, job_id: str, now: float) -> Job:
        """Hide the job, and forget what was recognised of one that failed."""
        hidden = update(jobs).where(jobs.c.id == job_id, jobs.c.organisation == organisation)
        async with self._database.transaction() as connection:
            if (await connection.execute(hidden.values(archived=True, media=None, modified_at=now))).rowcount:
                await connection.execute(delete(job_steps).where(job_steps.c.job_id == job_id))
        await self._database.scrub()
        return await self.find(organisation, job_id)

    async def requeue(self, organisation: str, job_id: str, now: float) -> Job:
        """Have a job that ended badly begin anew."""
        again = update(jobs).where(jobs.c.id == job_id, jobs.c.organisation == organisation)
        again = again.where(jobs.c.status.in_(["failed", "cancelled"]))
        values = {"status": "queued", "attempts": 0, "progress": 0.0, "error_code": None, "error_message": None}
        await self._change(again.values(modified_at=now, **values))
        return await self.find(organisation, job_id)

    async def keep_steps(self, job_id: str, steps: Mapping[str, bytes]) -> None:
        """Keep what was recognised; nothing of a job that has ended or is gone."""
        rows = [{"job_id": job_id, "step": step, "result": result} for step, result in steps.items()]
        async with self._database.transaction() as connection:
            alive = select(jobs.c.id).where(jobs.c.id == job_id, _OPEN)
            if (await connection.execute(alive)).first() is None:
                return
            for first in range(0, len(rows), STEPS_AT_ONCE):
                statement = self._upsert(job_steps).on_conflict_do_nothing()
                await connection.execute(statement, rows[first : first + STEPS_AT_ONCE])

    async def drop_steps(self, job_id: str, steps: Sequence[str]) -> None:
        """Forget these of what was recognised, and leave no copy."""
        async with self._database.transaction() as connection:
            for first in range(0, len(steps), STEPS_AT_ONCE):
                some = job_steps.c.step.in_(steps[first : first + STEPS_AT_ONCE])
                await connection.execute(delete(job_steps).where(job_steps.c.job_id == job_id, some))
        await self._database.scrub()

    async def _change(self, statement: Update) -> bool:
        async with self._database.transaction() as connection:
            changed: CursorResult[Any] = await connection.execute(statement)
            return bool(changed.rowcount)


def _mine(job_id: str, worker: str) -> Update:
    return update(jobs).where(jobs.c.id == job_id, jobs.c.worker == worker, jobs.c.status == "in_progress")


def _counted(condition: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(jobs).where(condition)


def _wanted(wanted: JobFilter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [jobs.c.organisation == wanted.organisation, jobs.c.archived.is_(False)]
    for column, value in (
        (jobs.c.user_id, wanted.user),
        (jobs.c.status, wanted.status),
        (jobs.c.meeting_id, wanted.meeting_id),
    ):
        if value is not None:
            conditions.append(column == plain(value))
    if wanted.first is not None:
        conditions.append(jobs.c.created_at >= wanted.first)
    if wanted.until is not None:
        conditions.append(jobs.c.created_at < wanted.until)
    if wanted.text:
        text = plain(wanted.text)
        said = exists().where(segments.c.record_id == jobs.c.id, segments.c.text.icontains(text, autoescape=True))
        conditions.append(or_(jobs.c.label.icontains(text, autoescape=True), said))
    return and_(*conditions)
