"""Laws of enrolling: samples become voices once, names are checked, changes are known at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from stream_server.diarize.enrollment import Enrollment, Quality
from stream_server.enrolling import MOST_AUDIOS, Enroller, RecordedVoice
from stream_server.errors import InvalidConfiguration, NotFound, UnsuitableSample
from stream_server.store.sealing import KEY_BYTES, Seal
from stream_server.store.sql import Database
from stream_server.store.sql_voices import SqlVoices
from stream_server.store.voices import Voice
from stream_server.voices import VoiceBook

QUALITY = Quality(speech_seconds=6.0, other_voice_share=0.0, clipped_share=0.0, level_dbfs=-25.0)


class ScriptedHearer:
    """Takes every sample for the voice that its bytes number; `b"bad"` is none."""

    async def hear(self, data: AsyncIterator[bytes]) -> Enrollment:
        read = b"".join([piece async for piece in data])
        if read == b"bad":
            raise UnsuitableSample("no voice was heard in the sample")
        return Enrollment(QUALITY, (np.eye(4, dtype=np.float32)[int(read)],))


async def bytes_of(data: bytes) -> AsyncIterator[bytes]:
    """Yield a sample."""
    yield data


async def recorded(organisation: str, record_id: str, *, speaker: int | None, segments: Sequence[str]) -> RecordedVoice:
    """Know one record of `acme`, and an older one of another network."""
    if organisation != "acme" or record_id not in ("record", "older"):
        raise NotFound("there is no such record")
    vector = np.eye(4, dtype=np.float32)[speaker if speaker is not None else len(segments)]
    return RecordedVoice("ge2e" if record_id == "record" else "older", (vector,))


class Clock:
    """A clock that stands until it is moved."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlVoices]:
    """Give an empty store."""
    database = await Database.open(tmp_path / "records.sqlite3")
    yield SqlVoices(database, Seal(bytes(KEY_BYTES)))
    await database.close()


@pytest.fixture
def book(store: SqlVoices) -> VoiceBook:
    """Give a book that does not look by itself."""
    return VoiceBook(store, "ge2e", refresh_seconds=1e9)


@pytest.fixture
def enroller(store: SqlVoices, book: VoiceBook, clock: Clock) -> Enroller:
    """Give an enroller whose samples wait for an hour."""
    return Enroller(store, book, ScriptedHearer(), audio_hours=1, recorded=recorded, clock=clock)


async def upload(enroller: Enroller, number: int = 0, organisation: str = "acme") -> str:
    """Add a sample; return its id."""
    audio, quality = await enroller.add_audio(organisation, bytes_of(str(number).encode()))
    assert (audio.seconds, quality, audio.embedder) == (6.0, QUALITY, "ge2e")
    return audio.id


async def test_samples_become_a_voice_that_is_known_at_once(enroller: Enroller, book: VoiceBook) -> None:
    """Two samples, one voice, both heard in it."""
    made = await enroller.enroll("acme", "  Ann  ", [await upload(enroller, 0), await upload(enroller, 1)], "u1")
    assert (made.name, made.user, made.organisation, made.created_at) == ("Ann", "u1", "acme", 1_000_000.0)
    (known,) = book.voices("acme")
    assert (known.id, known.name, len(known.embeddings)) == (made.id, "Ann", 2)
    assert await enroller.list_voices("acme") == [made]


async def test_a_poor_sample_leaves_nothing(enroller: Enroller) -> None:
    """What was refused has no id."""
    with pytest.raises(UnsuitableSample):
        await enroller.add_audio("acme", bytes_of(b"bad"))


async def test_samples_expire(enroller: Enroller, clock: Clock) -> None:
    """After an hour nobody can make a voice of one."""
    audio_id = await upload(enroller)
    clock.now += 3_601
    with pytest.raises(NotFound):
        await enroller.enroll("acme", "Ann", [audio_id])


