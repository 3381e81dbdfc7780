"""Events go out in order, and durable ones of a journaled session when they are safe."""

from __future__ import annotations

from typing import cast

import pytest

from stream_server.errors import StoreUnavailable
from stream_server.events import Acknowledged, Closed, Event, Flushed, NothingSaid, SpeechStarted, Warned
from stream_server.journaling import Journal
from stream_server.session.delivery import MOST_RETRACTED, Delivery

STARTED = SpeechStarted(track=0, utterance_id="0-1", at=5)
CLOSED = Closed(error=None, at=9)


class Book:
    """A journal that remembers what it was told."""

    away = False

    def __init__(self) -> None:
        self.told: list[Event] = []

    def note(self, event: Event) -> None:
        self.told.append(event)

    def end(self, closed: Closed) -> None:
        self.told.append(closed)


def durable(sequence: int) -> Flushed:
    """Return a durable event."""
    return Flushed(sequence=sequence, flush_id="f", at=sequence)


@pytest.fixture
def out() -> list[Event]:
    """Give what went out."""
    return []


def test_without_a_journal_everything_goes_out_at_once(out: list[Event]) -> None:
    """As ever."""
    delivery = Delivery(out.append, 0)
    for event in (durable(1), STARTED, CLOSED):
        delivery.take(event, None)
    assert out == [durable(1), STARTED, CLOSED]
    assert (delivery.told, delivery.is_waiting) == (1, False)


def test_what_came_to_nothing_is_remembered(out: list[Event]) -> None:
    """For whoever comes back and still shows it; not for ever."""
    delivery = Delivery(out.append, 0)
    for number in range(MOST_RETRACTED + 5):
        delivery.take(NothingSaid(track=0, utterance_id=f"0-{number}"), None)
    assert len(out) == MOST_RETRACTED + 5
    assert [event.utterance_id for event in delivery.retracted][:1] == ["0-5"]


def test_what_comes_behind_waits_with_what_is_not_safe(out: list[Event]) -> None:
    """Events up to the first that is not safe go out, in their order, and then what is acknowledged."""
    delivery, book = Delivery(out.append, 0), Book()
    for event in (STARTED, durable(1), STARTED, durable(2), CLOSED):
        delivery.take(event, cast("Journal", book))
    assert out == [STARTED]
    assert book.told == [durable(1), durable(2), CLOSED]
    delivery.kept(1, None)
    assert out[1:] == [durable(1), STARTED]
    assert (delivery.told, delivery.is_waiting) == (1, True)
    delivery.kept(2, 512)
    assert out[3:] == [durable(2), Acknowledged(at=512, sequence=2), CLOSED]
    assert delivery.acknowledged == Acknowledged(at=512, sequence=2)
    delivery.kept(2, 1024)
    assert out[-1] == CLOSED  # nothing behind the end


def test_an_away_journal_holds_nothing_back_and_is_told_once(out: list[Event]) -> None:
    """What comes meanwhile goes out at once."""
    delivery, book = Delivery(out.append, 0), Book()
    delivery.take(durable(1), cast("Journal", book))
    delivery.go_without()
    book.away = True
    delivery.take(durable(2), cast("Journal", book))
    delivery.go_without()
    assert [type(event) for event in out] == [Flushed, Warned, Flushed]
    assert isinstance(out[1], Warned)
    assert out[1].code == StoreUnavailable.code
    delivery.kept(2, 7)
    assert out[-1] == Acknowledged(at=7, sequence=2)


def test_what_somebody_else_will_say_is_not_said(out: list[Event]) -> None:
    """A session that was taken over."""
    delivery = Delivery(out.append, 3)
    delivery.take(durable(4), cast("Journal", Book()))
    delivery.drop()
    delivery.let_all_out()
    assert (out, delivery.told) == ([], 3)
