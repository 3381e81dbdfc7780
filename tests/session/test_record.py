"""What is kept of a session: its words whole, its audio if the client asked, and an end that is its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import structlog

from stream_server.auth import ANONYMOUS
from stream_server.diarize.voices import Embedding
from stream_server.errors import IdleTimeout
from stream_server.events import Audio, Closed
from stream_server.kept_audio import KeptAudio
from stream_server.recording import RecordKeeper
from stream_server.session.limits import Limits
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.record import LiveRecord
from stream_server.session.services import Services
from stream_server.session.session import Session
from stream_server.store.records import Record
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore
from tests.session.test_attachment import final
from tests.session.test_runner import House

KEEPING = SessionOptions(audio=AudioFormat(encoding="pcm_s16le"), keep_audio=True)
SPEECH = Audio(samples=np.full((16_000, 1), 0.1, np.float32))


class Archive:
    """Records in a database, and audio beside it."""

    def __init__(self, services: Services, database: Database, directory: Path) -> None:
        self.store = SqlRecordStore(database)
        self.keeper = RecordKeeper(self.store)
        self.audio = KeptAudio(directory / "audio")
        self.services = replace(services, records=self.keeper, kept_audio=self.audio)

    def record(self, options: SessionOptions = KEEPING) -> LiveRecord:
        """Return the record of a session that begins."""
        return LiveRecord(self.session(options), self.services, structlog.get_logger())

    def session(self, options: SessionOptions = KEEPING) -> Session:
        """Return a session."""
        return self.services.new_session("ab", options, ANONYMOUS, limits=Limits(), granted_until=None)

    async def find(self) -> Record:
        """Return what is in the database."""
        await self.keeper.flush()
        return await self.store.find_record(ANONYMOUS.organisation, "ab")


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """Give an empty archive."""
    database = await Database.open(tmp_path / "records.sqlite3")
    found = Archive(House(tmp_path).services, database, tmp_path)
    yield found
    await found.audio.stop()
    await database.close()


async def test_audio_is_kept_for_who_asks(archive: Archive, tmp_path: Path) -> None:
    """Up to the last sample, once the tape is closed."""
    record = archive.record()
    record.open(ANONYMOUS, None)
    record.hear(SPEECH)
    record.close_tape()
    await archive.audio.stop()
    assert [path.name for path in (tmp_path / "audio").iterdir()] == ["ab-0.flac"]


@pytest.mark.parametrize("begun_at", [None, 5.0])
async def test_no_audio_is_kept_of_others(archive: Archive, tmp_path: Path, begun_at: float | None) -> None:
    """Neither of who does not ask, nor of a session that began elsewhere: it would have a hole."""
    record = archive.record(replace(KEEPING, keep_audio=begun_at is not None))
    record.open(ANONYMOUS, begun_at)
    record.hear(SPEECH)
    record.close_tape()
    await archive.audio.stop()
    assert not (tmp_path / "audio").exists()
    assert begun_at in (None, (await archive.find()).started_at)


async def test_no_audio_is_kept_where_no_records_are(archive: Archive, tmp_path: Path) -> None:
    """Nobody would ever delete it."""
    archive.services = replace(archive.services, records=RecordKeeper(archive.store, keep=False))
    record = archive.record()
    record.open(ANONYMOUS, None)
    record.hear(SPEECH)
    record.close_tape()
    record.end("ok")
    await archive.audio.stop()
    assert not (tmp_path / "audio").exists()


async def test_a_full_disk_costs_the_audio_alone(archive: Archive, tmp_path: Path) -> None:
    """The record goes on."""
    (tmp_path / "audio").write_bytes(b"in the way")
    record = archive.record()
    record.open(ANONYMOUS, None)
    record.hear(SPEECH)
    record.note(final(1))
    record.close_tape()
    record.end("ok")
    assert (await archive.find()).outcome == "ok"


async def test_it_ends_as_it_was_said_to_the_client(archive: Archive) -> None:
    """Who let go of it later does not change that; one that nobody said anything of ends as it was left."""
    record = archive.record()
    record.open(ANONYMOUS, None)
    record.note(final(1))
    record.note(Closed(error=IdleTimeout("nothing came"), at=16_000))
    record.end("vanished")
    found = await archive.find()
    assert (found.outcome, found.end_sample) == (IdleTimeout.code, 16_000)


async def test_who_leaves_it_to_others_does_not_end_it(archive: Archive) -> None:
    """They write its end."""
    record = archive.record()
    record.open(ANONYMOUS, None)
    record.note(final(1))
    record.let_go()
    record.note(Closed(error=None, at=16_000))
    assert (await archive.find()).outcome is None


async def test_how_speakers_sound_is_kept_at_the_end(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed, with the network that heard them; a seal that breaks does not keep the record from its end."""
    voices = {1: np.ones(4, np.float32)}
    monkeypatch.setattr(Session, "voices", voices)

    def sealed(session_id: str, heard: Mapping[int, Embedding]) -> tuple[str, bytes]:
        if session_id != "ab" or heard is not voices:
            raise AssertionError
        return "network", b"sealed"

    def broken(session_id: str, heard: Mapping[int, Embedding]) -> tuple[str, bytes]:
        raise RuntimeError("bug")

    archive.services = replace(archive.services, sealed_voices=sealed)
    record = archive.record()
    record.open(ANONYMOUS, None)
    record.end("ok")
    await archive.keeper.flush()
    [kept] = await archive.store.find_embeddings(ANONYMOUS.organisation, "ab")
    assert (kept.model, kept.vectors) == ("network", b"sealed")

    archive.services = replace(archive.services, sealed_voices=broken)
    other = LiveRecord(
        archive.services.new_session("ac", KEEPING, ANONYMOUS, limits=Limits(), granted_until=None),
        archive.services,
        structlog.get_logger(),
    )
    other.open(ANONYMOUS, None)
    with pytest.raises(RuntimeError):
        other.end("ok")
    await archive.keeper.flush()
    assert (await archive.store.find_record(ANONYMOUS.organisation, "ac")).outcome == "ok"
