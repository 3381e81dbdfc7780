"""Laws of the book of vocabularies: true soon, never raises at those who open, knows its own changes at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
import pytest_asyncio

from stream_server import vocabularies
from stream_server.errors import InvalidConfiguration, StoreUnavailable
from stream_server.session.options import SessionOptions
from stream_server.store.vocabularies import Vocabulary
from stream_server.text.formatting import MOST_TERMS, Formatting, Replacement, Term
from stream_server.text.pipeline import Formatter
from stream_server.vocabularies import VocabularyBook

OURS = Vocabulary(terms=(Term("Meemo", ("mimo",)),), replacements=(Replacement("a", "b"),), modified_at=1.0)


@dataclass
class Shelf:
    """A store in which `kept` lies; `gate` and `put_gate` hold answers back, `error` is raised instead of one."""

    kept: dict[str, Vocabulary] = field(default_factory=dict)
    looks: int = 0
    gate: asyncio.Event | None = None
    error: Exception | None = None
    put_gate: asyncio.Event | None = None

    async def find_vocabulary(self, organisation: str) -> Vocabulary:
        """Return what is kept."""
        self.looks += 1
        if self.error is not None:
            raise self.error
        found = self.kept.get(organisation, Vocabulary())
        if self.gate is not None:
            await self.gate.wait()
        return found

    async def put_vocabulary(self, organisation: str, vocabulary: Vocabulary) -> None:
        """Keep one; `put_gate` holds the answer back, not what is done."""
        self.kept[organisation] = vocabulary
        gate, self.put_gate = self.put_gate, None
        if gate is not None:
            await gate.wait()

    async def delete_vocabulary(self, organisation: str) -> bool:
        """Drop one."""
        return self.kept.pop(organisation, None) is not None


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: float = 1_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def shelf() -> Shelf:
    """Give a store with a vocabulary of `acme`."""
    return Shelf({"acme": OURS})


@pytest.fixture
def clock() -> Clock:
    """Give the book's clock."""
    return Clock()


@pytest_asyncio.fixture
async def book(shelf: Shelf, clock: Clock) -> AsyncIterator[VocabularyBook]:
    """Give a book that looks again after ten seconds."""
    book = VocabularyBook(shelf, refresh_seconds=10.0, clock=lambda: 7.0, monotonic=clock)
    yield book
    await book.stop()


async def test_what_opens_has_it_behind_its_own(book: VocabularyBook) -> None:
    """A session's own terms come first; where there is no vocabulary, options are as they were."""
    own = SessionOptions(formatting=Formatting(vocabulary=(Term("Prosa"),)))
    applied = (await book.apply(own, "acme")).formatting
    assert applied.vocabulary == (Term("Prosa"), *OURS.terms)
    assert applied.replace == OURS.replacements
    assert await book.apply(own, "globex") is own


async def test_it_is_looked_up_now_and_then(book: VocabularyBook, shelf: Shelf, clock: Clock) -> None:
    """What another process changes is known after a while, and the database is not asked for every session."""
    assert await book.known("acme") == OURS
    shelf.kept["acme"] = Vocabulary()
    clock.now += 9
    assert await book.known("acme") == OURS
    clock.now += 1
    assert await book.known("acme") == Vocabulary()
    assert shelf.looks == 2


async def test_own_changes_are_known_at_once(book: VocabularyBook) -> None:
    """Whoever opens a session after a change has it as it is now."""
    await book.known("acme")
    changed = await book.put("acme", (Term("Prosa"),), ())
    assert changed == Vocabulary(terms=(Term("Prosa"),), modified_at=7.0)
    assert await book.known("acme") == await book.find("acme") == changed
    assert await book.delete("acme")
    assert await book.known("acme") == Vocabulary()
    assert not await book.delete("acme")


async def test_a_look_that_a_change_overtakes_tells_nothing(book: VocabularyBook, shelf: Shelf) -> None:
    """It may have seen what was there before."""
    shelf.gate = asyncio.Event()
    waiting = asyncio.create_task(book.known("acme"))
    while not shelf.looks:  # noqa: ASYNC110  # the loop alone knows when the task has begun
        await asyncio.sleep(0)
    changed = await book.put("acme", (Term("Prosa"),), ())
    assert await waiting == changed
    shelf.gate.set()
    assert await book.known("acme") == changed


async def test_a_database_that_is_away_keeps_nobody_out(book: VocabularyBook, shelf: Shelf, clock: Clock) -> None:
    """What is known stays in use, and the next ones do not ask again at once."""
    await book.known("acme")
    clock.now += 10
    shelf.error = StoreUnavailable("away")
    assert await book.known("acme") == OURS
    assert await book.known("acme") == OURS
    assert shelf.looks == 2
    shelf.error = ValueError("a row that nobody understands")
    assert await book.known("globex") == Vocabulary()


