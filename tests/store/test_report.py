"""Laws of `stream_server.store.report`."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import Any

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.store.base import UsageRow
from stream_server.store.report import DIMENSIONS, group_usage, usage_csv, usage_json


def row(**changes: Any) -> UsageRow:
    """Make a row of one second."""
    values: dict[str, Any] = {
        "organisation": "acme",
        "user": "u1",
        "key_id": "k1",
        "kind": "live",
        "day": "2026-11-24",
        "clock_rate": 16_000,
        "sessions": 1,
        "billable_samples": 16_000,
        "track_samples": 32_000,
        "speech_samples": 8_000,
    }
    return UsageRow(**values | changes)


def test_different_clock_rates_sum_exactly() -> None:
    """Thirds of a second at one rate and thirds at another make a whole second."""
    rows = [row(clock_rate=48_000, billable_samples=16_000), row(clock_rate=24_000, billable_samples=16_000)]
    [total] = group_usage(rows)
    assert total.billable_seconds == Fraction(1)
    assert total.sessions == 2


def test_groups_sum_over_what_is_not_named() -> None:
    """Rows that agree in the named dimensions become one, in their order."""
    rows = [row(user="b"), row(user=None), row(user="b", day="2026-11-25"), row(user="a", kind="recording")]
    totals = group_usage(rows, ("user",))
    assert [(total.user, total.sessions, total.day) for total in totals] == [
        (None, 1, None),
        ("a", 1, None),
        ("b", 2, None),
    ]


def test_no_dimension_gives_one_total_even_of_nothing() -> None:
    """The sum over nothing is zero, not absent."""
    [total] = group_usage([], ())
    assert (total.sessions, total.billable_seconds) == (0, Fraction(0))
    assert group_usage([]) == []


def test_unknown_dimension_is_refused() -> None:
    """One can group by what rows have."""
    with pytest.raises(InvalidConfiguration, match="group_by"):
        group_usage([], ("colour",))


def test_json_rounds_once_and_shows_the_clock_face() -> None:
    """Seconds are numbers of two decimals; the face counts started seconds whole and never rolls into days."""
    rows = [row(billable_samples=102_072_60 * 160, clock_rate=16_000)]
    answer = usage_json(rows, ("organisation", "day"))
    assert json.loads(json.dumps(answer)) == {
        "rows": [
            {
                "organisation": "acme",
                "day": "2026-11-24",
                "sessions": 1,
                "billable_seconds": 102072.6,
                "billable": "28:21:13",
                "track_seconds": 2.0,
                "speech_seconds": 0.5,
            }
        ],
        "total": {
            "sessions": 1,
            "billable_seconds": 102072.6,
            "billable": "28:21:13",
            "track_seconds": 2.0,
            "speech_seconds": 0.5,
        },
    }


def test_small_parts_are_summed_before_rounding() -> None:
    """Three times four milliseconds are 0.01, not three times nothing."""
    rows = [row(billable_samples=64, key_id=str(number)) for number in range(3)]
    [total] = group_usage(rows, ())
    assert usage_json(rows)["total"]["billable_seconds"] == 0.01  # type: ignore[index]
    assert total.billable_seconds == Fraction(192, 16_000)


def test_csv_has_a_header_and_plain_numbers() -> None:
    """CSV says the same as JSON, with two decimals and empty cells for what is not known."""
    lines = list(csv.DictReader(io.StringIO(usage_csv([row(user=None)]))))
    assert lines == [
        {
            "organisation": "acme",
            "user": "",
            "key_id": "k1",
            "kind": "live",
            "day": "2026-11-24",
            "sessions": "1",
            "billable_seconds": "1.00",
            "billable": "0:00:01",
            "track_seconds": "2.00",
            "speech_seconds": "0.50",
        }
    ]
    assert usage_csv([]).count("\r\n") == 1
    assert usage_csv([], DIMENSIONS).startswith("organisation,user,key_id,kind,day,sessions,")


def test_a_users_name_never_becomes_a_formula() -> None:
    """What a spreadsheet would run is shown as text; separators are quoted."""
    text = usage_csv([row(user='=HYPERLINK("x")'), row(user='a,"b"')])
    users = [line["user"] for line in csv.DictReader(io.StringIO(text))]
    assert users == ['\'=HYPERLINK("x")', 'a,"b"']
