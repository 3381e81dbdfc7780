"""Tables in Markdown, for terminals and for the page alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; floats with one decimal, what could not be measured as a dash."""
    return "\n".join([_line(head), "|" + "---|" * len(head), *(_line(row) for row in rows)]) + "\n"


def ms(values: Sequence[float | None]) -> str:
    """Return milliseconds of one thing, such as its p50 and p95, for one cell."""
    return " / ".join(_cell(value if value is None or math.isnan(value) else round(value)) for value in values)


def _line(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
