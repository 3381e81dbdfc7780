"""Journals are written at once, tell what became of them, and give up rather than lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from stream_server import journaling
from stream_server.errors import SessionUnknown, StoreUnavailable
from stream_server.events import Closed, Flushed
from stream_server.journaling import Journal, JournalKeeper
from stream_server.session.standing import SpeakersStanding, Standing, TrackStanding, VoicesStanding
from stream_server.store.journals import JournalHead, JournalPage, Outcome
from stream_server.store.memory_journals import MemoryJournals
from stream_server.store.sealing import KEY_BYTES, Seal

HEAD = JournalHead(session_id="s", organisation="o", key_id=None, digest="d", started_at=0.0, options="{}")
SEAL = Seal(bytes(KEY_BYTES))


class Store(MemoryJournals):
    """Journals that may be away, and that count what they are asked to write."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.written: list[JournalPage] = []
        self.meanwhile: Callable[[], object] | None = None

    async def begin(self, *args: Any, **how: Any) -> Outcome:
        if self.away:
            raise StoreUnavailable("away")
        return await super().begin(*args, **how)

    async def write(self, pages: Sequence[JournalPage]) -> list[Outcome]:
        if self.away:
            raise StoreUnavailable("away")
        self.written += pages
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            meanwhile()
        return await super().write(pages)


class Talk:
    """A session that stands where it is told to, and hears of its journal."""

    def __init__(self) -> None:
        self.at, self.sequence = 0, 0
        self.voices: dict[int, VoicesStanding] = {}
        self.news: list[Any] = []

    @property
    def settled_until(self) -> int:
        return self.at

    def standing(self) -> Standing:
        speakers = SpeakersStanding(voices=self.voices)
        return Standing(at=self.at, sequence=self.sequence, tracks=(TrackStanding(),), speakers=speakers)

    def say(self, journal: Journal) -> Flushed:
        """Let a durable event be noted."""
        self.sequence += 1
        event = Flushed(sequence=self.sequence, flush_id="f", at=self.at)
        journal.note(event)
        return event

    def journal_kept(self, sequence: int, at: int | None) -> None:
        self.news.append((sequence, at))

    def journal_taken(self) -> None:
        self.news.append("taken")

    def journal_away(self) -> None:
        self.news.append("away")


def opened(store: Store, *, seal: Seal | None = SEAL) -> tuple[JournalKeeper, Journal, Talk]:
    """Return a keeper with one journal, and its session."""
    keeper, talk = JournalKeeper(store, resume_seconds=10.0, seal=seal, clock=lambda: 5.0), Talk()
    journal = keeper.open(HEAD, talk)
    journal.watch(talk)
    return keeper, journal, talk


async def lost(store: Store) -> tuple[JournalKeeper, Journal, Talk]:
    """Return the same, one event written and lost with the journal, which nobody knows yet, and one said since."""
    keeper, journal, talk = opened(store)
    talk.say(journal)
    await keeper.flush()
    store._books.clear()
    talk.say(journal)
    return keeper, journal, talk


async def test_what_is_safe_is_told_with_how_far_it_reaches() -> None:
    """A position that has not moved is not told again; nothing new is not written."""
    keeper, journal, talk = opened(store := Store())
    said = talk.say(journal)
    talk.at = 512
    await keeper.flush()
    await keeper.flush()
    talk.say(journal)
    await keeper.flush()
    assert talk.news == [(1, 512), (2, None)]
    assert len(store.written) == 2
    assert (await journal.since(0))[0] == said
    assert await journal.since(2) == []


async def test_an_away_store_is_told_once_and_keeps_nobody_waiting() -> None:
    """What waited is safe when the store is back."""
    keeper, journal, talk = opened(store := Store())
    store.away = True
    said = [talk.say(journal)]
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await keeper.flush()
    said.append(talk.say(journal))
    assert talk.news == ["away"]
    assert await journal.since(0) == said
    store.away = False
    assert await journal.is_up_to_date()
    assert talk.news == ["away", (2, None)]
    assert await journal.since(0) == said


async def test_who_lost_a_session_hears_it_once() -> None:
    """And writes nothing more."""
    keeper, journal, talk = opened(store := Store())
    await keeper.flush()
    await keeper.take_over("s")
    talk.say(journal)
    await keeper.flush()
    talk.say(journal)
    await keeper.flush()
    assert talk.news == [(0, None), "taken"]
    assert len(store.written) == 2
    assert not await journal.is_up_to_date()


