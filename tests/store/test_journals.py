"""The contract of journals, run over memory and a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from stream_server.errors import StoreUnavailable
from stream_server.store.journals import JournalHead, JournalPage, JournalStore
from stream_server.store.memory_journals import MemoryJournals
from stream_server.store.redis import RedisStore
from stream_server.store.redis_journals import RedisJournals

KEEP = 100.0
HEAD = JournalHead(
    session_id="s", organisation="acme", key_id="k", digest="d", started_at=5.5, options='{"label": "日本"}'
)
PAGE = JournalPage(session_id="s", fence=1, first=1, keep_seconds=KEEP)


@dataclass(frozen=True, slots=True)
class Place:
    """Journals, and a way to let all of a journal's time pass."""

    journals: JournalStore
    outlive: Callable[[], Awaitable[None]]

    async def write(self, page: JournalPage) -> str:
        """Write one page."""
        (outcome,) = await self.journals.write([page])
        return outcome

    async def said(self) -> list[str]:
        """Return all events."""
        return await self.journals.events("s", 0, 1_000)


@pytest_asyncio.fixture(params=["memory", "redis"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Give journals of each kind, with one begun."""
    make = _in_memory() if request.param == "memory" else _in_redis(request.getfixturevalue("redis_server"))
    async for found in make:
        await found.journals.begin(HEAD, "at the beginning", KEEP)
        yield found


async def _in_memory() -> AsyncIterator[Place]:
    now = [0.0]

    async def outlive() -> None:
        now[0] += KEEP

    yield Place(MemoryJournals(lambda: now[0]), outlive)


async def _in_redis(server: Any) -> AsyncIterator[Place]:
    store = RedisStore(server.url)

    async def outlive() -> None:
        with server.client as client:
            for name in client.keys("ss:session:*"):
                assert 0 < client.pttl(name) <= KEEP * 1000
                client.delete(name)

    yield Place(RedisJournals(store), outlive)
    await store.close()


async def test_a_journal_is_found_as_it_was_written(place: Place) -> None:
    """Head, events, standing, voices and end come back."""
    page = replace(PAGE, events=("één", "two"), standing="later", voices="sealed", ended="well")
    assert await place.write(page) == "kept"
    kept = await place.journals.find("s")
    assert kept is not None
    assert (kept.head, kept.fence, kept.sequence) == (HEAD, 1, 2)
    assert (kept.standing, kept.voices, kept.ended) == ("later", "sealed", "well")
    assert await place.said() == ["één", "two"]
    assert await place.journals.events("s", 1, 5) == ["two"]
    assert await place.journals.events("s", 0, 1) == ["één"]


async def test_what_is_not_told_stays_as_it_was(place: Place) -> None:
    """A page without a standing only says that the session lives."""
    await place.write(replace(PAGE, standing="later", voices="sealed"))
    await place.write(PAGE)
    kept = await place.journals.find("s")
    assert kept is not None
    assert (kept.standing, kept.voices, kept.ended, kept.sequence) == ("later", "sealed", None, 0)


async def test_a_page_that_comes_twice_counts_once(place: Place) -> None:
    """So does one that begins with what is there already."""
    for first, events in ((1, ("1", "2")), (1, ("1", "2")), (2, ("2", "3")), (4, ("4",))):
        assert await place.write(replace(PAGE, first=first, events=events)) == "kept"
    assert await place.said() == ["1", "2", "3", "4"]


async def test_a_gap_is_a_loss(place: Place) -> None:
    """A store that forgot its last second must not go on as if nothing were missing."""
    assert await place.write(replace(PAGE, first=3, events=("3",))) == "lost"
    assert await place.write(replace(PAGE, first=2)) == "lost"
    assert await place.said() == []


async def test_one_that_is_lost_begins_anew_behind_what_was_lost(place: Place) -> None:
    """Whatever is left of it is gone; events behind its begin are found, and none where some are not there."""
    await place.write(replace(PAGE, events=("one", "two"), voices="sealed"))
    for _ in range(2):
        assert await place.journals.begin(HEAD, "anew", KEEP, behind=7) == "kept"
    kept = await place.journals.find("s")
    assert kept is not None
    assert (kept.fence, kept.behind, kept.sequence, kept.standing, kept.voices) == (1, 7, 7, "anew", None)
    assert await place.write(replace(PAGE, first=9)) == "lost"
    assert await place.write(replace(PAGE, first=8, events=("eight", "nine"))) == "kept"
    assert await place.write(replace(PAGE, first=9, events=("again", "ten"))) == "kept"
    kept = await place.journals.find("s")
    assert kept is not None
    assert (kept.behind, kept.sequence) == (7, 10)
    assert await place.journals.events("s", 7, 2) == ["eight", "nine"]
    assert await place.journals.events("s", 9, 2) == ["ten"]
    assert await place.said() == await place.journals.events("s", 6, 9) == []


async def test_only_its_owner_begins_one_anew(place: Place) -> None:
    """Whose fence is lower than the journal's is told that it was taken, and changes nothing."""
    await place.write(replace(PAGE, events=("one",)))
    await place.journals.take_over("s", KEEP)
    assert await place.journals.begin(HEAD, "anew", KEEP, behind=7) == "taken"
    assert await place.said() == ["one"]
    assert await place.journals.begin(HEAD, "anew", KEEP, fence=2, behind=1) == "kept"
    kept = await place.journals.take_over("s", KEEP)
    assert kept is not None
    assert (kept.fence, kept.behind, kept.sequence) == (3, 1, 1)


async def test_who_lost_a_session_writes_nothing_more(place: Place) -> None:
    """Whoever took it over last has it; each of several is told so."""
    await place.write(replace(PAGE, events=("1",), standing="then"))
    first = await place.journals.take_over("s", KEEP)
    second = await place.journals.take_over("s", KEEP)
    assert first is not None
    assert second is not None
    assert second.fence == first.fence + 1 == 3
    assert (second.sequence, second.standing, second.head) == (1, "then", HEAD)
    for fence in (1, first.fence):
        assert await place.write(replace(PAGE, fence=fence, first=2, events=("2",), standing="mine")) == "taken"
    assert await place.write(replace(PAGE, fence=second.fence, first=2, events=("2",))) == "kept"
    assert await place.said() == ["1", "2"]


@pytest.mark.parametrize("first", [1, 2], ids=["who lost it", "its owner"])
async def test_a_store_that_comes_back_empty_gives_a_session_to_its_owner(place: Place, first: int) -> None:
    """Whoever notices first begins it anew; it is its owner's, and who lost it is told so."""
    await place.journals.take_over("s", KEEP)
    await place.outlive()
    for fence in (first, 3 - first):
        page = replace(PAGE, fence=fence, events=("mine",))
        if await place.write(page) == "lost" and await place.journals.begin(HEAD, "", KEEP, fence=fence) == "kept":
            assert await place.write(page) == "kept"
    await _is_its_owners(place)


@pytest.mark.parametrize("first", [1, 2], ids=["who lost it", "its owner"])
async def test_a_store_that_forgot_a_take_over_gives_a_session_to_its_owner(place: Place, first: int) -> None:
    """It lost its last second, and with it nothing but the fence: who lost the session may write until it is told."""
    assert await place.write(replace(PAGE, events=("before",))) == "kept"
    if first == 1:
        assert await place.write(replace(PAGE, first=2, events=("of nobody",))) == "kept"
    assert await place.write(replace(PAGE, fence=2, first=2, events=("mine",))) == "lost"
    assert await place.journals.events("s", 1, 9) == ["of nobody"] * (first == 1)
    for _ in range(2):
        assert await place.journals.begin(HEAD, "anew", KEEP, fence=2, behind=2) == "kept"
    await _is_its_owners(place)
    assert await place.journals.events("s", 1, 9) == []


async def _is_its_owners(place: Place) -> None:
    """Look that the session belongs to the second fence, and that the first can do nothing about it."""
    kept = await place.journals.find("s")
    assert kept is not None
    assert kept.fence == 2
    page = replace(PAGE, first=kept.sequence + 1)
    assert await place.write(page) == "taken"
    assert await place.journals.begin(HEAD, "of nobody", KEEP) == "taken"
    assert await place.write(replace(page, fence=2)) == "kept"
    assert await place.journals.find("s") == kept


async def test_one_that_has_ended_is_nobodys_to_go_on_with(place: Place) -> None:
    """It is found as it is, and its owner may still write."""
    await place.write(replace(PAGE, ended="well"))
    found = await place.journals.take_over("s", KEEP)
    assert found is not None
    assert (found.fence, found.ended) == (1, "well")


async def test_a_journal_is_forgotten_in_time_or_at_once(place: Place) -> None:
    """Then nobody finds it, takes it over or writes to it."""
    await place.write(replace(PAGE, events=("1",)))
    await place.outlive()
    assert await place.journals.find("s") is None
    await place.journals.begin(HEAD, "anew", KEEP)
    await place.write(replace(PAGE, events=("1",), keep_seconds=0))
    assert await place.journals.find("s") is None
    assert await place.journals.take_over("s", KEEP) is None
    assert await place.write(PAGE) == "lost"
    assert await place.said() == []


async def test_sessions_do_not_know_each_other(place: Place) -> None:
    """Pages of several are written at once, each with its own outcome."""
    await place.journals.begin(replace(HEAD, session_id="t"), "", KEEP, fence=8)
    pages = [replace(PAGE, events=("1",)), replace(PAGE, session_id="u"), replace(PAGE, session_id="t", fence=7)]
    assert await place.journals.write(pages) == ["kept", "lost", "taken"]
    assert await place.journals.write([]) == []


async def test_a_redis_that_is_away_says_so(private_redis: Any) -> None:
    """Every operation raises what callers expect."""
    store = RedisStore(private_redis.url)
    journals = RedisJournals(store)
    private_redis.stop()
    for call in (
        lambda: journals.begin(HEAD, "", KEEP),
        lambda: journals.write([PAGE]),
        lambda: journals.find("s"),
        lambda: journals.take_over("s", KEEP),
        lambda: journals.events("s", 0, 1),
    ):
        with pytest.raises(StoreUnavailable):
            await call()
    await store.close()
