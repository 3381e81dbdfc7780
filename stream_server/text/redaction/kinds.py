"""What a run of digits is: a card, a national identity number (NIK), a telephone number; by its shape alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from stream_server.text.formatting import Secret

MASKS: dict[Secret, str] = {
    "numbers": "[NUMBER]",
    "card": "[CARD]",
    "phone": "[PHONE]",
    "email": "[EMAIL]",
    "nik": "[NIK]",
    "names": "[NAME]",
}

MASK = re.compile("|".join(map(re.escape, MASKS.values())))

CARD_LENGTHS = range(13, 20)
"""ISO/IEC 7812."""

NIK_LENGTH = 16

PHONE_LENGTHS = range(7, 16)
"""From a local number to the longest of E.164."""


def kind_of(digits: str, wanted: Collection[Secret]) -> Secret:
    """Return the kind of secret that the digits are, of those wanted; "numbers" if they may be any.

    What was misheard fails the card's check digit: it is still one unless something else fits better.
    """
    length = len(digits)
    if "card" in wanted and length in CARD_LENGTHS and passes_luhn(digits):
        return "card"
    if "nik" in wanted and length == NIK_LENGTH:
        return "nik"
    if "card" in wanted and length in CARD_LENGTHS and not ("phone" in wanted and is_phone(digits)):
        return "card"
    if "phone" in wanted and length in PHONE_LENGTHS:
        return "phone"
    return "numbers"


def passes_luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) << (place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_phone(digits: str) -> bool:
    """Tell whether digits begin as an Indonesian telephone number does, at home or from abroad."""
    return len(digits) in PHONE_LENGTHS and digits.startswith(("0", "62"))