async def test_a_journal_that_is_gone_begins_anew() -> None:
    """Nobody goes on from before what was lost with it; from there on all is safe and acknowledged again."""
    keeper, journal, talk = opened(store := Store())
    talk.voices = {0: VoicesStanding(sums=(np.ones(2),), seconds=(1.0,))}
    talk.say(journal)
    await keeper.flush()
    store._books.clear()
    talk.say(journal)
    await keeper.flush()
    talk.say(journal)
    assert talk.news == [(1, None), "away"]
    with pytest.raises(SessionUnknown):
        await journal.since(0)
    assert await journal.since(3) == []
    talk.at = 512
    assert await journal.is_up_to_date()
    said = talk.say(journal)
    await keeper.flush()
    assert talk.news == [(1, None), "away", (3, 512), (4, None)]
    assert await journal.since(3) == [said]
    for sequence in range(3):
        with pytest.raises(SessionUnknown):
            await journal.since(sequence)
    kept = await keeper.find("s")
    assert kept is not None
    assert (kept.fence, kept.behind, kept.sequence) == (1, 3, 4)
    assert keeper.standing_of(kept).speakers.voices


async def test_one_that_is_gone_may_be_somebody_elses_by_then() -> None:
    """Who took the session over and lost its journal has begun it anew himself: it is not taken back."""
    keeper, journal, talk = opened(store := Store())
    await keeper.flush()
    store._books.clear()
    talk.say(journal)
    await keeper.flush()
    await store.begin(HEAD, "of somebody else", 10.0, fence=2)
    talk.say(journal)
    await keeper.flush()
    assert talk.news == [(0, None), "away", "taken"]
    kept = await keeper.find("s")
    assert kept is not None
    assert (kept.fence, kept.sequence, kept.standing) == (2, 0, "of somebody else")


@pytest.mark.parametrize("loss", ["of all", "of the fence"])
@pytest.mark.parametrize("owner_is_first", [False, True])
async def test_who_took_a_session_over_keeps_it_when_the_store_forgets(loss: str, *, owner_is_first: bool) -> None:
    """Whoever of the two writes first: who lost it is told so, and its owner is not thrown out."""
    before, lost, stranger = opened(store := Store())
    stranger.say(lost)
    await before.flush()
    kept = await before.find("s")
    taken = await before.take_over("s")
    assert kept is not None
    owner, talk = JournalKeeper(store, resume_seconds=10.0, seal=SEAL, clock=lambda: 5.0), Talk()
    talk.sequence = 1
    journal = owner.open(HEAD, talk, taken)
    journal.watch(talk)
    talk.say(journal)
    await owner.flush()
    if loss == "of all":
        store._books.clear()
    else:
        store._books["s"].journal = kept
    for _ in range(3):
        stranger.say(lost)
        talk.say(journal)
        for keeper in (owner, before) if owner_is_first else (before, owner):
            await keeper.flush()
    assert stranger.news[-1] == "taken"
    assert "taken" not in talk.news
    said = talk.say(journal)
    assert await journal.is_up_to_date()
    assert await journal.since(said.sequence - 1) == [said]
    kept = await before.find("s")
    assert kept is not None
    assert (kept.fence, kept.sequence) == (2, said.sequence)


async def test_whoever_takes_over_what_began_anew_has_what_it_has() -> None:
    """And no more: its events begin behind those that were lost."""
    keeper, journal, talk = await lost(Store())
    await keeper.flush()
    talk.say(journal)
    await keeper.flush()
    said = talk.say(journal)
    await keeper.flush()
    kept = await keeper.take_over("s")
    assert kept is not None
    other = keeper.open(HEAD, talk, kept)
    assert await other.since(kept.behind) == [said]
    with pytest.raises(SessionUnknown):
        await other.since(kept.behind - 1)


