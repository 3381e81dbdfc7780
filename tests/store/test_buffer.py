"""Laws of `stream_server.store.buffer`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stream_server.store.base import UsageMark
from stream_server.store.buffer import MarkBuffer

MARK = UsageMark(
    session_id="s1",
    organisation="acme",
    user="u1",
    key_id="k1",
    kind="live",
    day="2026-11-24",
    clock_rate=16_000,
    session=100,
    tracks=(100, 90),
    speech=10,
    quota_period="life",
    granted=160_000,
    closed=True,
)


def test_marks_come_back_whole_after_a_restart(tmp_path: Path) -> None:
    """What was put is there for the next process, to the last field."""
    buffer = MarkBuffer(tmp_path)
    buffer.put([MARK])
    buffer.close()
    again = MarkBuffer(tmp_path)
    assert again.first(10) == [MARK]
    again.close()


def test_only_the_latest_mark_of_a_session_and_day_is_kept(tmp_path: Path) -> None:
    """A later mark takes the earlier one's place; an earlier one does not come back; days stay apart."""
    buffer = MarkBuffer(tmp_path)
    later = replace(MARK, session=200)
    tomorrow = replace(MARK, session=300, day="2026-11-25")
    buffer.put([MARK, later, tomorrow])
    buffer.put([MARK])
    assert buffer.first(10) == [later, tomorrow]
    assert len(buffer) == 2
    buffer.close()


def test_earlier_days_come_first(tmp_path: Path) -> None:
    """Delivery follows the days, so that each gets its own share."""
    buffer = MarkBuffer(tmp_path)
    days = ["2026-11-26", "2026-11-24", "2026-11-25"]
    buffer.put([replace(MARK, day=day) for day in days])
    assert [mark.day for mark in buffer.first(2)] == ["2026-11-24", "2026-11-25"]
    buffer.close()


def test_a_mark_replaced_during_delivery_stays(tmp_path: Path) -> None:
    """Dropping what was delivered leaves what came meanwhile."""
    buffer = MarkBuffer(tmp_path)
    buffer.put([MARK])
    delivered = buffer.first(10)
    newer = replace(MARK, session=101)
    buffer.put([newer])
    buffer.drop(delivered)
    assert buffer.first(10) == [newer]
    buffer.drop([newer])
    assert len(buffer) == 0
    buffer.close()
