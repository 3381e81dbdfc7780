"""The queue of jobs in Redis: a stream and a consumer group for each organisation, and whose turn it is.

    ss:jobs:line:<organisation>  stream      entries {job: id}, group "workers"
    ss:jobs:turns                sorted set  organisation → number of its last turn
    ss:jobs:turn                 counter     turns given so far

Queue libraries over Redis (arq, taskiq, saq, streaq) were looked at: none is fair between owners, and what is left of
one that is told to be (a poll, a claim, an acknowledgement) is this module.
"""

from __future__ import annotations

from stream_server.store.job_queue import Ticket
from stream_server.store.redis import RedisStore

GROUP = "workers"


class RedisJobQueue:
    """Implement the contract on an open store's connections."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    async def put(self, organisation: str, job_id: str) -> None:
        """Append the job; an organisation that comes anew stands behind those that are here."""
        await self._store.run_script(
            "put_job", [_line(organisation), "ss:jobs:turns", "ss:jobs:turn"], [GROUP, organisation, job_id]
        )

    async def take(self, worker: str, idle_seconds: float) -> Ticket | None:
        """Take the next job; see `scripts/take_job.lua`."""
        arguments = [GROUP, worker, round(idle_seconds * 1000)]
        answer = await self._store.run_script("take_job", ["ss:jobs:turns", "ss:jobs:turn"], arguments)
        return None if not answer else Ticket(organisation=answer[0], entry=answer[1], job_id=answer[2])

    async def renew(self, worker: str, ticket: Ticket) -> None:
        """Claim the entry anew: that sets back how long it has been idle."""
        async with self._store.reached() as redis:
            await redis.xclaim(_line(ticket.organisation), GROUP, worker, 0, [ticket.entry], justid=True)

    async def done(self, ticket: Ticket) -> None:
        """Acknowledge the entry and delete it."""
        async with self._store.reached() as redis, redis.pipeline(transaction=True) as pipeline:
            pipeline.xack(_line(ticket.organisation), GROUP, ticket.entry)
            pipeline.xdel(_line(ticket.organisation), ticket.entry)
            await pipeline.execute()

    async def forget_workers(self, idle_seconds: float) -> int:
        """Delete consumers; see `scripts/forget_workers.lua`."""
        arguments = [GROUP, round(idle_seconds * 1000)]
        return int(await self._store.run_script("forget_workers", ["ss:jobs:turns"], arguments))

    async def waiting(self) -> int:
        """Return how many entries there are."""
        async with self._store.reached() as redis:
            lines = await redis.zrange("ss:jobs:turns", 0, -1)
            async with redis.pipeline(transaction=False) as pipeline:
                for organisation in lines:
                    pipeline.xlen(_line(str(organisation)))
                return sum(await pipeline.execute())


def _line(organisation: str) -> str:
    return f"ss:jobs:line:{organisation}"
