"""Telephone numbers as North America groups them, as English speakers mostly write them. Pure."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(1?)([0-9]{3})([0-9]{3})([0-9]{4})")
_WRITTEN = re.compile(r"(1-?)?[2-9][0-9]{2}-?[0-9]{3}-?[0-9]{4}")
"""No area begins with 0 or 1: such digits count something, as the seconds since 1970."""
LEAST_INTERNATIONAL = 7
"""Digits behind a plus."""


def grouped(digits: str) -> str:
    """Return the digits in groups, if they are a telephone number: ten, or eleven with a 1 in front; else ""."""
    found = _NUMBER.fullmatch(digits)
    return "-".join(filter(None, found.groups())) if found else ""


def regrouped(text: str) -> str:
    """Return a telephone number that is written already, in the usual groups; "" if it is none."""
    return grouped(text.replace("-", "")) if _WRITTEN.fullmatch(text) else ""
