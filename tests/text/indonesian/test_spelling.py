"""Spellings of the spoken language."""

from __future__ import annotations

import pytest

from stream_server.text.formatter import join
from stream_server.text.indonesian.spelling import STANDARD, spelling
from stream_server.text.rewriting import rewrite
from stream_server.text.tokens import passage_of
from tests.text.indonesian.spoken import pairs

SPELLINGS = pairs("""
kalo hujan kita pulang → kalau hujan kita pulang
Kalo begitu, → Kalau begitu,
KALO → KALAU
temen-temen → teman-teman
"sampe" → "sampai"
udah gitu nggak gini
sampe-in → sampai-in
kalong
""")


def spelled(said: str) -> str:
    """Return words as the dictionary spells them."""
    return join(token.text for token in rewrite(passage_of(said.split()), spelling).tokens)


@pytest.mark.parametrize(("said", "read"), SPELLINGS)
def test_spellings(said: str, read: str) -> None:
    """A word that only sounds another way is spelled as in the dictionary, capitals and marks as they were."""
    assert spelled(said) == read


def test_what_is_standard_stays() -> None:
    """Nothing that the table gives is changed by it again."""
    assert not set(STANDARD.values()) & set(STANDARD)


def test_a_word_is_settled_at_once() -> None:
    """Spelling looks at nothing but the word."""
    assert rewrite(passage_of(["kalo", "begitu"], ended=False), spelling).settled == 2
