"""Which English sentences ask."""

from __future__ import annotations

import pytest

from stream_server.text.sentences.english import PHRASING
from stream_server.text.tokens import passage_of


def asks(sentence: str, pause: float = 0.0) -> bool:
    """Tell whether a sentence asks; `pause` is the silence in front of its last word."""
    words = sentence.split()
    return PHRASING.asks(passage_of(words, [0.0] * (len(words) - 1) + [pause]).tokens)


@pytest.mark.parametrize(
    "sentence",
    [
        "what is the plan",
        "how much revenue did they bring in",
        "and how long do people have to wait",
        "what's next",
        "which room are we in",
        "why don't we wait",
        "how about tomorrow",
        "do you agree",
        "okay can we start",
        "is the budget ready",
        "isn't it late",
        "it is late isn't it",
        "you sent the report right",
    ],
)
def test_questions(sentence: str) -> None:
    """A question word with an auxiliary, an auxiliary with its subject, or a tag."""
    assert asks(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "what we need is time",
        "when we arrive we will call",
        "how we do it is up to us",
        "do the dishes",
        "have a nice day",
        "so do I",
        "may is a month",
        "that is right",
        "we do it right",
        "is",
        "right",
        "I know what it is",
    ],
)
def test_statements(sentence: str) -> None:
    """A question word alone does not ask, nor an order, nor "so do I"."""
    assert not asks(sentence)


def test_right_behind_a_pause_asks() -> None:
    """Said apart, it wants an answer whatever is in front."""
    assert asks("that is right", pause=0.4)
