"""Number words and digits in a row become numbers: "dua puluh lima 4111" is 25 and 4111. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from stream_server.text.redaction.lexicon import Deed
from stream_server.text.redaction.readings import Piece

_HUNDRED = 100
_MILLION = 1_000_000

_MANY = 3
"""Digits that are part of a number said in words, at most."""

_LONGEST = 15
"""Digits of a number that may be part of a larger one; Python refuses to reckon with thousands of them."""


@dataclass(frozen=True, slots=True)
class Number:
    """As it would be written. `amount`: said or written as a quantity, not digit by digit or in pairs."""

    digits: str
    amount: bool = False


@dataclass(slots=True)
class Counter:
    """Takes pieces in order; `numbers` are those that are complete."""

    numbers: list[Number] = field(default_factory=list)
    _terms: list[int] = field(default_factory=list)
    """Of the number that is being said, the larger first."""
    _written: str = ""
    """It, if it is written so far in figures alone."""
    _amount: bool = False
    _round: bool = False
    """Whether it has millions: nobody said the zeros behind them."""
    _again: int = 1

    def take(self, pieces: Iterable[Piece], *, amount: bool = False) -> None:
        """Take what one word says; an `amount` is complete by itself."""
        for piece in pieces:
            if amount:
                self.close()
                self.numbers.append(Number("".join(map(str, pieces)), amount=True))
                return
            if isinstance(piece, str):
                self._take_written(piece)
            else:
                self._take_word(*piece)

    def close(self) -> None:
        """Complete the number that is being said."""
        if self._terms:
            digits = self._written or str(sum(self._terms))
            digits = digits.rstrip("0") if self._round else digits
            self.numbers.append(Number(digits, self._amount))
        self._terms, self._written, self._amount, self._round = [], "", False, False

    def _close_behind(self, by: int) -> None:
        """Take a scale with no number word in front: it goes with an amount, "2,5 miliar", or alone, "a million"."""
        if self._terms or not (self.numbers and self.numbers[-1].amount):
            self.close()
            self.numbers.append(Number(str(by), amount=True))

    def _take_written(self, digits: str) -> None:
        value = int(digits[:_LONGEST])
        fits = digits[0] != "0" and len(digits) <= _MANY
        if fits and self._terms and not self._written and value < _room(self._terms[-1]) > 10:
            self._terms.append(value)
            return
        for _ in range(self._again if len(digits) == 1 else 1):
            self.close()
            self._terms, self._written = [value], digits
        self._again = 1

    def _take_word(self, deed: Deed, value: int) -> None:
        if deed == "again":
            self.close()
            self._again = value
        elif deed == "is":
            self._add(value)
        elif deed == "teen":
            self._multiply(value, plus=True)
        else:
            self._multiply(value)

    def _add(self, value: int) -> None:
        if not self._written and self._again == 1 and self._terms and 0 < value < _room(self._terms[-1]):
            self._terms.append(value)
        else:
            for _ in range(self._again):
                self.close()
                self._terms = [value]
        self._again = 1
        self._amount = self._amount or value >= _HUNDRED

    def _multiply(self, by: int, *, plus: bool = False) -> None:
        """Let what was said last be so many tens, hundreds, thousands; it is a teen with `plus`."""
        if len(self._written) > _MANY or (self._written.startswith("0") and len(self._written) > 1):
            self.close()  # "4111 ribu" are two: nobody writes a number so
        terms, many = self._terms, 0
        while terms and terms[-1] < by and (by > 10 or not many):
            many += terms.pop()
        if not many:
            self._close_behind(by)
            return
        new = by + many if plus else by * many
        if terms and new >= _room(terms[-1]):
            self._written = ""
            self.close()
        self._terms = [*self._terms, new] if self._terms else [new]
        self._written = ""
        self._amount = self._amount or by >= _HUNDRED
        self._round = self._round or by >= _MILLION


def _room(term: int) -> int:
    """Return what a further term must be less than: 10 behind 20, 1 behind 15."""
    if term < 20:
        return 1
    room = 1
    while term % (room * 10) == 0:
        room *= 10
    return room


def numbers_of(parts: Iterable[tuple[tuple[Piece, ...], bool]]) -> list[Number]:
    """Return the numbers that words say in a row, of each its pieces and whether it is an amount."""
    counter = Counter()
    for pieces, amount in parts:
        counter.take(pieces, amount=amount)
    counter.close()
    return counter.numbers