async def test_nobody_waits_long(book: VocabularyBook, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that hangs is waited for a moment, and one look serves all who wait."""
    monkeypatch.setattr(vocabularies, "PATIENCE_SECONDS", 0)
    shelf.gate = asyncio.Event()
    assert await book.known("acme") == Vocabulary()
    assert await book.known("acme") == Vocabulary()
    monkeypatch.undo()
    looking = asyncio.create_task(book.known("acme"))
    shelf.gate.set()
    assert await looking == OURS
    assert shelf.looks == 1


async def test_what_cannot_be_used_is_not_kept(book: VocabularyBook, shelf: Shelf) -> None:
    """The limits are those of a session's own vocabulary."""
    with pytest.raises(InvalidConfiguration):
        await book.put("acme", (Term("x"),) * (MOST_TERMS + 1), ())
    with pytest.raises(InvalidConfiguration):
        await book.put("acme", (Term(" "),), ())
    assert shelf.kept["acme"] == OURS


async def test_what_is_stored_last_is_known(book: VocabularyBook, shelf: Shelf) -> None:
    """Two changes at once come one after the other, whoever is answered first; other organisations do not wait."""
    gate = shelf.put_gate = asyncio.Event()
    first = asyncio.create_task(book.put("acme", (Term("first"),), ()))
    while shelf.put_gate is not None:  # noqa: ASYNC110  # the loop alone knows when the task has begun
        await asyncio.sleep(0)
    second = asyncio.create_task(book.put("acme", (Term("second"),), ()))
    await book.put("globex", (Term("other"),), ())
    gate.set()
    await asyncio.gather(first, second)
    assert (await book.known("acme")).terms == shelf.kept["acme"].terms == (Term("second"),)


async def test_what_is_stored_and_cannot_be_used_is_in_no_use(book: VocabularyBook, shelf: Shelf) -> None:
    """A session opens without it: what is no text breaks recognition for everybody."""
    shelf.kept["acme"] = Vocabulary(terms=(Term("Caf\ud800"),))
    own = SessionOptions()
    assert await book.apply(own, "acme") is own


async def test_a_large_vocabulary_is_made_ready_in_a_thread(
    book: VocabularyBook, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody live waits for it, and whoever opens finds it ready."""
    threads: list[int] = []

    def made(formatting: Formatting) -> Formatter:
        threads.append(threading.get_ident())
        return Formatter(formatting)

    monkeypatch.setattr(vocabularies, "Formatter", made)
    await book.apply(SessionOptions(), "acme")  # no thread's worth
    shelf.kept["globex"] = Vocabulary(terms=tuple(Term(f"Produk {number}") for number in range(MOST_TERMS)))
    opened = await book.apply(SessionOptions(), "globex")
    monkeypatch.setattr("stream_server.text.vocabulary.Phrases", None)  # whoever writes by it now makes none
    Formatter(opened.formatting)
    assert len(threads) == 1
    assert threading.get_ident() not in threads


LARGE = Formatting(vocabulary=tuple(Term(f"Produk {number}") for number in range(MOST_TERMS)))


async def test_a_large_vocabulary_is_made_ready_once(book: VocabularyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """All who open meanwhile wait for the same, however they mask, and whoever gives up keeps nobody from it."""
    begun, gate, made = threading.Event(), threading.Event(), list[Formatting]()

    def slowly(formatting: Formatting) -> Formatter:
        made.append(formatting)
        begun.set()
        gate.wait(60)
        return Formatter(formatting)

    monkeypatch.setattr(vocabularies, "Formatter", slowly)
    first = asyncio.create_task(book.make_ready(LARGE))
    await asyncio.to_thread(begun.wait, 60)
    named = replace(LARGE, redact=("names",), redact_names=("Budi",))
    others = [asyncio.create_task(book.make_ready(each)) for each in (LARGE, named)]
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert not any(other.done() for other in others)
    gate.set()
    await asyncio.gather(*others)
    assert made == [LARGE]


async def test_names_are_nothing_that_is_shared(book: VocabularyBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many take part, there is nothing to make ready."""
    monkeypatch.setattr(vocabularies, "Formatter", None)
    await book.make_ready(Formatting(participants=tuple(f"Somebody {number}" for number in range(MOST_TERMS))))


async def test_what_cannot_be_made_ready_keeps_nobody_out(
    book: VocabularyBook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever opens makes it then; the log says what is wrong, and no word."""

    def broken(_: Formatting) -> Formatter:
        raise RuntimeError("can't start new thread for Produk")

    monkeypatch.setattr(vocabularies, "Formatter", broken)
    options = SessionOptions(formatting=LARGE)
    assert await book.apply(options, "globex") is options
    assert "RuntimeError" in caplog.text
    assert "Produk" not in caplog.text
