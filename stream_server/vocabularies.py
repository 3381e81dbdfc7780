"""Each organisation's vocabulary at hand, so that what opens waits for the database no longer than a moment."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from stream_server.errors import StreamServerError
from stream_server.session.options import SessionOptions
from stream_server.store.vocabularies import Vocabulary, VocabularyStore
from stream_server.text.formatting import Formatting, Replacement, Term
from stream_server.text.pipeline import Formatter

PATIENCE_SECONDS = 2.0
"""What opens waits so long for a database that does not answer; then it does with what is known."""

AT_ONCE = 1_000
"""Characters of what is looked up that are made ready in a millisecond: not worth a thread."""

READY_SECONDS = 5.0
"""What was made ready stays so long: until then whoever opens has taken it, or was refused."""

_Lookup: TypeAlias = tuple[tuple[Term, ...], tuple[Replacement, ...]]
"""What is looked up in words: all who ask for the same share what that takes."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Page:
    """One organisation's vocabulary, and when it was looked up."""

    vocabulary: Vocabulary
    at: float


class VocabularyBook:
    """Keep vocabularies, and give what is known of one, no older than `refresh_seconds` while the database answers.

    What this process changes it knows at once. `clock` tells the time of day, `monotonic` measures. Used in the event
    loop.
    """

    def __init__(
        self,
        store: VocabularyStore,
        *,
        refresh_seconds: float,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._monotonic = monotonic
        self._pages: dict[str, _Page] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._changing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """One change of a vocabulary at a time: what is known is what was stored last."""
        self._making: dict[_Lookup, asyncio.Task[None]] = {}
        self._ready: set[Formatter] = set()

    async def apply(self, options: SessionOptions, organisation: str) -> SessionOptions:
        """Return the options of something that opens now, with its organisation's vocabulary; never raises.

        What it takes to write by them is ready.
        """
        vocabulary = await self.known(organisation)
        if vocabulary.terms or vocabulary.replacements:
            formatting = options.formatting.with_vocabulary(vocabulary.terms, vocabulary.replacements)
            options = replace(options, formatting=formatting)
        await self.make_ready(options.formatting)
        return options

    async def make_ready(self, formatting: Formatting) -> None:
        """Make ready what it takes to write so: in a thread, for everybody live would wait for a large vocabulary.

        Once for all who open meanwhile, whoever of them gives up; never raises.
        """
        if formatting.size <= AT_ONCE:
            return
        lookup = (formatting.vocabulary, formatting.replace)
        making = self._making.get(lookup)
        if making is None:
            making = asyncio.create_task(self._make(lookup), name="make a vocabulary ready")
            self._making[lookup] = making
        await asyncio.wait([making])

    async def known(self, organisation: str) -> Vocabulary:
        """Return the vocabulary as last known, looked up if that was long ago; never raises."""
        page = self._pages.get(organisation)
        if page is None or self._monotonic() - page.at >= self._refresh_seconds:
            looking = self._looking.get(organisation) or self._look(organisation)
            await asyncio.wait([looking], timeout=PATIENCE_SECONDS)
        page = self._pages.get(organisation)
        return Vocabulary() if page is None else page.vocabulary

    async def find(self, organisation: str) -> Vocabulary:
        """Return the vocabulary as it is stored; raises what the store raises."""
        return await self._store.find_vocabulary(organisation)

    async def put(
        self, organisation: str, terms: tuple[Term, ...], replacements: tuple[Replacement, ...]
    ) -> Vocabulary:
        """Keep a vocabulary instead of the one before; raises `InvalidConfiguration`, and what the store raises."""
        Formatting(vocabulary=terms, replace=replacements)  # it knows what a vocabulary may be
        vocabulary = Vocabulary(terms=terms, replacements=replacements, modified_at=self._clock())
        async with self._changing[organisation]:
            await self._store.put_vocabulary(organisation, vocabulary)
            self._note(organisation, vocabulary)
        return vocabulary

    async def delete(self, organisation: str) -> bool:
        """Delete a vocabulary and tell whether there was one; raises what the store raises."""
        async with self._changing[organisation]:
            there = await self._store.delete_vocabulary(organisation)
            self._note(organisation, Vocabulary())
        return there

    async def stop(self) -> None:
        """End whatever is under way."""
        tasks = [*self._looking.values(), *self._making.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, lookup: _Lookup) -> None:
        vocabulary, replacements = lookup
        try:
            ready = await asyncio.to_thread(Formatter, Formatting(vocabulary=vocabulary, replace=replacements))
        except Exception as error:  # noqa: BLE001  # no thread, as may be: whoever opens makes it then
            _log.warning("a vocabulary cannot be made ready (%s)", type(error).__name__)
        else:
            self._ready.add(ready)
            asyncio.get_running_loop().call_later(READY_SECONDS, self._ready.discard, ready)
        finally:
            del self._making[lookup]

    def _note(self, organisation: str, vocabulary: Vocabulary) -> None:
        """Know it from now on; a look that is under way may have seen the one before."""
        if looking := self._looking.pop(organisation, None):
            looking.cancel()
        self._pages[organisation] = _Page(vocabulary, self._monotonic())

    def _look(self, organisation: str) -> asyncio.Task[None]:
        """Begin to look a vocabulary up; who waits for it may give up, and it goes on."""
        task = asyncio.create_task(self._look_up(organisation), name="look at a vocabulary")
        self._looking[organisation] = task
        return task

    async def _look_up(self, organisation: str) -> None:
        page = self._pages.get(organisation)
        known = Vocabulary() if page is None else page.vocabulary
        try:
            found = await self._store.find_vocabulary(organisation)
            Formatting(vocabulary=found.terms, replace=found.replacements)  # what no session may have is in no use
            known = found
        except StreamServerError as error:  # those who open are not to wait for it again and again
            _log.warning("a vocabulary cannot be looked up (%s); what is known of it stays in use", error.code)
        except Exception as error:  # noqa: BLE001  # the boundary of a task whose error nobody reads
            _log.warning("a vocabulary cannot be looked up (%s)", type(error).__name__)
        finally:
            if self._looking.get(organisation) is asyncio.current_task():
                del self._looking[organisation]
        self._pages[organisation] = _Page(known, self._monotonic())
