"""Numbers in digits, as a language writes them, and back. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_PLAIN = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands between thousands and in front of decimals."""

    thousands: str
    decimal: str

    def write(self, value: Decimal) -> str:
        """Return the number with its marks; decimals stay as many as they are."""
        text = f"{value:,f}"
        return text.translate({ord(","): self.thousands, ord("."): self.decimal})

    def read(self, text: str) -> Decimal | None:
        """Return the number that is written there, with marks or without; None for anything else.

        A mark between thousands counts only with three digits behind it, and one to three in front of the first.
        """
        if not text.isascii():
            return None  # other scripts' digits stay as they are
        if _PLAIN.fullmatch(text):
            return Decimal(text)
        whole, point, decimals = text.partition(self.decimal)
        if point and not (decimals.isdigit() and whole):
            return None
        groups = whole.removeprefix("-").split(self.thousands)
        if not all(group.isdigit() for group in groups) or (len(groups[0]) > 3 and len(groups) > 1):
            return None
        if any(len(group) != 3 for group in groups[1:]):
            return None
        return Decimal(("-" if whole.startswith("-") else "") + "".join(groups) + (f".{decimals}" if point else ""))


INDONESIAN = Marks(".", ",")
ENGLISH = Marks(",", ".")
