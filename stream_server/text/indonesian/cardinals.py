"""Cardinals: groups with scales behind them, in words, digits or both. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from stream_server.text.indonesian.decimals import HALF, with_decimals, with_scale
from stream_server.text.indonesian.figures import Figure, multiple
from stream_server.text.indonesian.groups import read_group
from stream_server.text.indonesian.lexicon import ONE_OF_A_SCALE, SCALE_NAMES, SCALES, ZERO
from stream_server.text.indonesian.written_numbers import counts_something, is_foreign_decimal, written
from stream_server.text.numerals import INDONESIAN
from stream_server.text.runs import Run

MILLION = Decimal(10**6)


class _Piece(NamedTuple):
    """A group and its scale; nothing more can belong to a `complete` one, with marks or decimals."""

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
    while (piece := _read_piece(run, place, key, words=not glued or place > at)) is not None:
        if glued and key in ONE_OF_A_SCALE:
            break
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
    return figure if pieces[-1].scale > 1000 else with_scale(run, figure, glued=glued)


def _read_piece(run: Run, at: int, key: str, *, words: bool) -> _Piece | None:
    if key in ONE_OF_A_SCALE:
        return _Piece(Decimal(1), Decimal(ONE_OF_A_SCALE[key]), at, at + 1, complete=False)
    group = read_group(run, at, key) if words else None
    value, behind = (Decimal(group.value), group.behind) if group is not None else (written(key), at + 1)
    if value is None and is_foreign_decimal(key) and counts_something(run, behind, key):
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
        return replace(figure, plain=alone, scale_at=at) if alone else with_scale(run, figure, glued=glued)
    return with_scale(run, figure, glued=glued) if piece.scale == 1000 else figure


def _unscaled(run: Run, at: int, piece: _Piece, *, glued: bool) -> Figure:
    key = run.key(at)
    value, behind = piece.value, piece.behind
    is_written = behind == at + 1 and (key[0].isdigit() or key[0] == "-")
    text = key.replace(",", ".") if key.count(",") > 1 else key
    text = text.replace(".", ",") if is_foreign_decimal(text) else text
    text = text.replace("-", "") if text[-2:-1] == "-" and len(text) > 3 else text
    text = text if is_written else INDONESIAN.write(value)
    plain = behind == at + 1 and not is_written and value < 10
    figure = Figure(value=value, behind=behind, text=text, plain=plain, written=is_written)
    return figure if glued else with_decimals(run, figure)