async def test_expired_samples_are_swept(
    enroller: Enroller, store: SqlVoices, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are deleted though nobody asks for them; those in time stay."""
    old = await upload(enroller)
    clock.now += 3_000
    new = await upload(enroller)
    clock.now += 601
    swept = asyncio.Event()
    drop = store.drop_audios

    async def drop_and_tell(before: float) -> int:
        count = await drop(before)
        swept.set()
        return count

    monkeypatch.setattr(store, "drop_audios", drop_and_tell)
    await enroller.start()
    await swept.wait()
    assert await store.find_audios("acme", [old], 0) == []
    assert len(await store.find_audios("acme", [new], 0)) == 1
    await enroller.stop()


async def test_organisations_do_not_share_samples(enroller: Enroller) -> None:
    """Another's sample is not there."""
    audio_id = await upload(enroller, organisation="other")
    with pytest.raises(NotFound):
        await enroller.enroll("acme", "Ann", [audio_id])


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "null\0", "half \ud800"])
async def test_a_name_is_a_line_of_text(enroller: Enroller, name: str) -> None:
    """It stands in captions; the refusal does not repeat it, and the sample is still there."""
    audio_id = await upload(enroller)
    with pytest.raises(InvalidConfiguration, match=r"^name must be a line of text$"):
        await enroller.enroll("acme", name, [audio_id])
    await enroller.enroll("acme", "Zoë 王 🎤", [audio_id])


@pytest.mark.parametrize("count", [0, MOST_AUDIOS + 1])
async def test_the_number_of_samples_is_bounded(enroller: Enroller, count: int) -> None:
    """None is too few."""
    with pytest.raises(InvalidConfiguration, match="audio_ids"):
        await enroller.enroll("acme", "Ann", ["audio_x"] * count)


async def test_a_deleted_voice_is_forgotten_at_once(enroller: Enroller, book: VoiceBook) -> None:
    """And can be deleted once, by its organisation."""
    made = await enroller.enroll("acme", "Ann", [await upload(enroller)])
    with pytest.raises(NotFound):
        await enroller.delete("other", made.id)
    assert len(book.voices("acme")) == 1
    assert await enroller.delete("acme", made.id) == made
    assert book.voices("acme") == ()
    assert await enroller.list_voices("acme") == []
    with pytest.raises(NotFound):
        await enroller.delete("acme", made.id)


async def test_a_records_speaker_becomes_a_voice(enroller: Enroller, book: VoiceBook) -> None:
    """By number or by segments."""
    await enroller.enroll_speaker("acme", "Ann", "record", speaker=2)
    made: Voice = await enroller.enroll_speaker("acme", "Bob", "record", segments=["1", "2", "3"], user="u2")
    ann, bob = sorted(book.voices("acme"), key=lambda voice: voice.name)
    assert (int(ann.mean.argmax()), int(bob.mean.argmax()), bob.user, bob.id) == (2, 3, "u2", made.id)


async def test_a_records_speaker_must_be_told_and_be_there(
    enroller: Enroller, store: SqlVoices, book: VoiceBook
) -> None:
    """Neither nor both say nothing; another's record is not there, an older network's is of no use."""
    for wrong in ({}, {"speaker": 1, "segments": ["1"]}):
        with pytest.raises(InvalidConfiguration, match="either speaker or segments"):
            await enroller.enroll_speaker("acme", "Ann", "record", **wrong)
    with pytest.raises(NotFound):
        await enroller.enroll_speaker("other", "Ann", "record", speaker=1)
    with pytest.raises(InvalidConfiguration, match="voice model has changed"):
        await enroller.enroll_speaker("acme", "Ann", "older", speaker=1)
    bare = Enroller(store, book, ScriptedHearer(), audio_hours=1)
    with pytest.raises(NotFound):
        await bare.enroll_speaker("acme", "Ann", "record", speaker=1)
    assert await enroller.list_voices("acme") == []
