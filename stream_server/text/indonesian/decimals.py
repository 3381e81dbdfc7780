"""What may stand behind a whole number: decimals, a half, one more scale. Pure."""

from __future__ import annotations

from decimal import Decimal

from stream_server.text.indonesian.figures import Figure, multiple, plain_decimal
from stream_server.text.indonesian.groups import read_group
from stream_server.text.indonesian.lexicon import MULTIPLIERS, ONE_TO_NINE, SCALE_NAMES, SCALES, ZERO
from stream_server.text.indonesian.written_numbers import MOST_DIGITS, digits_alone
from stream_server.text.numerals import INDONESIAN
from stream_server.text.runs import Run

HALF = Decimal("0.5")


def with_scale(run: Run, figure: Figure, *, glued: bool) -> Figure:
    """*Dua ribu triliun*: thousands may be multiplied again, or have decimals."""
    scale = SCALES.get(run.key(figure.behind))
    if scale is None or scale not in SCALE_NAMES or figure.value is None:
        return figure if glued else with_decimals(run, figure)
    return multiple(figure.value, scale, figure.behind + 1, figure.behind)


def with_decimals(run: Run, figure: Figure) -> Figure:
    """Return a whole number with the decimals behind it, or a half, and with the scale that is behind these."""
    value = figure.value
    if value is None or value < 0 or figure.scale or "," in figure.text:
        return figure
    key = run.key(figure.behind)
    if key == "setengah" and value >= 1:
        return _scaled(run, value + HALF, f"{figure.text},5", figure.behind + 1)
    digits, behind = _read_decimals(run, figure.behind + 1) if key == "koma" else ("", 0)
    return _scaled(run, Decimal(f"{value}.{digits}"), f"{figure.text},{digits}", behind) if digits else figure


def _scaled(run: Run, value: Decimal, text: str, behind: int) -> Figure:
    scale = SCALES.get(run.key(behind))
    if scale is None or (value >= 1000 and scale == 1000):
        return Figure(value=value, behind=behind, text=text)
    if scale in SCALE_NAMES:
        total = plain_decimal(value * scale)
        text = INDONESIAN.write(value) if value >= 1000 else text
        return Figure(value=total, behind=behind + 1, text=text, scale=SCALE_NAMES[scale], scale_at=behind)
    return with_scale(run, multiple(value, scale, behind + 1, behind), glued=False)


def _read_decimals(run: Run, at: int) -> tuple[str, int]:
    """Return the digits behind a decimal mark: one by one, or as a number, and the place behind them."""
    digits, place = "", at
    while (key := run.key(place)) in ONE_TO_NINE or key in ZERO:
        if run.key(place + 1) in MULTIPLIERS:
            break
        digits += "0" if key in ZERO else str(ONE_TO_NINE[key])
        place += 1
    if digits:
        return digits, place
    group = read_group(run, at, run.key(at))
    if group is not None:
        return str(group.value), group.behind
    digits = digits_alone(run.key(at))
    return (digits, at + 1) if len(digits) < MOST_DIGITS else ("", at)
