"""Levels change with hysteresis, and the client hears of changes only."""

from __future__ import annotations

from stream_server.session.lag import LagMeter
from stream_server.session.limits import Limits


def test_levels_rise_and_fall_with_hysteresis() -> None:
    """Going down takes half of what going up took."""
    meter = LagMeter(Limits(behind_ms=2_000, overloaded_ms=5_000, lag_check_seconds=0))
    lags = [0.5, 2.5, 1.5, 6.0, 3.0, 2.4, 0.9]
    told = [change.level for number, lag in enumerate(lags) for change in meter.check(number - lag, float(number))]

    assert told == ["behind", "overloaded", "behind", "ok"]


def test_lag_is_looked_at_now_and_then() -> None:
    """Between two checks nothing is computed or said."""
    meter = LagMeter(Limits(lag_check_seconds=1.0))

    assert meter.check(-10.0, 0.0)[0].level == "overloaded"
    assert meter.check(0.5, 0.5) == []
    assert meter.next_check == 1.0
