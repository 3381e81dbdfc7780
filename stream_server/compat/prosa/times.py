"""Times as Prosa's REST API writes them: no zone, microseconds; days in queries, both ends included. All UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time

from stream_server.errors import InvalidConfiguration

DAY_SECONDS = 86_400.0


def write_time(seconds: float) -> str:
    """Return a moment in Prosa's form."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def read_span(query: Mapping[str, str]) -> tuple[float, float]:
    """Return from when on and until before when things are wanted: all days of `from_date` to `until_date`."""
    first, last = _day(query, "from_date"), _day(query, "until_date")
    return 0.0 if first is None else first, float("inf") if last is None else last + DAY_SECONDS


def _day(query: Mapping[str, str], name: str) -> float | None:
    """Return when a day begins; None if none is named."""
    value = query.get(name)
    if not value:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(value), time(), UTC).timestamp()
    except ValueError:
        raise InvalidConfiguration(f"{name} must be a day as YYYY-MM-DD") from None
