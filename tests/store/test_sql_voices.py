"""Laws of enrolled voices in the SQL database, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import inspect, text

from stream_server.diarize.recognition import EnrolledVoice
from stream_server.diarize.voices import Embedding, normalised
from stream_server.errors import InvalidConfiguration, NotFound, StartupError
from stream_server.store.sealing import KEY_BYTES, Seal
from stream_server.store.sql import Database
from stream_server.store.sql_voices import SqlVoices
from stream_server.store.voices import EnrolledAudio, Voice, new_audio_id, new_voice_id

KEY = bytes(range(KEY_BYTES))


def bytes_in(directory: Path) -> bytes:
    """Return all that a SQLite database's files hold; nothing where it is another's."""
    return b"".join(path.read_bytes() for path in sorted(directory.glob("records.sqlite3*")))


def vectors(number: int, count: int = 2) -> tuple[Embedding, ...]:
    """Return made embeddings."""
    random = np.random.default_rng(number)
    return tuple(normalised(random.standard_normal(256)) for _ in range(count))


def audio(number: int, **changes: Any) -> EnrolledAudio:
    """Return what was learned from a made sample."""
    usual = EnrolledAudio(
        id=new_audio_id(),
        organisation="acme",
        created_at=100.0 + number,
        seconds=6.5,
        embedder="ge2e",
        embeddings=vectors(number),
    )
    return replace(usual, **changes)


def voice(name: str = "Ann", **changes: Any) -> Voice:
    """Return a voice that is not stored yet."""
    usual = Voice(id=new_voice_id(), organisation="acme", name=name, user="u1", created_at=200.0, embedder="ge2e")
    return replace(usual, **changes)


@pytest.fixture
def store(database: Database) -> SqlVoices:
    """Give an empty store on each database."""
    return SqlVoices(database, Seal(KEY))


async def embeddings_of(store: SqlVoices, organisation: str = "acme") -> dict[str, EnrolledVoice]:
    """Return what is compared, by name."""
    return {found.name: found for found in await store.all_embeddings(organisation, "ge2e")}


async def everything(database: Database) -> bytes:
    """Return all rows of all tables, joined."""
    async with database.reading() as connection:
        tables = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
        rows = [row for table in tables for row in await connection.execute(text(f'SELECT * FROM "{table}"'))]
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)


# ── samples ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_samples_are_found_as_they_were(store: SqlVoices) -> None:
    """To the last bit, in the order asked for; unknown ones are left out."""
    first, second = audio(1), audio(2, seconds=9.0)
    await store.add_audio(first)
    await store.add_audio(second)
    found = await store.find_audios("acme", [second.id, "audio_none", first.id], 0)
    assert [each.id for each in found] == [second.id, first.id]
    assert (found[0].seconds, found[0].created_at, found[0].embedder) == (9.0, 102.0, "ge2e")
    for mine, theirs in zip(found[0].embeddings, second.embeddings, strict=True):
        assert np.array_equal(mine, theirs)


async def test_samples_of_others_and_old_ones_are_not_there(store: SqlVoices) -> None:
    """An id alone opens nothing."""
    sample = audio(1)
    await store.add_audio(sample)
    assert await store.find_audios("other", [sample.id], 0) == []
    assert await store.find_audios("acme", [sample.id], 101.5) == []


async def test_unused_samples_are_dropped(store: SqlVoices) -> None:
    """Those from before a moment, and no others."""
    old, new = audio(1), audio(5)
    await store.add_audio(old)
    await store.add_audio(new)
    assert await store.drop_audios(103) == 1
    assert await store.drop_audios(103) == 0
    assert [each.id for each in await store.find_audios("acme", [old.id, new.id], 0)] == [new.id]


# ── voices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_voice_is_made_of_samples(store: SqlVoices) -> None:
    """All their embeddings become its own, and they are used up."""
    samples = [audio(1), audio(2, embeddings=vectors(2, 3))]
    for each in samples:
        await store.add_audio(each)
    made = voice()
    await store.create_voice(made, [samples[1].id, samples[0].id], 0)
    found = (await embeddings_of(store))["Ann"]
    assert (found.id, found.user) == (made.id, "u1")
    wanted = [*samples[1].embeddings, *samples[0].embeddings]
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(found.embeddings, wanted, strict=True))
    assert await store.find_audios("acme", [each.id for each in samples], 0) == []
    assert await store.list_voices("acme") == [made]


async def test_a_sample_named_twice_counts_once(store: SqlVoices) -> None:
    """A list that repeats itself is no reason to refuse."""
    sample = audio(1)
    await store.add_audio(sample)
    await store.create_voice(voice(), [sample.id, sample.id], 0)
    assert len((await embeddings_of(store))["Ann"].embeddings) == 2


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (audio(2, organisation="other"), NotFound),
        (audio(2, created_at=1.0), NotFound),
        (audio(2, embedder="older"), InvalidConfiguration),
        (None, NotFound),
    ],
)
async def test_nothing_is_made_of_wrong_samples(
    store: SqlVoices, wrong: EnrolledAudio | None, error: type[Exception]
) -> None:
    """Another's, an old, another network's, a missing one: no voice is made and no sample used up."""
    right = audio(1)
    await store.add_audio(right)
    if wrong is not None:
        await store.add_audio(wrong)
    with pytest.raises(error):
        await store.create_voice(voice(), [right.id, wrong.id if wrong else "audio_none"], 50)
    assert await store.list_voices("acme") == []
    assert len(await store.find_audios("acme", [right.id], 0)) == 1


async def test_nothing_is_made_of_nothing(store: SqlVoices) -> None:
    """A voice without samples is none."""
    with pytest.raises(NotFound):
        await store.create_voice(voice(), [], 0)


async def test_a_sample_serves_one_voice(store: SqlVoices) -> None:
    """Of many that ask for it at once, one gets it."""
    sample = audio(1)
    await store.add_audio(sample)
    tries = [store.create_voice(voice(str(number)), [sample.id], 0) for number in range(5)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(str(type(each)) for each in outcomes) == sorted([str(type(None)), *[str(NotFound)] * 4])
    assert len(await store.list_voices("acme")) == 1


async def test_a_voice_is_made_of_embeddings(store: SqlVoices) -> None:
    """A record's speaker needs no sample; a user and plain names are free."""
    made = voice("O'Neill \U0001f600 \0", user=None)
    await store.add_voice(made, vectors(3))
    (listed,) = await store.list_voices("acme")
    assert listed == replace(made, name="O'Neill \U0001f600 \ufffd")


