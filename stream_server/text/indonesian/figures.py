"""Numbers as they are read out of words: their value, and how they are written. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from stream_server.text.indonesian.lexicon import SCALE_NAMES
from stream_server.text.numerals import INDONESIAN
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that ends before the token `behind`. `value` None: digits that count nothing, as a telephone's.

    Of five million `text` is "5" and `scale` the word that stays behind it, from the token `scale_at` on. A `plain` one
    is a single word below ten, or *sejuta*: it stays unless something asks for digits. A `written` one was one token
    in digits before. `coined` digits were said one by one.
    """

    value: Decimal | None
    behind: int
    text: str
    scale: str = ""
    scale_at: int = 0
    plain: bool = False
    written: bool = False
    coined: bool = False

    @property
    def whole(self) -> int | None:
        """Return the value if it is a count of something, else None."""
        value = self.value
        return int(value) if value is not None and value >= 0 and value == value.to_integral_value() else None

    @property
    def small(self) -> int | None:
        """Return the value if it is a count below a thousand, not in digits that were said one by one."""
        whole = self.whole
        return whole if whole is not None and whole < 1000 and not self.coined and "," not in self.text else None

    @property
    def in_full(self) -> str:
        """Return it in digits alone."""
        if not self.scale:
            return self.text
        return f"{self.text} {self.scale}" if self.value is None else INDONESIAN.write(self.value)

    @property
    def with_marks(self) -> str:
        """Return the text with marks between thousands, whatever was written."""
        return self.text if self.scale or self.value is None or "–" in self.text else INDONESIAN.write(self.value)

    @property
    def is_positive_or_zero(self) -> bool:
        """Whether it is not below zero."""
        return self.value is not None and self.value >= 0

    def negated(self) -> Figure:
        """Return it below zero."""
        assert self.value is not None
        return replace(self, value=-self.value, text=f"-{self.text}", plain=False, written=False)

    def parts(self, run: Run, at: int = 0, *, text: str | None = None, behind: int | None = None) -> list[Part]:
        """Return the number, from the token `at` on, and its scale; `behind` takes more tokens in."""
        stop = self.behind if behind is None else behind
        shown = self.text if text is None else text
        if not self.scale:
            return [run.write(shown, stop, at)]
        if self.scale_at == at:  # *sejuta*
            return [run.write(f"{shown} {self.scale}", stop, at)]
        return [run.write(shown, self.scale_at, at), run.write(self.scale, stop, self.scale_at)]


def multiple(value: Decimal, scale: Decimal, behind: int, scale_at: int) -> Figure:
    """Return so many of a scale: with its word from a million on, else in digits alone."""
    name = SCALE_NAMES.get(scale)
    total = plain_decimal(value * scale)
    if name is None:
        return Figure(value=total, behind=behind, text=INDONESIAN.write(total))
    return Figure(value=total, behind=behind, text=INDONESIAN.write(value), scale=name, scale_at=scale_at)


def plain_decimal(value: Decimal) -> Decimal:
    """Return a number without decimals where they are all zero."""
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()
