"""Addresses that a pause cuts in two: neither part is shown, and what people do "at" a place is none."""

from __future__ import annotations

import pytest

from stream_server.text.formatting import Formatting
from stream_server.text.tokens import passage_of
from tests.text.once import format_passage
from tests.text.redaction.test_redaction import redacted, shown


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("john dot smith", "[EMAIL]"),
        ("at example.com", "[EMAIL]"),
        ("My address is john.smith1985", "My address is [EMAIL]"),
        ("at example.com, thanks", "[EMAIL], thanks"),
        ("my address is john dot smith at", "my address is [EMAIL]"),
        ("example.com", "[EMAIL]"),
        ("example dot com thanks", "[EMAIL] thanks"),
        ("write to hadi at", "write to [EMAIL]"),
        ("gmail", "[EMAIL]"),
        ("hadi titik", "[EMAIL]"),
        ("john dot smith eh", "[EMAIL] eh"),
        ("dot com thanks", "[EMAIL] thanks"),
        ("ke budi underscore", "ke [EMAIL]"),
        ("write to hadi a keong", "write to [EMAIL]"),
        ("keong kantor titik com ya", "[EMAIL] ya"),
        ("ask john.smith@example now", "ask [EMAIL] now"),
    ],
)
def test_parts_of_addresses(said: str, read: str, numbers: bool) -> None:
    """What touches the end of an utterance, or its beginning, and may be part of one."""
    assert shown(redacted(said, "email", numbers=numbers, language="en")) == read


@pytest.mark.parametrize(
    "said",
    [
        "That is a good point.",
        "inflation was two point five",
        "we met at home.",
        "What are you looking at?",
        "At first we go",
        "see you at five",
        "harganya Rp1.750.000",
        "it is example.com that we want",
    ],
)
def test_what_is_no_part_of_an_address(said: str) -> None:
    """Ordinary words around "at", "point" and marks stay, and a site within an utterance."""
    assert shown(redacted(said, "email", numbers=False, language="en")) == said


def test_what_is_too_long_to_be_read_is_not_held_once_settled() -> None:
    """A chain of more words than a rule may read has no end that is still to come."""
    words = ["saya", *["titik"] * 90, "sudah"]
    formatting = Formatting(redact=("email",))
    whole = format_passage(passage_of(words), formatting, "id")
    for settled in range(len(words) + 1):
        early = format_passage(passage_of(words, settled=settled, ended=False), formatting, "id")
        stable = early.tokens[: early.settled]
        assert not any(token.held for token in stable)
        assert whole.tokens[: early.settled] == stable
