"""Laws of `stream_server.compat.prosa.times`."""

from __future__ import annotations

import pytest

from stream_server.compat.prosa.times import read_span, write_time
from stream_server.errors import InvalidConfiguration


def test_times_have_microseconds_and_no_zone() -> None:
    """As Prosa's server writes them."""
    assert write_time(1_730_614_904.716) == "2024-11-03T06:21:44.716000"
    assert write_time(0) == "1970-01-01T00:00:00.000000"


def test_both_days_of_a_span_are_included() -> None:
    """From the beginning of the first to the end of the last; a moment in a day means that day."""
    assert read_span({"from_date": "1970-01-02", "until_date": "1970-01-03T12:00:00Z"}) == (86_400, 3 * 86_400)
    assert read_span({"from_date": ""}) == (0, float("inf"))
    assert read_span({"until_date": "9999-12-31"})[1] < float("inf")


def test_a_bad_day_is_named() -> None:
    """The parameter is told."""
    with pytest.raises(InvalidConfiguration, match="until_date"):
        read_span({"until_date": "yesterday"})
