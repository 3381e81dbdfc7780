"""Laws of the book of enrolled voices: answers at once, true soon, forgetful at once."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from stream_server.diarize.recognition import EnrolledVoice
from stream_server.errors import StoreUnavailable
from stream_server.voices import VoiceBook


def voice(name: str) -> EnrolledVoice:
    """Return a made voice."""
    return EnrolledVoice(name, name, (np.array([1, 0], np.float32),))


@dataclass
class Shelf:
    """A store of which only reading is asked; `gate` holds answers back, `error` is raised instead of one."""

    kept: dict[str, list[EnrolledVoice]] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    error: Exception | None = None

    async def all_embeddings(self, organisation: str, embedder: str) -> list[EnrolledVoice]:
        assert embedder == "ge2e"
        self.looks.append(organisation)
        if self.error is not None:
            raise self.error
        found = list(self.kept.get(organisation, ()))
        if self.gate is not None:
            await self.gate.wait()
        return found


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shelf() -> Shelf:
    """Give a store with one voice of `acme`."""
    return Shelf({"acme": [voice("ann")]})


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


@pytest.fixture
def book(shelf: Any, clock: Clock) -> VoiceBook:
    """Give a book that looks again after a minute."""
    return VoiceBook(shelf, "ge2e", refresh_seconds=60, clock=clock)


def names(book: VoiceBook, organisation: str = "acme") -> list[str]:
    """Return who is known."""
    return [each.name for each in book.voices(organisation)]


async def settle(book: VoiceBook) -> None:
    """Let every look that is under way come back."""
    while looking := list(book._looking.values()):
        await asyncio.wait(looking)
        await asyncio.sleep(0)


async def test_the_first_answer_is_empty_and_the_next_is_right(book: VoiceBook, shelf: Shelf) -> None:
    """Nobody waits for the database; one look serves all that ask meanwhile."""
    assert [names(book), names(book)] == [[], []]
    await settle(book)
    assert names(book) == ["ann"]
    assert shelf.looks == ["acme"]


async def test_what_is_fresh_is_not_asked_again(book: VoiceBook, shelf: Shelf, clock: Clock) -> None:
    """Within `refresh_seconds` the store is left alone; then one look, and what is known serves until it is back."""
    await book.refresh("acme")
    shelf.kept["acme"].append(voice("bob"))
    clock.now += 59
    assert names(book) == ["ann"]
    await settle(book)
    assert shelf.looks == ["acme"]
    clock.now += 1
    assert names(book) == ["ann"]
    await settle(book)
    assert names(book) == ["ann", "bob"]


async def test_what_nobody_asked_for_in_a_while_is_not_used(book: VoiceBook, shelf: Shelf, clock: Clock) -> None:
    """A voice that was deleted elsewhere an hour ago names nobody, not even once."""
    await book.refresh("acme")
    clock.now += 3_600
    assert names(book) == []
    await settle(book)
    assert names(book) == ["ann"]


async def test_organisations_are_apart(book: VoiceBook, shelf: Shelf) -> None:
    """Each has its own page; one that nobody asks about costs nothing."""
    shelf.kept["other"] = [voice("eve")]
    await book.refresh("acme")
    assert names(book) == ["ann"]
    assert await book.refresh("nobody") == ()
    assert shelf.looks == ["acme", "nobody"]


async def test_changes_are_known_at_once(book: VoiceBook, shelf: Shelf) -> None:
    """Who has just been enrolled is there."""
    await book.refresh("acme")
    shelf.kept["acme"].append(voice("bob"))
    await book.changed("acme")
    assert names(book) == ["ann", "bob"]


async def test_a_deleted_voice_is_forgotten_at_once(book: VoiceBook, shelf: Shelf) -> None:
    """Without a look; others stay."""
    shelf.kept["acme"].append(voice("bob"))
    await book.refresh("acme")
    book.forget("acme", "ann")
    assert names(book) == ["bob"]
    book.forget("unknown", "ann")


async def test_a_look_from_before_a_delete_brings_nothing_back(book: VoiceBook, shelf: Shelf, clock: Clock) -> None:
    """An answer that was read before and comes after is asked for again."""
    await book.refresh("acme")
    shelf.gate = asyncio.Event()
    clock.now += 60
    names(book)
    await asyncio.sleep(0)
    shelf.kept["acme"] = []
    book.forget("acme", "ann")
    shelf.gate.set()
    await settle(book)
    assert names(book) == []
    assert shelf.looks == ["acme"] * 3


@pytest.mark.parametrize("error", [StoreUnavailable("away"), ValueError("unforeseen")])
async def test_while_the_store_is_away_what_is_known_serves(
    book: VoiceBook, shelf: Shelf, clock: Clock, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Names go on; the store is asked once in `refresh_seconds`, not at every word; no name is logged."""
    await book.refresh("acme")
    shelf.error = error
    for _ in range(5):
        clock.now += 60
        assert names(book) == names(book) == ["ann"]
        await settle(book)
    assert len(shelf.looks) == 6
    assert not re.search(r"\bann\b", caplog.text)
    shelf.error = None
    clock.now += 60
    names(book)
    await settle(book)
    assert names(book) == ["ann"]


async def test_a_change_is_made_though_the_store_leaves_after_it(book: VoiceBook, shelf: Shelf) -> None:
    """Who enrolled is not told of a failure that is not theirs."""
    shelf.error = StoreUnavailable("away")
    await book.changed("acme")
    assert names(book) == []


async def test_stopping_ends_looks(book: VoiceBook, shelf: Shelf) -> None:
    """No task outlives the book."""
    shelf.gate = asyncio.Event()
    names(book)
    await asyncio.sleep(0)
    await book.stop()
    assert not book._looking
