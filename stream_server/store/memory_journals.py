"""Journals in this process's memory, for tests and for stores in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from stream_server.store.journals import JournalHead, JournalPage, KeptJournal, Outcome


@dataclass(slots=True)
class _Book:
    journal: KeptJournal
    until: float
    events: list[str] = field(default_factory=list)

    @property
    def sequence(self) -> int:
        """That of the last event."""
        return self.journal.behind + len(self.events)


class MemoryJournals:
    """Implement the contract for one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._books: dict[str, _Book] = {}

    async def begin(
        self, head: JournalHead, standing: str, keep_seconds: float, *, fence: int = 1, behind: int = 0
    ) -> Outcome:
        """Begin a journal."""
        book = self._book(head.session_id)
        if book is not None and book.journal.fence > fence:
            return "taken"
        journal = KeptJournal(head=head, fence=fence, behind=behind, sequence=behind, standing=standing)
        self._books[head.session_id] = _Book(journal, self._clock() + keep_seconds)
        return "kept"

    async def write(self, pages: Sequence[JournalPage]) -> list[Outcome]:
        """Write the pages."""
        return [self._write(page) for page in pages]

    async def find(self, session_id: str) -> KeptJournal | None:
        """Return a journal."""
        book = self._book(session_id)
        return None if book is None else replace(book.journal, sequence=book.sequence)

    async def take_over(self, session_id: str, keep_seconds: float) -> KeptJournal | None:
        """Raise the fence."""
        book = self._book(session_id)
        if book is not None and book.journal.ended is None:
            book.journal = replace(book.journal, fence=book.journal.fence + 1)
            book.until = self._clock() + keep_seconds
        return await self.find(session_id)

    async def events(self, session_id: str, after: int, limit: int) -> list[str]:
        """Return events."""
        book = self._book(session_id)
        if book is None or after < book.journal.behind:
            return []
        first = after - book.journal.behind
        return book.events[first : first + limit]

    def _book(self, session_id: str) -> _Book | None:
        """Return a journal whose time has not passed."""
        for name in [name for name, book in self._books.items() if book.until <= self._clock()]:
            del self._books[name]
        return self._books.get(session_id)

    def _write(self, page: JournalPage) -> Outcome:
        book = self._book(page.session_id)
        if book is None or book.journal.fence < page.fence:
            return "lost"
        if book.journal.fence > page.fence:
            return "taken"
        if page.first > book.sequence + 1:
            return "lost"
        book.events += page.events[book.sequence + 1 - page.first :]
        before = book.journal
        book.journal = replace(
            before,
            standing=before.standing if page.standing is None else page.standing,
            voices=before.voices if page.voices is None else page.voices,
            ended=before.ended if page.ended is None else page.ended,
        )
        book.until = self._clock() + page.keep_seconds
        return "kept"
