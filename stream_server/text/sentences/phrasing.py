"""What punctuation needs to know about a language. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stream_server.text.tokens import Token

HEARD_PAUSE = 0.15
"""Seconds of silence that are more than the inexactness of words' times."""

NOTICED_PAUSE = 0.3
"""Seconds of silence that readers want to see."""

CLEAR_PAUSE = 0.45
"""Seconds of silence that end a sentence if what is said makes one, and what comes begins one."""

LONG_PAUSE = 0.7
"""Seconds of silence that end a sentence."""


Peek: TypeAlias = Callable[[int], Token | None]
"""Returns the token so many places behind the first that is asked about; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasing:
    """The small words of a language, by their keys.

    What `leads_on` is followed by no mark, however long the speaker thinks. `contrasts` begin a clause behind a comma,
    except behind what `takes_contrast`. `openers` begin a sentence with a comma behind them, except in front of the
    words named. `begins` are words that begin a sentence behind a whole one, `clausal` those that are in most whole
    ones, `subordinates` those that begin what is none: "when it is done, we". `asks` tells of a sentence's tokens
    whether it is a question, `begins_question` of a reader of tokens whether one begins there, which it does not behind
    what `takes_question` into its own sentence.
    """

    leads_on: frozenset[str]
    contrasts: frozenset[str]
    takes_contrast: frozenset[str]
    openers: Mapping[str, frozenset[str]]
    begins: frozenset[str]
    clausal: frozenset[str]
    subordinates: frozenset[str]
    takes_question: frozenset[str]
    asks: Callable[[Sequence[Token]], bool]
    begins_question: Callable[[Peek], bool]


def words(text: str) -> frozenset[str]:
    """Return the words of a table."""
    return frozenset(text.split())
