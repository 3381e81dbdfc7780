"""Journals in Redis, two keys for each session; both are forgotten together.

ss:session:<id>         hash  head (JSON), fence, standing, behind, voices, ended
ss:session:<id>:events  list  durable events behind the sequence `behind`: deflated, in base64, for an hour of talk has
                              thousands
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from stream_server.store.journals import JournalHead, JournalPage, KeptJournal, Outcome
from stream_server.store.redis import RedisStore


class RedisJournals:
    """Implement the contract on an open store's connections."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    async def begin(
        self, head: JournalHead, standing: str, keep_seconds: float, *, fence: int = 1, behind: int = 0
    ) -> Outcome:
        """Begin a journal; see `scripts/begin_journal.lua`."""
        arguments = [fence, round(keep_seconds * 1000), json.dumps(asdict(head)), standing, behind]
        outcome: Outcome = await self._store.run_script("begin_journal", _keys(head.session_id), arguments)
        return outcome

    async def write(self, pages: Sequence[JournalPage]) -> list[Outcome]:
        """Write all pages in one round trip; see `scripts/write_journal.lua`."""
        return await self._store.run_scripts(
            [("write_journal", _keys(page.session_id), _laid_out(page)) for page in pages]
        )

    async def find(self, session_id: str) -> KeptJournal | None:
        """Return a journal."""
        name, events = _keys(session_id)
        async with self._store.reached() as redis, redis.pipeline(transaction=True) as pipeline:
            pipeline.hgetall(name)
            pipeline.llen(events)
            fields, count = await pipeline.execute()
        return _journal(fields, int(count)) if fields else None

    async def take_over(self, session_id: str, keep_seconds: float) -> KeptJournal | None:
        """Raise the fence; see `scripts/take_journal.lua`."""
        await self._store.run_script("take_journal", _keys(session_id), [round(keep_seconds * 1000)])
        return await self.find(session_id)

    async def events(self, session_id: str, after: int, limit: int) -> list[str]:
        """Return events; see `scripts/read_journal.lua`."""
        packed = await self._store.run_script("read_journal", _keys(session_id), [after, limit])
        return [zlib.decompress(b64decode(each)).decode() for each in packed]


def _keys(session_id: str) -> list[str]:
    return [f"ss:session:{session_id}", f"ss:session:{session_id}:events"]


def _laid_out(page: JournalPage) -> list[str | int]:
    """Return the script's arguments."""
    packed = [b64encode(zlib.compress(event.encode(), 1)).decode() for event in page.events]
    texts = [page.standing or "", page.voices or "", page.ended or ""]
    return [page.fence, round(page.keep_seconds * 1000), page.first, *texts, *packed]


def _journal(fields: Mapping[str, str], count: int) -> KeptJournal:
    behind = int(fields.get("behind", 0))  # one that an older version began has none
    return KeptJournal(
        head=JournalHead(**json.loads(fields["head"])),
        fence=int(fields["fence"]),
        behind=behind,
        sequence=behind + count,
        standing=fields["standing"],
        voices=fields.get("voices"),
        ended=fields.get("ended"),
    )
