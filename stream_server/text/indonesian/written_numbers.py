"""Numbers that are written in digits already, by Indonesian habits or by English ones. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from stream_server.text.indonesian.lexicon import SCALES
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.numerals import INDONESIAN
from stream_server.text.runs import Run

MOST_DIGITS = 15
"""Of what may be a number of things: what is longer is a code, and nothing to calculate with."""

LONGEST_WRITTEN = 20
"""Characters of such a number with its marks."""

_FOREIGN_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3}){2,}")
_ONE_BY_ONE = re.compile(r"[0-9](?:-[0-9]){2,}")
"""*1-1-1-9*: digits as they were said."""

_FOREIGN_DECIMAL = re.compile(r"-?\d+\.\d{1,2}")


def written(key: str) -> Decimal | None:
    """Return the number that a token is in digits; None for words, and for digits that begin with a needless zero."""
    if not key or not (key[0].isdigit() or key[0] == "-") or len(key) > LONGEST_WRITTEN:
        return None
    bare = key.removeprefix("-")
    if len(bare) > 1 and bare[0] == "0" and bare[1].isdigit():
        return None
    if bare.isdigit() and len(bare) > MOST_DIGITS:
        return None
    if _ONE_BY_ONE.fullmatch(key):
        return Decimal(key.replace("-", ""))
    if key.isascii() and _FOREIGN_THOUSANDS.fullmatch(key):
        return Decimal(key.replace(",", ""))
    return INDONESIAN.read(key)


def digits_alone(key: str) -> str:
    """Return the digits of which a token is made, said one by one or not; "" if there is anything else in it."""
    if key.isascii() and key.isdigit():
        return key
    return key.replace("-", "") if _ONE_BY_ONE.fullmatch(key) else ""


def is_foreign_decimal(key: str) -> bool:
    """Tell whether a number has a point in front of its decimals, as in English; it may be a time as well."""
    return key.isascii() and len(key) <= LONGEST_WRITTEN and bool(_FOREIGN_DECIMAL.fullmatch(key))


def counts_something(run: Run, at: int, key: str) -> bool:
    """Tell whether what is behind a number with a point says that it is a decimal one."""
    if run.key(at) in SCALES:
        return True
    suffix = read_suffix(run, at)
    return suffix is not None and not (suffix.time and key[-3] == ".")
