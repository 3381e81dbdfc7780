"""English decimals: what stands behind a point or "and a half", and a scale behind that. Pure."""

from __future__ import annotations

from decimal import Decimal

from stream_server.text.english.digit_strings import digit_string
from stream_server.text.english.figures import KEPT_SCALE, Figure
from stream_server.text.english.hours import meridiem
from stream_server.text.english.lexicon import DIGIT_WORDS, SCALES, TEENS, TENS, UNITS, lexeme
from stream_server.text.numerals import ENGLISH
from stream_server.text.runs import Run

MOST = Decimal(10) ** 15
"""Of a number with decimals; larger ones are no amount of anything."""
_MOST_DECIMALS = 12
_PARTS = {"half": Decimal("0.5"), "quarter": Decimal("0.25")}


def decimal(run: Run, whole: Decimal, at: int) -> Figure | None:
    """Return the number that goes on with a point there: three point five, two point five million, 3 point 14."""
    if run.key(at) != "point" or whole != int(whole) or whole >= MOST:
        return None
    digits, behind = decimals(run, at + 1)
    if not digits or len(digits) > _MOST_DECIMALS:
        return None
    more, end = decimals(run, behind + 1) if run.key(behind) == "point" else ("", behind)
    if more:  # a version has points, and no value
        return Figure(whole, end, f"{int(whole)}.{digits}.{more}", coined=True)
    return scaled(run, Decimal(f"{int(whole)}.{digits}"), behind)


def half(run: Run, whole: Decimal, at: int) -> Figure | None:
    """Return the number that goes on with "and a half" there: two and a half million."""
    if run.key(at) != "and" or run.key(at + 1) != "a" or whole != int(whole):
        return None
    part = _PARTS.get(run.key(at + 2))
    return None if part is None else scaled(run, whole + part, at + 3)


def scaled(run: Run, value: Decimal, at: int) -> Figure:
    """Return a number with the scale that may stand there."""
    word = run.key(at)
    if word == "hundred":
        return Figure(value * 100, at + 1, ENGLISH.write(shortened(value * 100)))
    if word not in SCALES:
        return Figure(value, at, ENGLISH.write(value))
    total = shortened(value * SCALES[word])
    kept = SCALES[word] >= KEPT_SCALE
    return Figure(
        total, at + 1, f"{ENGLISH.write(value)} {word}" if kept else ENGLISH.write(total), word if kept else ""
    )


def decimals(run: Run, at: int) -> tuple[str, int]:
    """Return the digits that stand behind a point, and where they end: one by one, or a number below a hundred."""
    digits, place = "", at
    while (digit := DIGIT_WORDS.get(run.key(place))) is not None and meridiem(run, place + 1) is None:
        digits, place = digits + digit, place + 1
    string = digit_string(run, at)
    if string is not None and string.behind > place:
        return string.text.replace("-", ""), string.behind
    return (digits, place) if digits else _number(run, at)


def _number(run: Run, at: int) -> tuple[str, int]:
    """Return the digits of a number in words or digits, and where it ends: point twenty five."""
    key = run.key(at)
    if key.isascii() and key.isdigit():
        return (key, at + 1) if meridiem(run, at + 1) is None else ("", at)
    if key in TEENS:
        return str(TEENS[key]), at + 1
    if key in TENS:
        unit = UNITS.get(run.key(at + 1), 0)
        return str(TENS[key] + unit), at + 1 + bool(unit)
    if key == "a" and run.key(at + 1) == "hundred":
        return "100", at + 2
    joined = lexeme(key) if "-" in key else None
    return (str(joined.value), at + 1) if joined is not None and joined.value < 1000 else ("", at)


def shortened(value: Decimal) -> Decimal:
    """Return a value without the zeros that a scale leaves behind its point."""
    return value.quantize(Decimal(1)) if value == int(value) else value
