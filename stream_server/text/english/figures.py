"""Numbers as they are read out of words: their value, and how they are written. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from stream_server.text.numerals import ENGLISH

KEPT_SCALE = 10**6
"""From here on one multiple of a scale keeps its word."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that ends before the token `behind`; `text` is what it is in digits.

    Of five million the `text` is "5 million" and the `scale` a million. A `plain` one, zero to nine or "a million",
    stays in words unless something asks for digits. `coined` ones are digits in a row, as years: no marks in them.
    """

    value: Decimal
    behind: int
    text: str
    scale: str = ""
    plain: bool = False
    coined: bool = False
    written: bool = False
    """A token that was digits before."""

    @property
    def amount(self) -> str:
        """Return the text with its marks, whatever was written."""
        return self.text if self.scale else ENGLISH.write(self.value)

    @property
    def one(self) -> bool:
        """Whether it is the word one, which may be no number at all."""
        return self.plain and self.value == 1

    def negated(self) -> Figure:
        """Return it below zero."""
        return replace(self, value=-self.value, text=f"-{self.text}", plain=False, written=False)
