from __future__ import annotations

from typing import Any

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.evaluate.fields import Place, check_order, read_seconds


@pytest.mark.parametrize(("value", "seconds"), [(0, 0.0), (1.5, 1.5), ("2.25", 2.25), ("1e2", 100.0)])
def test_seconds_are_numbers_or_digits(value: Any, seconds: float) -> None:
    """JSON gives numbers, lines of text give digits."""
    assert read_seconds(value, "start", Place("x")) == seconds


@pytest.mark.parametrize("value", ["", "secret", "nan", "inf", -1, "-0.1", 1e9, 10**400, True, None, [], {}])
def test_other_values_are_refused_by_name_and_place(value: Any) -> None:
    """The sentence says which field where, and never what stood there."""
    with pytest.raises(InvalidConfiguration, match=r"^the reference, line 7: start must be") as caught:
        read_seconds(value, "start", Place("the reference").line(7))
    assert "secret" not in caught.value.message


def test_a_turn_does_not_end_before_it_starts() -> None:
    """An instant is fine, the past is not."""
    check_order(1.0, 1.0, Place("x"))
    with pytest.raises(InvalidConfiguration, match=r"^x: the end is before the start$"):
        check_order(1.0, 0.9, Place("x"))
