"""What Indonesian speech reads like, for the tests of its rules."""

from __future__ import annotations

from stream_server.text.formatter import join
from stream_server.text.indonesian import RULES
from stream_server.text.rewriting import first_of, rewrite
from stream_server.text.tokens import Passage, passage_of

RULE = first_of(RULES)


def passage(said: str) -> Passage:
    """Return what the rules make of words."""
    return rewrite(passage_of(said.split()), RULE)


def written(said: str) -> str:
    """Return what is read of words; it reads the same when it is heard again."""
    once = join(token.text for token in passage(said).tokens)
    assert join(token.text for token in passage(once).tokens) == once
    return once


def pairs(table: str) -> list[tuple[str, str]]:
    """Return the rows of a table: what is said and what is read, an arrow between; without one, both are the same."""
    rows = [line.partition(" → ") for line in table.strip().splitlines()]
    return [(said.strip(), (read or said).strip()) for said, _, read in rows]


def listed(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()
