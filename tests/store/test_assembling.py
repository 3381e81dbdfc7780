"""A record that is put together without a database is the one that a database would give."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_server.events import Revised, SpeakerChange
from stream_server.store.assembling import assemble
from stream_server.store.records import (
    Append,
    Begin,
    Change,
    Embeddings,
    Entry,
    Finish,
    KeepEmbeddings,
    Record,
    Revise,
    Segment,
    SegmentWord,
    Transcript,
)
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore

HEAD = Record(id="r1", organisation="acme", kind="recording", started_at=1.0, clock_rate=16_000, model="m")
BEGIN = Begin(record=HEAD, now=1.0)

SPEAKER = st.integers(1, 4)
NAMES = st.lists(st.tuples(SPEAKER, st.none() | st.sampled_from(["Ann", "Bo"])), max_size=3).map(tuple)
UTTERANCE = st.sampled_from(["u1", "u2", "u3", "u4"])


@st.composite
def appends(draw: st.DrawFn) -> Append:
    """Make a segment of up to four words; sequences may come twice and out of order."""
    sequence = draw(st.integers(1, 4))
    speakers = draw(st.lists(st.none() | SPEAKER, max_size=4))
    words = tuple(
        SegmentWord(text="A", spoken="a", start=place * 10, end=place * 10 + 10, confidence=0.5, speaker=speaker)
        for place, speaker in enumerate(speakers)
    )
    said = Segment(
        sequence=sequence, utterance_id=f"u{sequence}", track=0, start=sequence, end=sequence + 99,
        text=draw(st.sampled_from(["one", "other"])), speaker=draw(st.none() | SPEAKER), words=words,
    )  # fmt: skip
    return Append(segment=said, names=draw(NAMES))


REVISIONS = st.builds(
    Revise,
    revised=st.builds(
        Revised,
        sequence=st.integers(1, 9),
        reason=st.just("second_look"),
        merged=st.lists(st.tuples(SPEAKER, SPEAKER), max_size=3).map(tuple),
        changes=st.lists(
            st.builds(
                SpeakerChange,
                utterance_id=UTTERANCE,
                first=st.integers(0, 4),
                stop=st.integers(0, 5),
                speaker=st.none() | SPEAKER,
            ),
            max_size=3,
        ).map(tuple),
        names=NAMES,
    ),
)
ENDS = st.builds(
    Finish, ended_at=st.sampled_from([5.0, 6.0]), end_sample=st.integers(0, 9), outcome=st.sampled_from(["ok", "e"])
)
VOICES = st.just(KeepEmbeddings(embeddings=Embeddings(track=0, model="v", vectors=b"1")))
CHANGES = st.lists(st.one_of(appends(), REVISIONS, ENDS, VOICES, st.just(BEGIN)), max_size=12)


class Records:
    """A database, and records of the same name in as many organisations as there are examples."""

    def __init__(self, runner: asyncio.Runner, store: SqlRecordStore) -> None:
        self._runner = runner
        self._store = store
        self._names = count(1)

    def keep(self, changes: Sequence[Change], together: int) -> Transcript:
        """Return what the database gives after these changes, so many in one transaction."""
        return self._runner.run(self._keep(f"r{next(self._names)}", changes, together))

    async def _keep(self, name: str, changes: Sequence[Change], together: int) -> Transcript:
        begun = [
            replace(change, record=replace(change.record, id=name)) if isinstance(change, Begin) else change
            for change in changes
        ]
        for first in range(0, len(begun), together):
            some = begun[first : first + together]
            await self._store.write([Entry(organisation="acme", record_id=name, change=change) for change in some])
        found = await self._store.find_transcript("acme", name)
        return replace(found, record=replace(found.record, id=HEAD.id))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """Give an open database."""
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(tmp_path_factory.mktemp("records") / "records.sqlite3"))
        yield Records(runner, SqlRecordStore(database))
        runner.run(database.close())


@settings(deadline=None)
@given(changes=CHANGES, together=st.sampled_from([1, 5, 99]))
def test_what_is_assembled_is_what_is_stored(records: Records, changes: list[Change], together: int) -> None:
    """Whatever is said, said again, merged, revised late, renamed and ended, in whatever portions."""
    everything = [BEGIN, *changes]
    assert records.keep(everything, together) == assemble(everything)


def test_a_record_begins() -> None:
    """The first change begins the record: nothing else says whose it is."""
    assert assemble([BEGIN]) == Transcript(record=HEAD, segments=(), speakers={})
    with pytest.raises(AssertionError):
        assemble([])


def test_a_second_beginning_changes_nothing() -> None:
    """A record that is there stays as it is."""
    assert assemble([BEGIN, replace(BEGIN, record=replace(HEAD, label="other"))]).record == HEAD
