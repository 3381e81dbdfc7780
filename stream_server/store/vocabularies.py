"""The contract of organisations' vocabularies: how their own words are written, in all of their sessions and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from stream_server.text.formatting import Replacement, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """An organisation's terms, and what it wants written instead of what.

    `modified_at` is in POSIX seconds; None where none was ever given.
    """

    terms: tuple[Term, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    modified_at: float | None = None


class VocabularyStore(Protocol):
    """One vocabulary an organisation, shared by every process of an installation.

    Every operation raises `StoreUnavailable` when the database cannot be reached.
    """

    async def find_vocabulary(self, organisation: str) -> Vocabulary:
        """Return the organisation's; an empty one where there is none."""

    async def put_vocabulary(self, organisation: str, vocabulary: Vocabulary) -> None:
        """Keep this one instead of the one before."""

    async def delete_vocabulary(self, organisation: str) -> bool:
        """Delete it for good; tell whether there was one."""
