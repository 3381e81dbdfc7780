"""Numbers below a thousand, in words with digits in between: the groups that larger ones are made of. Pure."""

from __future__ import annotations

from typing import NamedTuple

from stream_server.text.indonesian.lexicon import HUNDREDS, MULTIPLIERS, ONE_TO_NINE, TEENS, TENS
from stream_server.text.runs import Run


class Group(NamedTuple):
    """A number from one to 999, and the place behind its last token."""

    value: int
    behind: int


def read_group(run: Run, at: int, key: str) -> Group | None:
    """Return the number that begins at a token with this key; None if none does, or digits alone.

    *Dua puluh tiga ratus* is twenty and three hundred: a digit that is multiplied belongs to what follows.
    """
    if key in _ROUND:
        return _behind_round(run, at, _ROUND[key])
    value, place = HUNDREDS.get(key, 0), at
    if value:
        place += 1
    elif key in ONE_TO_NINE and run.key(at + 1) == "ratus":
        value, place = 100 * ONE_TO_NINE[key], at + 2
    rest = _below_hundred(run, place, run.key(place) if value else key)
    if rest is None and value:
        rest = _written_below_hundred(run, place)
    if rest is None:
        return Group(value, place) if value else None
    return Group(value + rest.value, rest.behind)


_ROUND = {str(value): value for value in (*range(20, 100, 10), *range(100, 1000, 100))}


def _behind_round(run: Run, at: int, value: int) -> Group | None:
    """*20 lima*, *200 lima puluh*: recognition wrote what is round in digits, and the rest of it in words."""
    rest = _below_hundred(run, at + 1, run.key(at + 1))
    if rest is None or (value < 100 and rest.value > 9):
        return None
    if rest.behind == at + 2 and run.key(at + 1).isdigit():
        return None  # "20 5" are two
    return Group(value + rest.value, rest.behind)


def _below_hundred(run: Run, at: int, key: str) -> Group | None:
    if key in TEENS:
        return Group(TEENS[key], at + 1)
    tens, behind = TENS.get(key, 0), at + 1
    if not tens:
        one = ONE_TO_NINE.get(key)
        if one is None:
            return None
        multiplier = run.key(at + 1)
        if multiplier != "puluh":
            return {"belas": Group(10 + one, at + 2), "ratus": None}.get(multiplier, Group(one, at + 1))
        tens, behind = 10 * one, at + 2
    one = ONE_TO_NINE.get(run.key(behind))
    if one is not None and run.key(behind + 1) not in MULTIPLIERS:
        return Group(tens + one, behind + 1)
    return Group(tens, behind)


def _written_below_hundred(run: Run, at: int) -> Group | None:
    """*Seratus 25* is one number."""
    key = run.key(at)
    if len(key) == 2 and key.isascii() and key.isdigit() and key[0] != "0":
        return Group(int(key), at + 1)
    return None
