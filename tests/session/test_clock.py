"""The session clock maps samples and remembers when they came."""

from __future__ import annotations

from stream_server.session.clock import TrackClock


def test_samples_map_both_ways() -> None:
    """One second is one second at either rate; never beyond what was received."""
    clock = TrackClock(48_000, received=96_000)

    assert (clock.to_engine(48_000), clock.to_session(16_000)) == (16_000, 48_000)
    assert clock.to_session(1_000_000) == 96_000


def test_arrival_is_that_of_the_message_with_the_sample() -> None:
    """A sample came with the first message that reached it; what never came arrives now."""
    clock = TrackClock(16_000)
    clock.receive(1_600, 1.0)
    clock.receive(1_600, 2.0)

    assert [clock.arrival(sample, 9.0) for sample in (1_600, 1_601, 4_000)] == [1.0, 2.0, 9.0]


def test_forgetting_keeps_the_newest() -> None:
    """Memory does not grow with the meeting."""
    clock = TrackClock(16_000)
    for second in range(1_000):
        clock.receive(16_000, float(second))
        clock.forget_before(clock.received)

    assert len(clock._arrivals) <= 2


def test_tiny_messages_share_an_entry() -> None:
    """One byte per frame must not cost an entry each."""
    clock = TrackClock(16_000)
    for _ in range(16_000):
        clock.receive(1, 0.0)

    assert len(clock._arrivals) <= 22
