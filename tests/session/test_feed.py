"""A session is fed as fast as it can hear, and what it refuses ends it alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import structlog

from stream_server.auth import ANONYMOUS
from stream_server.errors import UnexpectedMessage
from stream_server.events import Audio, Closed, Failed
from stream_server.session.feed import Feed
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from stream_server.session.record import LiveRecord
from stream_server.session.services import RunnerLimits
from stream_server.session.session import Session
from stream_server.session.state import State
from stream_server.work import DetectSpeech
from tests.live_path import LoudnessVad
from tests.session.test_runner import House

Fed = tuple[Feed, Session]


@pytest.fixture
def fed(tmp_path: Path) -> Fed:
    """Give a session and its feed, which lets two seconds wait."""
    services = replace(House(tmp_path).services, runner_limits=RunnerLimits(unheard_seconds=2.0))
    session = services.new_session("s", SessionOptions(), ANONYMOUS, limits=Limits(), granted_until=None)
    record = LiveRecord(session, services, structlog.get_logger())
    return Feed(session, services, record, structlog.get_logger()), session


def silence(seconds: float) -> Audio:
    """Return audio in which nobody speaks."""
    return Audio(samples=np.zeros((round(seconds * 16_000), 1), np.float32))


def hear(session: Session) -> None:
    """Answer whether there is speech, until nobody asks."""
    while works := [work for work in session.work_to_do() if isinstance(work, DetectSpeech)]:
        for result in LoudnessVad().run(works):
            session.receive_result(result, 0.0)


def test_audio_waits_outside_until_the_session_has_heard(fed: Fed) -> None:
    """There is room again when it has."""
    feed, session = fed
    assert feed.has_room()
    feed.give(silence(1.5))
    assert feed.has_room()
    feed.give(silence(1.5))
    assert not feed.has_room()
    hear(session)
    assert feed.has_room()


def test_what_a_session_refuses_ends_it(fed: Fed) -> None:
    """It is closed for that reason."""
    feed, session = fed
    feed.give(Audio(samples=np.zeros((160, 3), np.float32)))
    ends = [event for event in session.events_to_send() if isinstance(event, Failed | Closed)]
    assert [type(event.error) for event in ends][:1] == [UnexpectedMessage]
    assert session.state is not State.LISTENING
