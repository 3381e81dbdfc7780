"""The contract of records, run over both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.events import Final, Revised, Speaker, SpeakerChange, Word
from stream_server.store.records import (
    ABANDONED,
    Append,
    Begin,
    Change,
    Embeddings,
    Entry,
    Finish,
    KeepEmbeddings,
    Record,
    RecordFilter,
    RecordStore,
    Revise,
    Segment,
    SegmentWord,
    append_of,
)
from stream_server.store.sql import Database, metadata
from stream_server.store.sql_records import SqlRecordStore

ACME = RecordFilter(organisation="acme")
RATE = 16_000


@pytest.fixture
def store(database: Database) -> RecordStore:
    """Give an empty store of each kind."""
    return SqlRecordStore(database)


def record(record_id: str = "s1", **changes: Any) -> Record:
    """Make the head of a session of one track that began at 100 s."""
    usual = Record(
        id=record_id, organisation="acme", user="ann", started_at=100.0, clock_rate=RATE, model="base", tracks=("room",)
    )
    return replace(usual, **changes)


def word(number: int, speaker: int | None = 1, **changes: Any) -> SegmentWord:
    """Make the word of that number, a second long."""
    usual = SegmentWord(
        text=f"Word{number}",
        spoken=f"word{number}",
        start=number * RATE,
        end=(number + 1) * RATE,
        confidence=0.875,
        speaker=speaker,
    )
    return replace(usual, **changes)


def segment(sequence: int, *speakers: int | None, **changes: Any) -> Segment:
    """Make an utterance that has a word of each of these speakers."""
    usual = Segment(
        sequence=sequence,
        utterance_id=f"u{sequence}",
        track=0,
        start=sequence * 10 * RATE,
        end=(sequence * 10 + len(speakers)) * RATE,
        text=f"what was said at {sequence}",
        language="en",
        speaker=speakers[0] if speakers else None,
        words=tuple(word(number, speaker) for number, speaker in enumerate(speakers)),
    )
    return replace(usual, **changes)


async def write(store: RecordStore, *changes: Change, record_id: str = "s1", organisation: str = "acme") -> None:
    """Write changes of one record."""
    await store.write([Entry(organisation=organisation, record_id=record_id, change=change) for change in changes])


async def begin(store: RecordStore, *records: Record) -> None:
    """Begin records."""
    for one in records:
        await write(store, Begin(record=one, now=one.started_at), record_id=one.id, organisation=one.organisation)


async def words_of(store: RecordStore) -> dict[str, list[int | None]]:
    """Return who says each word, by utterance."""
    found = await store.find_transcript("acme", "s1")
    return {one.utterance_id: [each.speaker for each in one.words] for one in found.segments}


def ended(at: float, **changes: Any) -> Finish:
    """End a record well."""
    return replace(Finish(ended_at=at, end_sample=0, outcome="ok"), **changes)


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_record_comes_back_whole(store: RecordStore) -> None:
    """Everything about a record, its segments and its speakers comes back as it was given."""
    head = record(meeting_id="m/1", label='Über "alles" 😀', kind="recording", language="id", tracks=("Ada", "Bo"))
    said = [
        segment(1, 1, 2),
        segment(
            2,
            None,
            track=1,
            text="",
            language=None,
            words=(word(0, None, overlap=True, spoken="Word0", confidence=1.0),),
        ),
        segment(3, speaker=7),
    ]
    await begin(store, head)
    names = ((1, "Ann"), (2, None))
    await write(store, Append(segment=said[0], names=names), *(Append(segment=one) for one in said[1:]))
    found = await store.find_transcript("acme", "s1")
    assert found.record == head == await store.find_record("acme", "s1")
    assert list(found.segments) == said
    assert found.speakers == {1: "Ann", 2: None}
    assert found.segments[0].spoken == "word0 word1"


async def test_beginning_again_changes_nothing(store: RecordStore) -> None:
    """A record that is there stays as it is, whoever begins it again."""
    await begin(store, record())
    await write(store, Append(segment=segment(1, 1)))
    await begin(store, record(label="again"), record(organisation="other"))
    assert (await store.find_record("acme", "s1")).label is None
    assert len((await store.find_transcript("acme", "s1")).segments) == 1
    with pytest.raises(NotFound):
        await store.find_record("other", "s1")


async def test_everything_may_be_written_again(store: RecordStore) -> None:
    """A batch that is repeated, since its answer was lost, changes nothing the second time."""
    batch: list[Change] = [
        Begin(record=record(), now=100),
        Append(segment=segment(1, 1, 2), names=((1, None), (2, None))),
        Revise(revised=Revised(sequence=2, reason="second_look", merged=((2, 1),), names=((1, "Ann"),))),
        Append(segment=segment(3, 2), names=((2, None),)),
        KeepEmbeddings(embeddings=Embeddings(track=0, model="m", vectors=b"12")),
        ended(130),
    ]
    await write(store, *batch)
    once = await store.find_transcript("acme", "s1")
    await write(store, *batch)
    assert await store.find_transcript("acme", "s1") == once
    assert await words_of(store) == {"u1": [1, 1], "u3": [2]}
    assert once.speakers == {1: "Ann", 2: None}


async def test_a_batch_is_all_or_nothing(store: RecordStore) -> None:
    """What cannot be written keeps the rest of its batch from being written."""
    await begin(store, record())
    broken = replace(segment(2), text=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="refused"):
        await write(store, Append(segment=segment(1, 1)), Append(segment=broken))
    assert (await store.find_transcript("acme", "s1")).segments == ()


async def test_one_batch_may_be_about_many_records(store: RecordStore) -> None:
    """Changes of different records do not mind each other, in whatever order they are mixed."""
    entries = [
        Entry(organisation="acme", record_id=name, change=change)
        for change in (Append(segment=segment(1, 1)), Append(segment=segment(2, 1)))
        for name in ("s1", "s2", "unknown")
    ]
    await begin(store, record("s1"), record("s2"))
    await store.write(entries)
    for name in ("s1", "s2"):
        assert [one.sequence for one in (await store.find_transcript("acme", name)).segments] == [1, 2]


async def test_another_organisation_changes_nothing(store: RecordStore) -> None:
    """Changes reach the records of their own organisation only."""
    await begin(store, record())
    await write(store, Append(segment=segment(1, 1)), ended(200), organisation="other")
    assert (await store.find_transcript("acme", "s1")).segments == ()
    assert (await store.find_record("acme", "s1")).ended_at is None


async def test_the_end_is_noted(store: RecordStore) -> None:
    """A finished record tells when, at which sample, how, and how much is missing."""
    await begin(store, record())
    await write(store, ended(222.5, end_sample=99, outcome="quota_exceeded", lost=3))
    found = await store.find_record("acme", "s1")
    assert (found.ended_at, found.end_sample, found.outcome, found.lost) == (222.5, 99, "quota_exceeded", 3)


async def test_a_name_is_kept_until_another_is_told(store: RecordStore) -> None:
    """A segment that does not know a speaker's name does not undo it."""
    await begin(store, record())
    for number, name in enumerate((None, "Ann", None, "Anne")):
        await write(store, Append(segment=segment(number, 1), names=((1, name),)))
    assert (await store.find_transcript("acme", "s1")).speakers == {1: "Anne"}