async def test_too_much_that_waits_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has an end, the session does not: when the store is back its journal begins anew."""
    monkeypatch.setattr(journaling, "MOST_WAITING", 3)
    keeper, journal, talk = opened(store := Store())
    talk.say(journal)
    await keeper.flush()
    store.away = True
    for _ in range(5):
        talk.say(journal)
    assert talk.news == [(1, None), "away"]
    with pytest.raises(SessionUnknown):
        await journal.since(5)
    store.away = False
    await keeper.flush()
    said = talk.say(journal)
    await keeper.flush()
    assert talk.news == [(1, None), "away", (6, None), (7, None)]
    assert await journal.since(6) == [said]


async def test_what_is_given_up_while_it_is_written_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to the page that was under way is no news any more."""
    monkeypatch.setattr(journaling, "MOST_WAITING", 3)
    keeper, journal, talk = opened(store := Store())
    talk.say(journal)
    store.meanwhile = lambda: [talk.say(journal) for _ in range(3)]
    await keeper.flush()
    assert talk.news == ["away"]
    await keeper.flush()
    said = talk.say(journal)
    await keeper.flush()
    assert talk.news == ["away", (4, None), (5, None)]
    assert await journal.since(4) == [said]


async def test_a_store_that_is_away_when_it_would_begin_anew_is_waited_for() -> None:
    """What is said meanwhile is safe when it is back."""
    keeper, journal, talk = await lost(store := Store())
    await keeper.flush()
    store.away = True
    with pytest.raises(StoreUnavailable):
        await keeper.flush()
    said = talk.say(journal)
    store.away = False
    await keeper.flush()
    assert talk.news == [(1, None), "away", (3, None)]
    assert await journal.since(2) == [said]


async def test_an_end_is_the_last_thing_written() -> None:
    """With the last events, in one page."""
    keeper, journal, talk = opened(store := Store())
    talk.say(journal)
    journal.end(Closed(error=None, at=9))
    await journal.close()
    kept = await keeper.find("s")
    assert kept is not None
    assert kept.ended is not None
    assert (len(store.written), kept.sequence, journal.over) == (1, 1, True)
    talk.at = 99
    await keeper.flush()
    assert len(store.written) == 1


async def test_an_end_is_written_though_the_journal_was_lost_meanwhile() -> None:
    """It begins anew at once, for nothing is written later."""
    keeper, journal, talk = await lost(Store())
    journal.end(Closed(error=None, at=9))
    await journal.close()
    kept = await keeper.find("s")
    assert kept is not None
    assert kept.ended is not None
    assert (kept.behind, kept.sequence, journal.over) == (2, 2, True)
    assert talk.news == [(1, None), "away", (2, None)]


async def test_a_journal_that_turns_out_to_be_lost_is_brought_up_to_date() -> None:
    """A server that stops leaves its session to others then, with how it stands."""
    keeper, journal, _ = await lost(Store())
    assert await journal.is_up_to_date()
    kept = await keeper.find("s")
    assert kept is not None
    assert (kept.behind, keeper.standing_of(kept).sequence) == (2, 2)


async def test_voices_are_sealed_and_open_with_the_same_key_alone() -> None:
    """They are written when more was heard of them; nobody without the key knows how anybody sounds."""
    keeper, _, talk = opened(store := Store())
    for seconds in (1.0, 1.0, 2.0):
        talk.at += 512
        talk.voices = {0: VoicesStanding(sums=(np.array([0.25]),), seconds=(seconds,), ids=(("live", 1, 1),))}
        await keeper.flush()
    assert [page.voices is not None for page in store.written] == [True, False, True]
    kept = await keeper.find("s")
    assert kept is not None
    assert keeper.standing_of(kept).speakers.voices[0].seconds == (2.0,)
    other = JournalKeeper(store, resume_seconds=1.0, seal=Seal(b"1" * KEY_BYTES))
    assert other.standing_of(kept).speakers.voices[0].sums == ()


async def test_a_forgotten_journal_is_nobodys() -> None:
    """At once."""
    keeper, journal, _ = opened(Store())
    await keeper.flush()
    await journal.forget()
    assert await keeper.find("s") is None


async def test_what_was_written_without_an_answer_is_told_once() -> None:
    """It waits to be written again, and is in the store already."""
    keeper, journal, talk = opened(store := Store())
    said = [talk.say(journal)]
    await keeper.flush()
    said.append(talk.say(journal))
    page = journal.page(0.0, 60.0, None)
    assert page is not None
    await store.write([page])
    assert await journal.since(0) == said
