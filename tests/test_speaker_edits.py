"""Speakers of finished and running records: renamed, merged, recognised; on both databases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stream_server.diarize.recognition import EnrolledVoice
from stream_server.diarize.voices import Embedding
from stream_server.errors import InvalidConfiguration, NotFound, UnsuitableSample
from stream_server.events import Command, Final, MergeSpeakers, RenameSpeaker, Speaker, Word
from stream_server.record_voices import ALL_TRACKS, RecordVoices
from stream_server.speaker_edits import SpeakerEdits
from stream_server.store.records import Begin, Embeddings, Entry, Finish, KeepEmbeddings, Record, RecordStore, append_of
from stream_server.store.sealing import Seal
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore
from tests.voices import voice

SEAL = Seal(b"k" * 32)


@pytest.fixture
def store(database: Database) -> RecordStore:
    """Give an empty store of each kind."""
    return SqlRecordStore(database)


@pytest.fixture
def voices(store: RecordStore) -> RecordVoices:
    """Give what reads and writes how speakers sound."""
    return RecordVoices(store, SEAL, "ge2e")


def final(sequence: int, *speakers: int) -> Final:
    """Return an utterance, a word for each speaker."""
    at = 16_000 * sequence
    return Final(
        sequence=sequence,
        track=0,
        speaker=Speaker(id=speakers[0]),
        utterance_id=f"0-{sequence}",
        start=at,
        end=at + len(speakers),
        words=tuple(
            Word(text="x", spoken="x", start=at + n, end=at + n + 1, confidence=1.0, speaker=Speaker(id=speaker))
            for n, speaker in enumerate(speakers)
        ),
        text=" ".join("x" for _ in speakers),
        language="en",
        lag_ms=1,
    )


async def keep(store: RecordStore, voices: RecordVoices, *, running: bool = False) -> None:
    """Write a record of two speakers, of whom it is kept how they sound."""
    record = Record(id="r", organisation="acme", started_at=1.0, clock_rate=16_000, model="m")
    changes = [Begin(record=record, now=1.0), append_of(final(1, 1, 1, 2)), append_of(final(2, 2))]
    if not running:
        sealed = voices.sealed("r", {1: voice(1), 2: voice(2)})
        changes.append(KeepEmbeddings(embeddings=Embeddings(track=ALL_TRACKS, model="ge2e", vectors=sealed)))
        changes.append(Finish(ended_at=9.0, end_sample=48_000, outcome="ok", lost=0))
    await store.write([Entry(organisation="acme", record_id="r", change=change) for change in changes])


def edits(
    store: RecordStore,
    voices: RecordVoices,
    *,
    told: list[Command] | None = None,
    enrolled: Sequence[EnrolledVoice] = (),
) -> SpeakerEdits:
    """Return the edits of a server on which the session runs if `told` is given."""

    def tell(_session: str, command: Command) -> bool:
        if told is None:
            return False
        told.append(command)
        return True

    async def look(organisation: str) -> Sequence[EnrolledVoice]:
        return enrolled if organisation == "acme" else ()

    async def flush() -> None:
        """Nothing waits."""

    return SpeakerEdits(store, voices, tell=tell, flush=flush, enrolled=look)


def known(name: str, embedding: Embedding) -> EnrolledVoice:
    """Return an enrolled voice."""
    return EnrolledVoice(f"voice_{name}", name, (embedding,))


async def test_a_name_holds_for_all_that_was_said(store: RecordStore, voices: RecordVoices) -> None:
    """And can be taken away."""
    await keep(store, voices)
    await edits(store, voices).rename("acme", "r", 2, "Budi")
    assert dict((await store.find_transcript("acme", "r")).speakers) == {1: None, 2: "Budi"}
    await edits(store, voices).rename("acme", "r", 2, None)
    assert dict((await store.find_transcript("acme", "r")).speakers) == {1: None, 2: None}


async def test_merging_changes_every_segment(store: RecordStore, voices: RecordVoices) -> None:
    """Words and times stay what they are."""
    await keep(store, voices)
    before = await store.find_transcript("acme", "r")
    await edits(store, voices).merge("acme", "r", 2, 1)
    after = await store.find_transcript("acme", "r")
    assert [word.speaker for segment in after.segments for word in segment.words] == [1, 1, 1, 1]
    assert [(w.text, w.start, w.end) for s in after.segments for w in s.words] == [
        (w.text, w.start, w.end) for s in before.segments for w in s.words
    ]
    assert dict(after.speakers) == {1: None}


async def test_a_running_session_is_told_instead(store: RecordStore, voices: RecordVoices) -> None:
    """It tells its client and its record."""
    await keep(store, voices, running=True)
    told: list[Command] = []
    await edits(store, voices, told=told).rename("acme", "r", 1, "Ana")
    await edits(store, voices, told=told).merge("acme", "r", 2, 1)
    assert told == [RenameSpeaker(speaker=1, name="Ana"), MergeSpeakers(old=2, new=1)]
    with pytest.raises(InvalidConfiguration, match="runs"):
        await edits(store, voices).recognise("acme", "r")


async def test_what_is_not_there_is_not_found(store: RecordStore, voices: RecordVoices) -> None:
    """Another organisation's record, a speaker nobody has heard; and a speaker is not merged with itself."""
    await keep(store, voices)
    with pytest.raises(NotFound):
        await edits(store, voices).rename("other", "r", 1, "x")
    with pytest.raises(NotFound):
        await edits(store, voices).rename("acme", "r", 3, "x")
    with pytest.raises(InvalidConfiguration):
        await edits(store, voices).merge("acme", "r", 1, 1)


async def test_enrolled_voices_are_recognised_later(store: RecordStore, voices: RecordVoices) -> None:
    """From what the record keeps: names change, and whoever is like nobody stays unnamed."""
    await keep(store, voices)
    found = await edits(store, voices, enrolled=[known("Budi", voice(2)), known("Citra", voice(5))]).recognise(
        "acme", "r"
    )
    assert [(each.speaker, each.voice.name if each.voice else None) for each in found] == [(1, None), (2, "Budi")]
    assert found[1].score == pytest.approx(1.0)
    assert dict((await store.find_transcript("acme", "r")).speakers) == {1: None, 2: "Budi"}


async def test_a_speaker_of_a_record_can_be_enrolled(store: RecordStore, voices: RecordVoices) -> None:
    """By number, or by what that speaker alone said."""
    await keep(store, voices)
    by_number = await voices("acme", "r", speaker=2, segments=())
    by_segment = await voices("acme", "r", speaker=None, segments=["0-2"])
    assert by_number.embedder == by_segment.embedder == "ge2e"
    assert (by_number.embeddings[0] == voice(2)).all()
    assert (by_segment.embeddings[0] == voice(2)).all()
    with pytest.raises(UnsuitableSample):
        await voices("acme", "r", speaker=None, segments=["0-1"])
    with pytest.raises(NotFound):
        await voices("acme", "r", speaker=None, segments=["0-9"])
    with pytest.raises(NotFound):
        await voices("acme", "r", speaker=7, segments=())


async def test_what_is_kept_opens_for_its_own_record_alone(store: RecordStore, voices: RecordVoices) -> None:
    """Neither with another key nor for another network; and no vector stands in the row."""
    await keep(store, voices)
    assert set(await voices.find("acme", "r")) == {1, 2}
    assert not await RecordVoices(store, Seal(b"x" * 32), "ge2e").find("acme", "r")
    assert not await RecordVoices(store, SEAL, "other").find("acme", "r")
    (kept,) = await store.find_embeddings("acme", "r")
    assert voice(1).tobytes() not in kept.vectors