@pytest.mark.parametrize("odd", ["a\0b", "a\ud800b"])
async def test_text_that_no_database_keeps_does_no_harm(store: RecordStore, odd: str) -> None:
    """What a client may send as a name is kept as well as can be, and found again by the same name."""
    await begin(store, record(user=odd, meeting_id=odd, label=odd, tracks=(odd,)))
    said = segment(1, 1, text=odd, words=(word(0, text=odd),))
    await write(store, Append(segment=said, names=((1, odd),)))
    page = await store.list_records(RecordFilter(organisation="acme", user=odd, meeting_id=odd), 10)
    assert page.records[0].label == "a\ufffdb"
    assert (await store.find_transcript("acme", "s1")).speakers == {1: "a\ufffdb"}
    with pytest.raises(NotFound):
        await store.find_record("acme", odd)


# ── revising ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_revision_merges_then_changes_then_names(store: RecordStore) -> None:
    """The three steps of a revision, in their order, on words, segments and speakers."""
    await begin(store, record())
    names: tuple[tuple[int, str | None], ...] = ((1, None), (2, "Bo"), (3, None))
    await write(store, Append(segment=segment(1, 1, 2, 3), names=names), Append(segment=segment(2, 3, 3)))
    change = SpeakerChange(utterance_id="u2", first=1, stop=2, speaker=2)
    revised = Revised(sequence=3, reason="second_look", merged=((3, 1),), changes=(change,), names=((1, "Ann"),))
    await write(store, Revise(revised=revised))
    found = await store.find_transcript("acme", "s1")
    assert await words_of(store) == {"u1": [1, 2, 1], "u2": [1, 2]}
    assert found.speakers == {1: "Ann", 2: "Bo"}
    assert found.record.revision == 3


