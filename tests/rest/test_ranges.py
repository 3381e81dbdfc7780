"""A request gets the part that it wants, or all of it where it wants what makes no sense."""

from __future__ import annotations

import pytest

from stream_server.rest.ranges import wanted_range

ALL = range(1_000)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-", ALL),
        ("bytes=500-", range(500, 1_000)),
        ("bytes=500-599", range(500, 600)),
        ("BYTES=500-599", range(500, 600)),
        ("bytes=999-5000", range(999, 1_000)),
        ("bytes=-1", range(999, 1_000)),
        ("bytes=-5000", ALL),
        ("bytes=1000-", None),
        ("bytes=1000-1001", None),
        ("bytes=-0", None),
        *((malformed, ALL) for malformed in ("", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "items=0-1")),
        ("bytes=0-1,5-6", ALL),
        ("bytes=" + "9" * 5_000 + "-", ALL),
        ("bytes=٣-", ALL),
    ],
)
def test_ranges(header: str, wanted: range | None) -> None:
    """As RFC 9110 has them."""
    assert wanted_range({"Range": header}, 1_000, "tag") == wanted


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [('"tag"', range(1)), ('"other"', ALL), ('W/"tag"', ALL), ("tag", ALL), ("Fri, 27 Nov 2026 06:00:00 GMT", ALL)],
)
def test_a_part_of_what_has_changed_is_not_wanted(condition: str, wanted: range) -> None:
    """Who has the beginning of something else gets all of it."""
    assert wanted_range({"Range": "bytes=0-0", "If-Range": condition}, 1_000, "tag") == wanted


def test_nothing_has_no_parts() -> None:
    """An empty recording can be had whole."""
    assert wanted_range({}, 0, "tag") == range(0)
    assert wanted_range({"Range": "bytes=0-"}, 0, "tag") is None