async def test_organisations_do_not_see_each_other(store: SqlVoices) -> None:
    """Neither lists, compares nor deletes what is another's."""
    mine, theirs = voice(), voice("Bob", organisation="other")
    await store.add_voice(mine, vectors(1))
    await store.add_voice(theirs, vectors(2))
    assert await store.list_voices("acme") == [mine]
    assert set(await embeddings_of(store)) == {"Ann"}
    with pytest.raises(NotFound):
        await store.delete_voice(theirs.id, "acme")
    assert await store.list_voices("other") == [theirs]


async def test_voices_are_listed_oldest_first(store: SqlVoices) -> None:
    """So that a list grows at its end."""
    for name, moment in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        await store.add_voice(voice(name, created_at=moment), vectors(1))
    assert [each.name for each in await store.list_voices("acme")] == ["a", "b", "c"]
    assert list(await embeddings_of(store)) == ["a", "b", "c"]


async def test_another_embedders_voices_are_never_compared(store: SqlVoices) -> None:
    """They are listed, and must be enrolled again."""
    await store.add_voice(voice("old", embedder="older"), vectors(1))
    await store.add_voice(voice("new"), vectors(2))
    assert set(await embeddings_of(store)) == {"new"}
    listed = {each.name: each.needs_enrollment("ge2e") for each in await store.list_voices("acme")}
    assert listed == {"old": True, "new": False}


