"""When a delivery is tried again, and what its ids follow from."""

from __future__ import annotations

import uuid

import pytest

from stream_server.webhooks.delivery import Attempt, after, delivery_id_of, event_id_of

SCHEDULE = (60.0, 300.0)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_delivers(status: int) -> None:
    """The receiver took it."""
    assert after(Attempt(at=10, response_status=status, elapsed_seconds=2), 0, SCHEDULE) == ("delivered", 12)


@pytest.mark.parametrize("status", [100, 199, 300, 302, 400, 410, 500, 503, None])
def test_anything_else_is_tried_again(status: int | None) -> None:
    """A redirect too: it is not followed."""
    assert after(Attempt(at=10, response_status=status, elapsed_seconds=2), 0, SCHEDULE) == ("pending", 72)


def test_the_schedule_has_an_end() -> None:
    """Each attempt has its wait; after the last one the delivery has failed."""
    failing = Attempt(at=0, trouble="timeout", elapsed_seconds=30)
    assert [after(failing, tried, SCHEDULE) for tried in range(3)] == [
        ("pending", 90),
        ("pending", 330),
        ("failed", 30),
    ]


def test_ids_follow_from_what_they_name() -> None:
    """The same job and kind of event have the same id for ever, and no other pair has it."""
    ids = [event_id_of(job, kind) for job in ("a", "b") for kind in ("stt.job.completed", "stt.job.failed")]
    assert len(set(ids)) == 4
    assert ids == [event_id_of(job, kind) for job in ("a", "b") for kind in ("stt.job.completed", "stt.job.failed")]
    assert str(uuid.UUID(ids[0])) == ids[0]
    assert delivery_id_of("e1", ids[0]) == delivery_id_of("e1", ids[0]) != delivery_id_of("e2", ids[0])