async def test_a_revision_may_take_a_name_away_and_bring_a_speaker(store: RecordStore) -> None:
    """Names become what the revision says, None included; a speaker whom it brings is known from then on."""
    await begin(store, record())
    await write(store, Append(segment=segment(1, 1, None), names=((1, "Ann"),)))
    change = SpeakerChange(utterance_id="u1", first=1, stop=2, speaker=4)
    revised = Revised(sequence=2, reason="renamed", changes=(change,), names=((1, None), (9, "Later")))
    await write(store, Revise(revised=revised))
    assert (await store.find_transcript("acme", "s1")).speakers == {1: None, 4: None, 9: "Later"}
    assert await words_of(store) == {"u1": [1, 4]}


async def test_an_older_revision_is_not_taken_again(store: RecordStore) -> None:
    """A revision that was overtaken by a later one is not made again."""
    await begin(store, record())
    await write(store, Append(segment=segment(1, 1), names=((1, None),)))
    first = Revised(sequence=2, reason="renamed", names=((1, "Ann"),))
    await write(store, Revise(revised=first), Revise(revised=replace(first, sequence=3, names=((1, "Bo"),))))
    await write(store, Revise(revised=first))
    assert (await store.find_transcript("acme", "s1")).speakers == {1: "Bo"}


async def test_a_long_record_is_revised_to_its_end(store: RecordStore) -> None:
    """A revision reaches every segment of a day's talk, and reading brings all of them in order."""
    await begin(store, record())
    await write(store, *(Append(segment=segment(number, 2)) for number in range(1, 451)))
    await write(store, Revise(revised=Revised(sequence=999, reason="merged", merged=((2, 1),))))
    found = (await store.find_transcript("acme", "s1")).segments
    assert [one.sequence for one in found] == list(range(1, 451))
    assert {one.speaker for one in found} == {1}


# ── finals ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_final_becomes_a_segment(store: RecordStore) -> None:
    """Words keep their times, speakers and overlap; names go to the speakers; a word without times has the final's."""
    ann, bo = Speaker(id=1, name="Ann"), Speaker(id=2)
    final = Final(
        sequence=4,
        track=1,
        speaker=ann,
        utterance_id="u9",
        start=100,
        end=500,
        words=(
            Word(text="Hi,", spoken="hi", start=110, end=200, confidence=0.98765, speaker=ann),
            Word(text="there", spoken="there", start=None, end=None, confidence=1.0, speaker=bo, overlap=True),
            Word(text="all", spoken="all", start=400, end=480, confidence=0.5),
        ),
        text="Hi, there all",
        language="en",
        lag_ms=7,
    )
    await begin(store, record())
    await write(store, append_of(final))
    found = await store.find_transcript("acme", "s1")
    assert found.speakers == {1: "Ann", 2: None}
    assert found.segments == (
        Segment(
            sequence=4,
            utterance_id="u9",
            track=1,
            start=100,
            end=500,
            text="Hi, there all",
            language="en",
            speaker=1,
            words=(
                SegmentWord(text="Hi,", spoken="hi", start=110, end=200, confidence=0.988, speaker=1),
                SegmentWord(text="there", spoken="there", start=100, end=500, confidence=1.0, speaker=2, overlap=True),
                SegmentWord(text="all", spoken="all", start=400, end=480, confidence=0.5),
            ),
        ),
    )