# ── what is deleted is gone ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_deleted_voice_leaves_nothing(database: Database, store: SqlVoices, tmp_path: Path) -> None:
    """No table has it, and a database file and its log have no byte of it."""
    sample, kept = audio(1), voice("Somebody who stays")
    await store.add_audio(sample)
    made = voice("Deletia Goneaway", user="user-of-the-deleted")
    await store.create_voice(made, [sample.id], 0)
    await store.add_voice(kept, vectors(9))
    async with database.reading() as connection:
        asked = text("SELECT sealed FROM voices WHERE id = :id")
        sealed = bytes((await connection.execute(asked, {"id": made.id})).scalar_one())
    traces = [sealed, sealed[20:60], made.name.encode(), made.id.encode(), b"user-of-the-deleted", sample.id.encode()]
    assert sealed in await everything(database)
    assert (await store.delete_voice(made.id, "acme")).name == "Deletia Goneaway"
    left = await everything(database)
    if database.is_sqlite:
        assert kept.name.encode() in bytes_in(tmp_path)
        left += bytes_in(tmp_path)
    assert not [trace for trace in traces if trace in left]
    with pytest.raises(NotFound):
        await store.delete_voice(made.id, None)


async def test_dropped_samples_leave_nothing(database: Database, store: SqlVoices, tmp_path: Path) -> None:
    """What was uploaded and never used is gone as well."""
    sample = audio(1)
    await store.add_audio(sample)
    await store.drop_audios(500)
    assert sample.id.encode() not in await everything(database) + bytes_in(tmp_path)


# ── sealed ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_database_shows_no_embedding(database: Database, store: SqlVoices) -> None:
    """Not as the floats that they are."""
    values = vectors(4, 1)
    await store.add_voice(voice(), values)
    await store.add_audio(audio(4, embeddings=values))
    assert values[0].tobytes()[:16] not in await everything(database)


async def test_swapped_rows_do_not_open(database: Database, store: SqlVoices) -> None:
    """Who can write to the database cannot give one person another's voice, nor move it to another organisation."""
    ann, bob, cid = voice("Ann"), voice("Bob"), voice("Cid")
    for number, each in enumerate((ann, bob, cid)):
        await store.add_voice(each, vectors(number))
    async with database.transaction() as connection:
        swap = text("UPDATE voices SET sealed = (SELECT sealed FROM voices WHERE id = :source) WHERE id = :target")
        await connection.execute(swap, {"source": ann.id, "target": bob.id})
        await connection.execute(text("UPDATE voices SET organisation = 'other' WHERE id = :id"), {"id": cid.id})
    assert set(await embeddings_of(store)) == {"Ann"}
    assert set(await embeddings_of(store, "other")) == set()


async def test_a_lost_key_stops_the_start(database: Database, tmp_path: Path) -> None:
    """One sentence that says what to bring back; no new key is made in its place; listing and deleting still work."""
    path = tmp_path / "keys" / "voices.key"
    first = await SqlVoices.open(database, path)
    made = voice()
    await first.add_voice(made, vectors(1))
    assert set(await embeddings_of(await SqlVoices.open(database, path))) == {"Ann"}
    key = path.read_bytes()
    path.unlink()
    with pytest.raises(StartupError, match=r"voices_key_file: .*voices\.key is missing"):
        await SqlVoices.open(database, path)
    assert not path.exists()
    path.write_bytes(bytes(KEY_BYTES))
    with pytest.raises(StartupError, match="does not open all voices"):
        await SqlVoices.open(database, path)
    path.unlink()
    bare = await SqlVoices.open(database, path, check_key=False)
    assert not path.exists()
    assert [each.readable for each in await bare.list_voices("acme")] == [False]
    assert set(await embeddings_of(bare)) == set()
    path.write_bytes(key)
    restored = await SqlVoices.open(database, path)
    assert set(await embeddings_of(restored)) == {"Ann"}
    path.unlink()
    await bare.delete_voice(made.id, None)
    await SqlVoices.open(database, path)
    assert path.read_bytes() != key
