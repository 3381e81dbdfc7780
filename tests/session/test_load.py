"""Under load partials give way, then newcomers; finals never; and all of it comes back."""

from __future__ import annotations

import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.events import Audio, LoadChanged, Ready
from stream_server.session.load import SLOW_FACTOR, LoadGauge, LoadLevel, LoadLimits
from stream_server.session.options import SessionOptions
from tests.live_path import LivePath, new_session
from tests.session.test_session import MEETING

LIMITS = LoadLimits(slow_partials_ms=300, finals_only_ms=800, full_ms=1_500, recovery_seconds=2.0)


@pytest.mark.parametrize(
    ("wait", "level"),
    [
        (0.0, LoadLevel.NORMAL),
        (0.29, LoadLevel.NORMAL),
        (0.3, LoadLevel.SLOW_PARTIALS),
        (0.8, LoadLevel.FINALS_ONLY),
        (9.0, LoadLevel.FULL),
    ],
)
def test_a_mark_is_reached_at_once(wait: float, level: LoadLevel) -> None:
    """Going up takes one measurement, be it several steps."""
    assert LoadGauge(LIMITS).follow(wait, 0.0) is level


def test_coming_down_takes_calm_and_goes_step_by_step() -> None:
    """Each step back needs two seconds below half of its mark; a relapse begins them anew."""
    gauge = LoadGauge(LIMITS)
    gauge.follow(2.0, 0.0)
    waits = [
        (0.9, 1.0),
        (0.7, 2.0),
        (0.7, 3.9),
        (0.7, 4.0),
        (0.3, 5.0),
        (0.5, 5.5),
        (0.3, 6.0),
        (0.1, 8.0),
        (0.1, 10.0),
    ]

    assert [gauge.follow(wait, now).name for wait, now in waits] == [
        *("FULL", "FULL", "FULL", "FINALS_ONLY", "FINALS_ONLY", "FINALS_ONLY", "FINALS_ONLY"),
        *("SLOW_PARTIALS", "NORMAL"),
    ]


def heard(*levels: tuple[int, LoadLevel]) -> LivePath:
    """Stream the meeting; at each sample named a level begins to hold."""
    live = LivePath(new_session(), ScriptedEngine())
    changes = dict(levels)
    for at in range(0, len(MEETING), 1_600):
        if at in changes:
            live.session.receive_load(changes[at])
        live.send(Audio(samples=MEETING[at : at + 1_600, None]))
    live.stream(MEETING[:0], [])
    return live


def test_partials_become_rarer_and_stop_but_finals_stay() -> None:
    """The words of the finals are the same under any load."""
    calm, slow, none = heard(), heard((0, LoadLevel.SLOW_PARTIALS)), heard((0, LoadLevel.FINALS_ONLY))

    assert [final.text for final in calm.finals] == [final.text for final in slow.finals]
    assert [final.text for final in calm.finals] == [final.text for final in none.finals]
    asked = [sum(not work.final for work in live.asked) for live in (calm, slow, none)]
    assert asked[0] > 2 * asked[1] > 0 == asked[2]


def test_the_client_is_told() -> None:
    """Each change is an event with what holds now; ready comes first."""
    live = heard((0, LoadLevel.SLOW_PARTIALS), (32_000, LoadLevel.FULL), (64_000, LoadLevel.NORMAL))

    assert isinstance(live.events[0], Ready)
    assert [event for event in live.events if isinstance(event, LoadChanged)] == [
        LoadChanged(level="slow_partials", partial_interval_ms=500 * SLOW_FACTOR),
        LoadChanged(level="full", partial_interval_ms=None),
        LoadChanged(level="normal", partial_interval_ms=500),
    ]


def test_who_wants_no_partials_gets_none_when_the_load_goes() -> None:
    """The level says what the server can give, not what the client wants."""
    session = new_session(SessionOptions(partials=False))
    session.receive_load(LoadLevel.NORMAL)

    assert LoadChanged(level="normal", partial_interval_ms=None) in session.events_to_send()
