"""Cardinals and decimals: groups with scales behind them, in words, digits or both. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from stream_server.text.indonesian.figures import Figure, multiple, plain_decimal
from stream_server.text.indonesian.groups import read_group
from stream_server.text.indonesian.lexicon import (
    MULTIPLIERS,
    ONE_OF_A_SCALE,
    ONE_TO_NINE,
    SCALE_NAMES,
    SCALES,
    ZERO,
)
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.numerals import INDONESIAN
from stream_server.text.runs import Run

MOST_DIGITS = 15
"""Of what may be a number of things: what is longer is a code, and nothing to calculate with."""

LONGEST_WRITTEN = 20
"""Characters of such a number with its marks."""

MILLION = Decimal(10**6)
HALF = Decimal("0.5")
_FOREIGN_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3}){2,}")
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
    if key.isascii() and _FOREIGN_THOUSANDS.fullmatch(key):
        return Decimal(key.replace(",", ""))
    return INDONESIAN.read(key)


def is_foreign_decimal(key: str) -> bool:
    """Tell whether a number has a point in front of its decimals, as in English; it may be a time as well."""
    return key.isascii() and len(key) <= LONGEST_WRITTEN and bool(_FOREIGN_DECIMAL.fullmatch(key))


def _counts_something(run: Run, at: int, key: str) -> bool:
    """Tell whether what is behind a number with a point says that it is a decimal one."""
    if run.key(at) in SCALES:
        return True
    suffix = read_suffix(run, at)
    return suffix is not None and not (suffix.time and key[-3] == ".")


class _Piece(NamedTuple):
    """A group and its scale; `bare` if marks or decimals say that it is complete."""

    value: Decimal
    scale: Decimal
    scale_at: int
    behind: int
    complete: bool


def read_cardinal(run: Run, at: int, key: str, *, glued: bool = False) -> Figure | None:
    """Return the number that begins at a token with this key.

    A `glued` one is digits behind a currency's sign: nothing but scales can make it longer, for what else follows an
    amount is none of it.
    """
    pieces: list[_Piece] = []
    place = at
    while (piece := _read_piece(run, place, key)) is not None:
        if len(pieces) == 1 and _multiplies(pieces[0], piece):
            value = pieces[0].value * 1000 + piece.value
            return multiple(value, piece.scale, piece.behind, piece.scale_at)
        if pieces and not _goes_on(pieces[-1], piece, glued=glued):
            break
        pieces.append(piece)
        place, key = piece.behind, run.key(piece.behind)
        if piece.complete or piece.scale == 1 or not key:
            break
    if not pieces:
        return _zero(run, at, key)
    if len(pieces) == 1:
        return _single(run, at, pieces[0], glued=glued)
    total = sum((piece.value * piece.scale for piece in pieces), Decimal(0))
    figure = Figure(value=total, behind=place, text=INDONESIAN.write(total))
    return figure if pieces[-1].scale > 1000 else _thousands(run, figure, glued=glued)


def _thousands(run: Run, figure: Figure, *, glued: bool) -> Figure:
    """*Dua ribu triliun*: thousands may be multiplied again, or have decimals."""
    scale = SCALES.get(run.key(figure.behind))
    if scale is None or scale not in SCALE_NAMES or figure.value is None:
        return figure if glued else with_decimals(run, figure)
    return multiple(figure.value, scale, figure.behind + 1, figure.behind)


def _read_piece(run: Run, at: int, key: str) -> _Piece | None:
    if key in ONE_OF_A_SCALE:
        return _Piece(Decimal(1), Decimal(ONE_OF_A_SCALE[key]), at, at + 1, complete=False)
    group = read_group(run, at, key)
    value, behind = (Decimal(group.value), group.behind) if group is not None else (written(key), at + 1)
    if value is None and is_foreign_decimal(key) and _counts_something(run, behind, key):
        value = Decimal(key)
    if value is None:
        return None
    scale = SCALES.get(run.key(behind)) if value else None
    complete = value < 1 or value >= 1000 or value != value.to_integral_value() or "." in key or "," in key
    if scale is None or (complete and abs(value) >= 1000 and scale == 1000):
        return _Piece(value, Decimal(1), 0, behind, complete)
    return _Piece(value, scale, behind, behind + 1, complete)


def _multiplies(thousands: _Piece, piece: _Piece) -> bool:
    """*Tiga ribu enam ratus triliun*: the scale is that of both."""
    return thousands.scale == 1000 and piece.scale in SCALE_NAMES and 1 <= piece.value < 1000 and not piece.complete


def _goes_on(before: _Piece, piece: _Piece, *, glued: bool) -> bool:
    """Tell whether a piece is smaller than the scale of the one before: else it begins a number of its own."""
    if piece.scale == 1 and glued and before.scale > 1000:
        return False
    return 1 <= piece.value * piece.scale < before.scale > piece.scale and (piece.scale == 1 or piece.value < 1000)


def _zero(run: Run, at: int, key: str) -> Figure | None:
    if key not in ZERO:
        return None
    figure = with_decimals(run, Figure(value=Decimal(0), behind=at + 1, text="0", plain=key != "0", written=key == "0"))
    return figure if key != "kosong" or not figure.plain else None


def _single(run: Run, at: int, piece: _Piece, *, glued: bool) -> Figure:
    if piece.scale == 1:
        return _unscaled(run, at, piece, glued=glued)
    value, behind = piece.value, piece.behind
    figure = multiple(value, piece.scale, behind, piece.scale_at)
    if piece.scale >= MILLION and not glued and not piece.complete and run.key(behind) == "setengah":
        return multiple(value + HALF, piece.scale, behind + 1, piece.scale_at)
    if run.key(at) in ONE_OF_A_SCALE:
        alone = piece.scale >= MILLION  # *sejuta* may be no number at all
        return replace(figure, plain=alone, scale_at=at) if alone else _thousands(run, figure, glued=glued)
    return _thousands(run, figure, glued=glued) if piece.scale == 1000 else figure


def _unscaled(run: Run, at: int, piece: _Piece, *, glued: bool) -> Figure:
    key = run.key(at)
    value, behind = piece.value, piece.behind
    is_written = behind == at + 1 and (key[0].isdigit() or key[0] == "-")
    text = key.replace(",", ".") if key.count(",") > 1 else key
    text = text.replace(".", ",") if is_foreign_decimal(text) else text
    text = text if is_written else INDONESIAN.write(value)
    plain = behind == at + 1 and not is_written and value < 10
    figure = Figure(value=value, behind=behind, text=text, plain=plain, written=is_written)
    return figure if glued else with_decimals(run, figure)


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
    return _thousands(run, multiple(value, scale, behind + 1, behind), glued=False)


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
    key = run.key(at)
    return (key, at + 1) if key.isascii() and key.isdigit() and len(key) < LONGEST_WRITTEN else ("", at)
