"""What a client sends is passed on in order, up to what ends it; nothing is taken twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from stream_server.auth import ANONYMOUS
from stream_server.errors import BacklogExceeded, ServerStopping, StreamServerError, UnexpectedMessage
from stream_server.events import Failed
from stream_server.protocol.dialect import AudioData, Configure, Frame, Handshake, Reply
from stream_server.protocol.native import NativeDialect
from stream_server.session.feed import Feed
from stream_server.session.life import Life
from stream_server.session.limits import Limits
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.received import Received
from stream_server.session.reception import HASTE_BYTES, Reception
from stream_server.session.record import LiveRecord
from stream_server.session.services import RunnerLimits, Services
from stream_server.session.state import State
from tests.session.test_runner import FINISH, START, House

RAW = SessionOptions(audio=AudioFormat(encoding="pcm_s16le"))


class Desk:
    """The reception of one session."""

    def __init__(self, services: Services, *, resumable: bool = False) -> None:
        self.session = services.new_session("s", RAW, ANONYMOUS, limits=Limits(), granted_until=None)
        self.replies: list[Frame] = []
        self.dialect = NativeDialect()
        self.dialect.open(Handshake(path="/v1/stream"))
        self.dialect.decode(START)
        log = structlog.get_logger()
        self.life = Life("s", self.hang_up, log)
        self.reception = Reception(
            self.session,
            services,
            Feed(self.session, services, LiveRecord(self.session, services, log), log),
            Received(RAW, 0) if resumable else None,
            life=self.life,
            reply=self.replies.append,
            on_progress=self.go_on,
            log=log,
        )

    def send(self, *frames: Frame) -> None:
        """Receive frames."""
        for frame in frames:
            self.reception.receive(frame, self.dialect)

    def go_on(self) -> None:
        self.reception.advance()

    async def drained(self) -> None:
        """Wait until all has been passed on."""
        while not self.reception.is_empty:
            self.go_on()
            await asyncio.sleep(0)

    async def hang_up(self, error: StreamServerError) -> None: ...

    def refusals(self) -> list[str]:
        """Return why the session said that it ends."""
        return [event.error.code for event in self.session.events_to_send() if isinstance(event, Failed)]

    @property
    def heard(self) -> int:
        """How many samples the session was given."""
        return self.session.usage().session


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """Give a house's services."""
    return House(tmp_path).services


async def test_small_pieces_wait_for_the_pulse(services: Services) -> None:
    """A piece of a tenth of a second waits for nobody; nor does what comes with the end."""
    desk = Desk(services)
    desk.send(bytes(640))
    assert (desk.heard, desk.reception.is_empty, desk.reception.heard_from) == (0, False, True)
    desk.send(bytes(HASTE_BYTES))
    assert (desk.heard, desk.reception.is_empty) == ((640 + HASTE_BYTES) // 2, True)
    desk.send(bytes(640), FINISH)
    await desk.drained()
    assert desk.heard == (640 + HASTE_BYTES + 640) // 2
    assert desk.session.state is not State.LISTENING


async def test_a_wrong_message_ends_the_input(services: Services) -> None:
    """What came before it is heard; nothing behind it is."""
    desk = Desk(services)
    desk.send(bytes(640), '{"type":"nonsense"}', bytes(HASTE_BYTES))
    await desk.drained()
    assert (desk.heard, desk.reception.has_ended) == (320, True)
    assert desk.refusals() == [UnexpectedMessage.code]


async def test_the_input_ends_once(services: Services) -> None:
    """Whoever ends it first says why."""
    desk = Desk(services)
    desk.reception.end(ServerStopping("stopping"))
    desk.reception.end()
    desk.reception.take([AudioData(data=bytes(640))])
    await desk.drained()
    assert (desk.heard, desk.refusals()) == (0, [ServerStopping.code])


async def test_more_than_may_wait_ends_the_input(services: Services) -> None:
    """What was taken before is heard."""
    limits = RunnerLimits(spool_memory_bytes=2_000, spool_disk_bytes=0)
    desk = Desk(replace(services, runner_limits=limits))
    desk.send(bytes(1_280), bytes(1_280))
    await desk.drained()
    assert (desk.heard, desk.refusals()) == (640, [BacklogExceeded.code])


async def test_frames_go_back_and_a_second_configuration_is_nothing(services: Services) -> None:
    """What stands between and behind them is taken in order."""
    desk = Desk(services)
    audio = AudioData(data=bytes(640))
    desk.reception.take([Reply(frame="yes"), audio, Configure(options=SessionOptions()), audio])
    assert (desk.replies, desk.heard) == (["yes"], 640)


async def test_who_comes_back_sends_from_the_last_whole_sample(services: Services) -> None:
    """The half that came is forgotten."""
    desk = Desk(services, resumable=True)
    desk.send(bytes(HASTE_BYTES + 1))
    assert desk.reception.go_back() == HASTE_BYTES // 2
    desk.send(bytes(HASTE_BYTES))
    await desk.drained()
    assert desk.heard == HASTE_BYTES


async def test_a_session_that_was_given_up_takes_nothing(services: Services) -> None:
    """Although its client goes on sending."""
    desk = Desk(services)
    desk.life.give_up(ServerStopping("stopping"))
    desk.send(bytes(HASTE_BYTES))
    desk.reception.end()
    assert (desk.heard, desk.reception.has_ended, desk.reception.is_empty) == (0, True, True)
    assert desk.session.state is State.LISTENING
    await desk.life.over.wait()
