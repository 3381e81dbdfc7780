"""Laws of `stream_server.session.meter`."""

from __future__ import annotations

from fractions import Fraction

from stream_server.session.meter import UsageSnapshot


def test_seconds_are_exact_and_tracks_are_summed() -> None:
    """Billable is the clock, whatever the tracks; a stereo minute is a minute."""
    snapshot = UsageSnapshot(clock_rate=48_000, session=16_000, tracks=(16_000, 16_000), speech=8_000)
    assert snapshot.session_seconds == Fraction(1, 3)
    assert snapshot.track_seconds == Fraction(2, 3)
    assert snapshot.speech_seconds == Fraction(1, 6)


def test_equal_marks_are_equal_snapshots() -> None:
    """A snapshot is a value: the recorder writes only what changed."""
    assert UsageSnapshot(8_000, 1, (1,), 0) == UsageSnapshot(8_000, 1, (1,), 0)
