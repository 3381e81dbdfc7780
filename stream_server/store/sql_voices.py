"""Enrolled voices in the SQL database, their embeddings sealed.

A row's seal is bound to its id, organisation and embedder: embeddings that somebody moves to another row do not open.
Rows that another key sealed are listed and can be deleted, and are never compared.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import sqlalchemy as sa

from stream_server.diarize.recognition import EnrolledVoice
from stream_server.diarize.voices import Embedding
from stream_server.errors import InvalidConfiguration, NotFound, StartupError
from stream_server.store.sealing import KEY_BYTES, Seal, SealBroken, find_key
from stream_server.store.sql import Database, PlainText, metadata, plain
from stream_server.store.voices import EnrolledAudio, Voice

voices = sa.Table(
    "voices",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("organisation", PlainText, nullable=False),
    sa.Column("name", PlainText, nullable=False),
    sa.Column("user_id", PlainText),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("embedder", sa.Text, nullable=False),
    sa.Column("dimensions", sa.Integer, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
sa.Index(None, voices.c.organisation, voices.c.created_at, voices.c.id)

audios = sa.Table(
    "voice_audios",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("organisation", PlainText, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("embedder", sa.Text, nullable=False),
    sa.Column("dimensions", sa.Integer, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
sa.Index(None, audios.c.created_at)

STORED = np.dtype("<f4")

LOST_KEY = (
    "bring back the file that sealed them, or delete them with `stream-server speakers delete` and enroll them again"
)

_log = logging.getLogger(__name__)


class SqlVoices:
    """Implement the contract on `store.sql`; a row that does not open counts as not there."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self.seal = seal

    @classmethod
    async def open(cls, database: Database, key_file: Path, *, check_key: bool = True) -> Self:
        """Use the key in a file, which is made where there is neither one nor a voice that it should open.

        Raises `StartupError` if there are voices that the key does not open, unless `check_key` is false: who lists
        and deletes needs no key, and that is the way out for those who have lost it.
        """
        if not await asyncio.to_thread(key_file.exists) and await _count(database):
            if check_key:
                raise StartupError(f"setting voices_key_file: {key_file} is missing; {LOST_KEY}")
            return cls(database, Seal(secrets.token_bytes(KEY_BYTES)))
        seal = Seal(await asyncio.to_thread(find_key, key_file))
        if check_key and await _count(database, not_of=seal.key_id):
            raise StartupError(f"setting voices_key_file: {key_file} does not open all voices; {LOST_KEY}")
        return cls(database, seal)

    # ── samples ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def add_audio(self, audio: EnrolledAudio) -> None:
        """Keep what was learned from a sample."""
        row = {
            "id": audio.id,
            "organisation": audio.organisation,
            "created_at": audio.created_at,
            "seconds": audio.seconds,
            **self._sealed(audio.id, audio.organisation, audio.embedder, audio.embeddings),
        }
        async with self._database.transaction() as connection:
            await connection.execute(sa.insert(audios).values(row))

    async def find_audios(self, organisation: str, audio_ids: Sequence[str], since: float) -> list[EnrolledAudio]:
        """Return those that are there, in the order asked for."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(self._wanted(organisation, audio_ids, since))).all()
        found = self._audios(rows)
        return [found[each] for each in audio_ids if each in found]

    async def drop_audios(self, before: float) -> int:
        """Delete what was learned earlier and never used."""
        async with self._database.transaction() as connection:
            count = (await connection.execute(sa.delete(audios).where(audios.c.created_at < before))).rowcount
        if count:
            await self._database.scrub()
        return int(count)

    # ── voices ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def create_voice(self, voice: Voice, audio_ids: Sequence[str], since: float) -> None:
        """Make a voice of samples, which are used up, all in one transaction."""
        wanted = list(dict.fromkeys(audio_ids))
        async with self._database.transaction() as connection:
            asked = self._wanted(voice.organisation, wanted, since).with_for_update()
            found = self._audios(await connection.execute(asked))
            if not wanted or len(found) < len(wanted):
                raise NotFound("no such audio_id: each serves once and for a limited time")
            if any(audio.embedder != voice.embedder for audio in found.values()):
                raise InvalidConfiguration("audio_ids: upload the samples again, the server's voice model has changed")
            await connection.execute(sa.delete(audios).where(audios.c.id.in_(wanted)))
            embeddings = [each for audio_id in wanted for each in found[audio_id].embeddings]
            await connection.execute(sa.insert(voices).values(self._row(voice, embeddings)))
        await self._database.scrub()

    async def add_voice(self, voice: Voice, embeddings: Sequence[Embedding]) -> None:
        """Make a voice of embeddings."""
        async with self._database.transaction() as connection:
            await connection.execute(sa.insert(voices).values(self._row(voice, embeddings)))

    async def list_voices(self, organisation: str) -> list[Voice]:
        """Return the organisation's voices, oldest first."""
        asked = sa.select(*_PLAIN).where(voices.c.organisation == plain(organisation)).order_by(*_ORDER)
        async with self._database.reading() as connection:
            return [self._voice(row) for row in await connection.execute(asked)]

    async def delete_voice(self, voice_id: str, organisation: str | None) -> Voice:
        """Delete for good; the file keeps no copy."""
        chosen = voices.c.id == plain(voice_id)
        if organisation is not None:
            chosen &= voices.c.organisation == plain(organisation)
        async with self._database.transaction() as connection:
            row = (await connection.execute(sa.delete(voices).where(chosen).returning(*_PLAIN))).first()
        if row is None:
            raise NotFound("there is no such speaker")
        await self._database.scrub()
        return self._voice(row)

    async def all_embeddings(self, organisation: str, embedder: str) -> list[EnrolledVoice]:
        """Return the organisation's voices that `embedder` knows, oldest first."""
        asked = (
            sa.select(voices)
            .where(voices.c.organisation == plain(organisation), voices.c.embedder == embedder)
            .where(voices.c.key_id == self.seal.key_id)
            .order_by(*_ORDER)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
        opened = [(row, self._opened(row)) for row in rows]
        return [EnrolledVoice(row.id, row.name, found, row.user_id) for row, found in opened if found is not None]

    # ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _wanted(self, organisation: str, audio_ids: Sequence[str], since: float) -> sa.Select[Any]:
        return sa.select(audios).where(
            audios.c.id.in_([plain(each) for each in audio_ids]),
            audios.c.organisation == plain(organisation),
            audios.c.created_at >= since,
            audios.c.key_id == self.seal.key_id,
        )

    def _row(self, voice: Voice, embeddings: Sequence[Embedding]) -> dict[str, Any]:
        return {
            "id": voice.id,
            "organisation": voice.organisation,
            "name": voice.name,
            "user_id": voice.user,
            "created_at": voice.created_at,
            **self._sealed(voice.id, voice.organisation, voice.embedder, embeddings),
        }

    def _sealed(self, row_id: str, organisation: str, embedder: str, embeddings: Sequence[Embedding]) -> dict[str, Any]:
        """Return the columns that hold embeddings."""
        values = np.stack(embeddings).astype(STORED)
        return {
            "embedder": embedder,
            "dimensions": values.shape[1],
            "key_id": self.seal.key_id,
            "sealed": self.seal.seal(values.tobytes(), _bound_to(row_id, organisation, embedder)),
        }

    def _opened(self, row: Any) -> tuple[Embedding, ...] | None:
        """Return a row's embeddings; None if somebody changed it: the others are not to suffer for it."""
        try:
            values = self.seal.open(row.sealed, _bound_to(row.id, row.organisation, row.embedder))
        except SealBroken:
            _log.error("the embeddings of %s do not open: the row was changed in the database", row.id)
            return None
        return tuple(np.frombuffer(values, STORED).reshape(-1, row.dimensions).astype(np.float32))

    def _audios(self, rows: Iterable[Any]) -> dict[str, EnrolledAudio]:
        return {
            row.id: EnrolledAudio(
                id=row.id,
                organisation=row.organisation,
                created_at=row.created_at,
                seconds=row.seconds,
                embedder=row.embedder,
                embeddings=embeddings,
            )
            for row in rows
            if (embeddings := self._opened(row)) is not None
        }

    def _voice(self, row: Any) -> Voice:
        return Voice(
            id=row.id,
            organisation=row.organisation,
            name=row.name,
            user=row.user_id,
            created_at=row.created_at,
            embedder=row.embedder,
            readable=row.key_id == self.seal.key_id,
        )


async def _count(database: Database, not_of: str = "") -> int:
    """Return how many voices were sealed with another key than this."""
    asked = sa.select(sa.func.count()).select_from(voices).where(voices.c.key_id != not_of)
    async with database.reading() as connection:
        return int((await connection.execute(asked)).scalar_one())


_PLAIN = [column for column in voices.c if column.name not in ("sealed", "dimensions")]
_ORDER = (voices.c.created_at, voices.c.id)


def _bound_to(row_id: str, organisation: str, embedder: str) -> str:
    """Return what a seal is bound to, as the row keeps it."""
    return "\0".join((row_id, plain(organisation), embedder))
