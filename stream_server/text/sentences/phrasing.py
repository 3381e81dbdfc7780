"""What punctuation needs to know about a language. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from stream_server.text.tokens import Token

NOTICED_PAUSE = 0.3
"""Seconds of silence that readers want to see."""

LONG_PAUSE = 0.7
"""Seconds of silence that end a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasing:
    """The small words of a language, by their keys.

    What `leads_on` is followed by no mark, however long the speaker thinks. `contrasts` begin a clause behind a comma,
    except behind what `takes_contrast`. `openers` begin a sentence with a comma behind them, except in front of the
    words named. `asks` tells of a sentence's tokens whether it is a question.
    """

    leads_on: frozenset[str]
    contrasts: frozenset[str]
    takes_contrast: frozenset[str]
    openers: Mapping[str, frozenset[str]]
    asks: Callable[[Sequence[Token]], bool]


def words(text: str) -> frozenset[str]:
    """Return the words of a table."""
    return frozenset(text.split())