# ── embeddings ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_embeddings_are_kept_by_track(store: RecordStore) -> None:
    """Each track's bytes come back with their model's name; the latest counts."""
    await begin(store, record())
    for track, vectors in ((1, b"\x00\xff"), (0, b"old"), (0, bytes(range(256)) * 50)):
        await write(store, KeepEmbeddings(embeddings=Embeddings(track=track, model="wespeaker", vectors=vectors)))
    assert await store.find_embeddings("acme", "s1") == [
        Embeddings(track=0, model="wespeaker", vectors=bytes(range(256)) * 50),
        Embeddings(track=1, model="wespeaker", vectors=b"\x00\xff"),
    ]
    with pytest.raises(NotFound):
        await store.find_embeddings("other", "s1")


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_others_see_nothing(store: RecordStore) -> None:
    """To another organisation a record is not there, whatever it does."""
    await begin(store, record())
    for act in (store.find_record, store.find_transcript, store.find_embeddings, store.delete_record):
        with pytest.raises(NotFound):
            await act("other", "s1")
        with pytest.raises(NotFound):
            await act("acme", "s2")
    assert (await store.list_records(RecordFilter(organisation="other"), 10)).records == ()
    assert await store.find_record("acme", "s1") == record()


async def test_pages_go_from_new_to_old_and_miss_none(store: RecordStore) -> None:
    """Every record is on one page, whatever the pages' size, although many began at the same moment."""
    moments = [0.1 + 0.2, 1e9 + 1 / 3, 5.0, 5.0, 5.0, 5.0, -1.5]
    await begin(store, *(record(f"s{number}", started_at=moment) for number, moment in enumerate(moments)))
    for limit in range(1, 9):
        seen: list[str] = []
        cursor = None
        while True:
            page = await store.list_records(ACME, limit, cursor)
            seen += [one.id for one in page.records]
            cursor = page.cursor
            if cursor is None:
                break
        assert seen == ["s1", "s5", "s4", "s3", "s2", "s0", "s6"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["s4", "s3", "s2", "s1"]),
        ({"user": "bo"}, ["s2"]),
        ({"meeting_id": "m1"}, ["s3", "s1"]),
        ({"kind": "recording"}, ["s4"]),
        ({"meeting_id": "m1", "user": "bo"}, []),
    ],
)
async def test_filters_choose_records(store: RecordStore, wanted: dict[str, Any], found: list[str]) -> None:
    """Each filter keeps its records and no others."""
    await begin(
        store,
        record("s1", started_at=1, meeting_id="m1"),
        record("s2", started_at=2, user="bo"),
        record("s3", started_at=3, meeting_id="m1", user=None),
        record("s4", started_at=4, kind="recording"),
        record("s5", started_at=5, organisation="other", meeting_id="m1"),
    )
    page = await store.list_records(RecordFilter(organisation="acme", **wanted), 10)
    assert [one.id for one in page.records] == found


@pytest.mark.parametrize("cursor", ["", "x", "é", "bm90aGluZw==", "bmFuIHMx", "MS4wIAA="])
async def test_a_cursor_of_nobodys_is_refused(store: RecordStore, cursor: str) -> None:
    """Only what a page has given leads on."""
    with pytest.raises(InvalidConfiguration, match="cursor"):
        await store.list_records(ACME, 10, cursor)


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def everything(database: Database) -> str:
    """Return all that any table holds, as text."""
    async with database.reading() as connection:
        return str([(await connection.execute(table.select())).all() for table in metadata.sorted_tables])


async def test_what_is_deleted_is_gone_from_every_table(store: RecordStore, database: Database) -> None:
    """No row of any table knows a deleted record, and the others are whole."""
    for name in ("secret", "other"):
        await begin(store, record(name, label=f"{name} label"))
        said = segment(1, 1, text=f"{name} text", words=(word(0, text=f"{name} word"),))
        kept = Embeddings(track=0, model=f"{name} model", vectors=f"{name} vectors".encode())
        changes = (Append(segment=said, names=((1, f"{name} name"),)), KeepEmbeddings(embeddings=kept))
        await write(store, *changes, record_id=name)
    assert (await everything(database)).count("secret") >= 8
    await store.delete_record("acme", "secret")
    assert "secret" not in await everything(database)
    assert len(await store.find_embeddings("acme", "other")) == 1
    assert len((await store.find_transcript("acme", "other")).segments) == 1
    with pytest.raises(NotFound):
        await store.delete_record("acme", "secret")


