"""Durable events leave in the order of their places, numbered without gaps."""

from __future__ import annotations

from stream_server.events import Flushed
from stream_server.session.transcript import Transcript


def flushed(name: str) -> Flushed:
    """Return a durable event that is easy to recognise."""
    return Flushed(sequence=0, flush_id=name, at=0)


def test_later_places_wait_for_earlier_ones() -> None:
    """Filled out of order, released in order."""
    transcript = Transcript()
    first, second = transcript.reserve(), transcript.reserve()
    second.fill(flushed("b"))
    assert transcript.release() == []
    first.fill(flushed("a"))

    assert [(e.flush_id, e.sequence) for e in transcript.release() if isinstance(e, Flushed)] == [("a", 1), ("b", 2)]


def test_place_filled_with_nothing_takes_no_number() -> None:
    """An utterance without words leaves no gap."""
    transcript = Transcript()
    first, second = transcript.reserve(), transcript.reserve()
    first.fill(None)
    second.fill(flushed("b"))

    assert [event.sequence for event in transcript.release()] == [1]
    assert transcript.is_settled
