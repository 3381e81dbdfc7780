"""Amounts of money, with their sign in front. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from stream_server.text.indonesian.cardinals import read_cardinal
from stream_server.text.indonesian.figures import Figure, multiple
from stream_server.text.indonesian.glued import GLUED_SCALES, scaled
from stream_server.text.indonesian.lexicon import SCALES
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.indonesian.ranges import joined, read_range
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.indonesian.written_numbers import is_foreign_decimal
from stream_server.text.rewriting import Part, Reader
from stream_server.text.runs import Run

_SIGNS = {"rp": "Rp", "idr": "Rp", "$": "$", "us$": "$", "usd": "$", "€": "€", "eur": "€"}
_GLUED = re.compile(rf"(rp|idr|us\$|\$|€)\.?(\d[\d.,]*)({GLUED_SCALES})?", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+", re.ASCII)
_FOREIGN_CENTS = re.compile(r"\d+\.\d\d", re.ASCII)


def priced(run: Run, number: Figure, sign: str, behind: int, *, at: int = 0) -> list[Part] | None:
    """Return a number of a currency, from the token `at` on, and the cents or sen behind `behind`."""
    if number.value is None and "–" not in number.text:
        return None
    scale = SCALES.get(run.key(behind)) if not number.scale and number.value else None
    if scale is not None and number.value is not None and (number.value < 1000 or scale > 1000):
        number = multiple(number.value, scale, behind + 1, behind)  # *lima rupiah juta* would be read so later
        behind = _behind_the_word(run, behind + 1, sign)
    text = number.text.replace(",", ".") if _THOUSANDS.fullmatch(number.text) else number.with_marks
    if number.scale:
        text = number.text
    cents = read_number(run, behind) if not number.scale and "," not in text else None
    if cents is not None and _are_cents(run, cents):
        text, behind = f"{text},{cents.small:02}", cents.behind + 1
    minus = "-" if text.startswith("-") else ""
    return number.parts(run, at, text=f"{minus}{sign}{text.removeprefix('-')}", behind=behind)


def _are_cents(run: Run, number: Figure) -> bool:
    if number.small is None or number.small >= 100 or run.key(number.behind) != "sen":
        return False
    return run.key(number.behind + 1) not in SCALES  # *lima sen ribu*: nobody knows


def sign_first(reader: Reader) -> Sequence[Part] | None:
    """Return an amount whose sign stands in front already, with the scale that was said behind it."""
    key = reader.key()
    sign = _SIGNS.get(key)
    if sign is None:
        found = _GLUED.fullmatch(key) if key[:1] in {"r", "i", "u", "$", "€"} else None
        return None if found is None else _glued(Run(reader), _SIGNS[found[1]], found[2], found[3])
    token = reader.peek()
    if token is not None and token.trail == "." and sign == "Rp":
        return _behind_a_point(reader, token.lead)
    return _amount(Run(reader), sign, 1)


def _amount(run: Run, sign: str, at: int) -> list[Part] | None:
    """Return an amount that is read from the token `at` on, and takes those in front of it in."""
    number = read_number(run, at)
    if number is None or number.value is None:
        return None
    span = read_range(run, number)
    number = (joined(run, span) if span is not None else None) or number
    return priced(run, number, sign, _behind_the_word(run, number.behind, sign))


def _behind_a_point(reader: Reader, lead: str) -> list[Part] | None:
    """*Rp. 5.000*: the point is none of a sentence, so the amount is read from behind it."""
    following = reader.peek(1)
    if following is None or following.lead:
        return None
    reader.at += 1
    parts = _amount(Run(reader), "Rp", 0)
    reader.at -= 1
    if not parts:
        return None
    first = parts[0]
    return [Part(first.count + 1, f"{lead}{first.text}"), *parts[1:]]


def _glued(run: Run, sign: str, digits: str, scale: str | None) -> list[Part] | None:
    if scale is not None:
        figure = scaled(digits, scale, 0)
        return None if figure is None else priced(run, figure, sign, _behind_the_word(run, 1, sign))
    if run.key(1) in SCALES and is_foreign_decimal(digits):
        digits = digits.replace(".", ",")
    elif run.key(1) not in SCALES:
        digits = _read_foreign(digits)
    if sign != "Rp" and _FOREIGN_CENTS.fullmatch(digits):
        digits = digits.replace(".", ",")
    number = read_cardinal(run, 0, digits, glued=True)
    if number is None or number.value is None:
        return None
    return priced(run, number, sign, _behind_the_word(run, number.behind, sign))


def _read_foreign(digits: str) -> str:
    return digits.replace(",", "") if _THOUSANDS.fullmatch(digits) else digits


def _behind_the_word(run: Run, at: int, sign: str) -> int:
    suffix = read_suffix(run, at)
    return suffix.behind if suffix is not None and suffix.sign == sign else at


def half_a_scale(reader: Reader) -> Sequence[Part] | None:
    """Return *setengah juta rupiah* as an amount."""
    if reader.key() != "setengah":
        return None
    run = Run(reader)
    scale = SCALES.get(run.key(1))
    suffix = read_suffix(run, 2) if scale is not None else None
    if scale is None or suffix is None or not suffix.sign:
        return None
    number = multiple(Decimal(500), scale / 1000, 2, 1)
    return priced(run, number, suffix.sign, suffix.behind)