async def test_no_byte_of_a_deleted_record_is_left_in_sqlites_files(tmp_path: Path) -> None:
    """Neither the file nor its log holds anything of a record that was deleted, however long it was."""
    database = await Database.open(tmp_path / "records.sqlite3")
    store = SqlRecordStore(database)
    await begin(store, record(label="very secret label"))
    kept = KeepEmbeddings(embeddings=Embeddings(track=0, model="m", vectors=b"very secret voice" * 5_000))
    said = (Append(segment=segment(number, 1, text=f"very secret {number}")) for number in range(300))
    await write(store, *said, kept)
    assert b"very secret" in bytes_in(tmp_path)
    await store.delete_record("acme", "s1")
    assert b"very secret" not in bytes_in(tmp_path)
    await database.close()
    assert b"very secret" not in bytes_in(tmp_path)


def bytes_in(directory: Path) -> bytes:
    """Return all that a folder's files hold."""
    return b"".join(path.read_bytes() for path in sorted(directory.iterdir()))


async def test_what_comes_later_for_a_deleted_record_is_dropped(store: RecordStore, database: Database) -> None:
    """A session that still runs does not bring its record back."""
    await begin(store, record())
    await store.delete_record("acme", "s1")
    kept = KeepEmbeddings(embeddings=Embeddings(track=0, model="m", vectors=b"1"))
    await write(store, Append(segment=segment(1, 1), names=((1, "Ann"),)), kept, ended(9))
    async with database.reading() as connection:
        for table in ("records", "segments", "speakers", "embeddings"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0


async def test_old_records_are_purged_and_running_ones_are_not(store: RecordStore, database: Database) -> None:
    """All that ended before the moment goes, of every organisation; what runs stays, however old."""
    old = [record(f"old{number}", organisation=("acme", "other")[number % 2]) for number in range(120)]
    await begin(store, *old, record("recent"), record("running", started_at=0))
    await store.write(
        [Entry(organisation=one.organisation, record_id=one.id, change=ended(199)) for one in old]
        + [Entry(organisation="acme", record_id="recent", change=ended(200))]
    )
    assert await store.purge(200) == 120
    assert await store.purge(200) == 0
    assert [one.id for one in (await store.list_records(ACME, 10)).records] == ["recent", "running"]
    assert "old" not in await everything(database)


# ── signs of life ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_abandoned_record_ends_with_its_last_segment(store: RecordStore) -> None:
    """Without a sign of life a record ends where its last segment ended; one without segments where it began."""
    await begin(store, record("s1"), record("empty"), record("living"), record("done"))
    await write(store, Append(segment=segment(2, 1)), Append(segment=segment(1, 1)))
    await write(store, ended(150), record_id="done")
    await store.touch(["living"], 200)
    assert await store.end_abandoned(160) == 2
    assert await store.end_abandoned(160) == 0
    heads = {name: await store.find_record("acme", name) for name in ("s1", "empty", "living", "done")}
    assert (heads["s1"].ended_at, heads["s1"].end_sample, heads["s1"].outcome) == (121.0, 21 * RATE, ABANDONED)
    assert (heads["empty"].ended_at, heads["empty"].end_sample) == (100.0, 0)
    assert heads["living"].ended_at is None
    assert (heads["done"].ended_at, heads["done"].outcome) == (150, "ok")


async def test_a_record_that_was_given_up_too_soon_goes_on(store: RecordStore) -> None:
    """A session that another server took for dead runs again with its next sign of life; its end is its own."""
    await begin(store, record("s1"), record("done"))
    await write(store, ended(150), record_id="done")
    await store.end_abandoned(1000)
    await store.touch(["s1", "done", "unknown"], 1000)
    assert await store.find_record("acme", "s1") == record("s1")
    assert (await store.find_record("acme", "done")).ended_at == 150
    await store.end_abandoned(2000)
    await write(store, Append(segment=segment(1, 1)), ended(2500))
    assert (await store.find_record("acme", "s1")).outcome == "ok"


async def test_many_sessions_give_a_sign_of_life_together(store: RecordStore) -> None:
    """A server's sessions are touched whatever their number, none included."""
    names = [f"s{number}" for number in range(450)]
    await store.write(
        [Entry(organisation="acme", record_id=name, change=Begin(record=record(name), now=0)) for name in names]
    )
    await store.touch(names, 100)
    await store.touch([], 100)
    assert await store.end_abandoned(100) == 0
