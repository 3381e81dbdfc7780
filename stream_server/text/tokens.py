"""Tokens: what is shown for a run of words that were heard, and the passage that the stages hand on to each other.

A passage knows how much of it is settled: what no word that may still come can change. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LEADING_MARKS = "\"'“‘«([{¿¡"
TRAILING_MARKS = "\"'”’»)]}.,!?;:…"


def with_capital(text: str) -> str:
    """Return a word with its first letter a capital, behind the marks that open it; one that has none stays."""
    body = text.lstrip(LEADING_MARKS)
    capital = body[:1].title()
    return text if len(capital) != 1 else text[: len(text) - len(body)] + capital + body[1:]


@dataclass(frozen=True, slots=True)
class Token:
    """What is shown for the words `first` up to `behind` (exclusive) of those heard; `text` "" shows nothing.

    `lead`, `core` and `trail` are the text's opening marks, its body and its closing marks; `key` is the body without
    regard to case. `pause` is the silence in front, in seconds; None where nobody knows. Of what is `masked` the spoken
    form is hidden too. What is `held` may be part of a secret: it is not shown before that is known. What is `fixed` is
    written as somebody asked for: it has no key, so that no rule finds in it what it looks for. A `turn` is said by
    somebody else than what is in front, and never joined to that unless to be masked.
    """

    text: str
    first: int
    behind: int
    pause: float | None = None
    masked: bool = False
    held: bool = False
    fixed: bool = False
    turn: bool = False
    lead: str = field(init=False)
    core: str = field(init=False)
    trail: str = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        text = self.text
        body = text.lstrip(LEADING_MARKS)
        core = body.rstrip(TRAILING_MARKS)
        set_field = object.__setattr__  # the dataclass is frozen for everybody else
        set_field(self, "lead", text[: len(text) - len(body)] if core else "")
        set_field(self, "core", core or text)  # nothing but marks are a body
        set_field(self, "trail", body[len(core) :] if core else "")
        set_field(self, "key", "" if self.fixed else self.core.casefold())


@dataclass(frozen=True, slots=True)
class Passage:
    """Tokens in order. `settled` of them, the first ones, stay as they are whatever words come; all if it has `ended`.

    `continues`: it goes on with a sentence that was cut; `cut`: its own sentence goes on behind it.
    """

    tokens: tuple[Token, ...]
    settled: int
    ended: bool = True
    continues: bool = False
    cut: bool = False


def passage_of(
    texts: Sequence[str],
    pauses: Sequence[float | None] = (),
    *,
    settled: int | None = None,
    ended: bool = True,
    continues: bool = False,
    cut: bool = False,
) -> Passage:
    """Return words as they were heard; `pauses` are the silences in front of each, in seconds.

    The first `settled` of them (None: all) will not be heard otherwise.
    """
    silences = pauses or [None] * len(texts)
    tokens = tuple(
        Token(text, place, place + 1, pause) for place, (text, pause) in enumerate(zip(texts, silences, strict=True))
    )
    return Passage(tokens, len(tokens) if settled is None else settled, ended, continues, cut)
