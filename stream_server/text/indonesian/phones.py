"""Telephone numbers as Indonesia groups them. Pure."""

from __future__ import annotations

COUNTRY = "62"


def grouped(digits: str) -> str:
    """Return the digits of a mobile number in groups; "" if they are none."""
    if digits.startswith("08") and digits.isdigit() and 10 <= len(digits) <= 13:
        return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"
    return ""


def international(digits: str) -> str:
    """Return a number with its country's in front."""
    rest = digits.removeprefix(COUNTRY)
    if digits.startswith(COUNTRY) and 8 <= len(rest) <= 13:
        return f"+{COUNTRY} {rest[:3]}-{rest[3:7]}-{rest[7:]}"
    return f"+{digits}"
