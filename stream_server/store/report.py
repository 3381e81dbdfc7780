"""Turn rows of the ledger into the answer to "who used how much": grouped, as JSON values or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from stream_server.durations import clock_face, exact_seconds
from stream_server.errors import InvalidConfiguration
from stream_server.store.base import UsageRow

Dimension: TypeAlias = Literal["organisation", "user", "key_id", "kind", "day"]
Value: TypeAlias = str | int | float | None

DIMENSIONS: tuple[Dimension, ...] = ("organisation", "user", "key_id", "kind", "day")
"""What rows can be grouped by, in the order of columns."""

MEASURES = ("sessions", "billable_seconds", "billable", "track_seconds", "speech_seconds")
"""The columns behind: `billable` is `billable_seconds` as H:MM:SS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTotal:
    """The sum over one group; a dimension that was summed over is None. Seconds are exact."""

    organisation: str | None = None
    user: str | None = None
    key_id: str | None = None
    kind: str | None = None
    day: str | None = None
    sessions: int
    billable_seconds: Fraction
    track_seconds: Fraction
    speech_seconds: Fraction


def group_usage(rows: Iterable[UsageRow], by: Sequence[str] = DIMENSIONS) -> list[UsageTotal]:
    """Sum rows that agree in every dimension of `by`, in the order of these dimensions; none named: one total.

    Raises `InvalidConfiguration` for an unknown dimension.
    """
    if not set(by) <= set(DIMENSIONS):
        raise InvalidConfiguration(f"group_by takes {', '.join(DIMENSIONS)}")
    groups: dict[tuple[str | None, ...], list[UsageRow]] = {} if by else {(): []}
    for row in rows:
        groups.setdefault(tuple(getattr(row, name) for name in by), []).append(row)
    ordered = sorted(groups.items(), key=lambda group: [value or "" for value in group[0]])
    return [_total(dict(zip(by, identity, strict=True)), members) for identity, members in ordered]


def usage_values(total: UsageTotal, by: Sequence[str] = DIMENSIONS) -> dict[str, Value]:
    """Return a total as JSON values: seconds with two decimals, rounded once from the exact sum."""
    values: dict[str, Value] = {name: getattr(total, name) for name in DIMENSIONS if name in by}
    return values | {
        "sessions": total.sessions,
        "billable_seconds": _two_decimals(total.billable_seconds),
        "billable": clock_face(total.billable_seconds),
        "track_seconds": _two_decimals(total.track_seconds),
        "speech_seconds": _two_decimals(total.speech_seconds),
    }


def usage_json(rows: Sequence[UsageRow], by: Sequence[str] = DIMENSIONS) -> dict[str, object]:
    """Return the whole answer as JSON values: `rows` by group, and the `total` over all of them."""
    [everything] = group_usage(rows, ())
    return {
        "rows": [usage_values(total, by) for total in group_usage(rows, by)],
        "total": usage_values(everything, ()),
    }


def usage_csv(rows: Sequence[UsageRow], by: Sequence[str] = DIMENSIONS) -> str:
    """Return the groups as CSV with a header line; every number has two decimals, line ends are CRLF (RFC 4180)."""
    names = [*(name for name in DIMENSIONS if name in by), *MEASURES]
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    for total in group_usage(rows, by):
        writer.writerow({name: _cell(value) for name, value in usage_values(total, by).items()})
    return text.getvalue()


def _total(identity: dict[str, str | None], rows: Sequence[UsageRow]) -> UsageTotal:
    """Sum exactly, whatever the clock rates."""
    return UsageTotal(
        **identity,
        sessions=sum(row.sessions for row in rows),
        billable_seconds=sum((exact_seconds(row.billable_samples, row.clock_rate) for row in rows), Fraction()),
        track_seconds=sum((exact_seconds(row.track_samples, row.clock_rate) for row in rows), Fraction()),
        speech_seconds=sum((exact_seconds(row.speech_samples, row.clock_rate) for row in rows), Fraction()),
    )


def _two_decimals(seconds: Fraction) -> float:
    return float(round(seconds, 2))


def _cell(value: Value) -> str:
    """Write numbers plainly; keep a text that a spreadsheet would take for a formula from being one."""
    if isinstance(value, float):
        return f"{value:.2f}"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
