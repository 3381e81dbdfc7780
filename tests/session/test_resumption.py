"""A session opens to its own client alone, and says what its journal holds safe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from stream_server.auth import ANONYMOUS
from stream_server.errors import StreamServerError
from stream_server.events import Acknowledged, Closed, Event, Flushed, Ready, Warned
from stream_server.protocol.native import NativeDialect
from stream_server.session.attachment import Attachment
from stream_server.session.delivery import Delivery
from stream_server.session.life import Life
from stream_server.session.limits import Limits
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.resumption import Resumption, opens
from stream_server.store.journals import KeptJournal
from tests.session.test_attachment import READY
from tests.session.test_resuming import RESUME_SECONDS, Home, Journals
from tests.session.test_runner import Wire

OPTIONS = SessionOptions(audio=AudioFormat(encoding="pcm_s16le"), resumable=True)


class Talk:
    """A session with a journal, and what it said."""

    def __init__(self, directory: Path, store: Journals, kept: KeptJournal | None = None) -> None:
        home = Home(directory, store)
        self.journals = home.journals
        self.session = home.services.new_session("s", OPTIONS, ANONYMOUS, limits=Limits(), granted_until=None)
        self.said: list[Event] = []
        self.taken = False
        self.life = Life("s", self.hang_up, structlog.get_logger())
        self.delivery = Delivery(self.said.append, 0)
        self.resumption = Resumption(
            self.session,
            home.services,
            home.journals,
            ANONYMOUS,
            kept,
            delivery=self.delivery,
            life=self.life,
            on_taken=self.be_taken,
        )

    def say(self, *events: Event) -> None:
        """Say something, as soon as it is safe."""
        for event in events:
            self.delivery.take(event, self.resumption.journal)

    def be_taken(self) -> None:
        self.taken = True

    async def hang_up(self, error: StreamServerError) -> None: ...

    def token(self) -> str:
        """Return what the client is told."""
        token = self.resumption.announced(READY).resume_token
        assert token is not None
        return token


@pytest.fixture
def store() -> Journals:
    """Give a store of journals."""
    return Journals()


@pytest.fixture
def talk(tmp_path: Path, store: Journals) -> Talk:
    """Give a session whose journal has begun."""
    return Talk(tmp_path / "a", store)


def flushed(sequence: int) -> Flushed:
    """Return a durable event."""
    return Flushed(sequence=sequence, flush_id="f", at=0)


async def test_it_opens_to_its_client_alone(talk: Talk) -> None:
    """Who has the token and the key; the token is told, and for how long it is good, not kept."""
    told: Ready = talk.resumption.announced(READY)
    assert told.resume_seconds == RESUME_SECONDS
    assert talk.resumption.opens_to(ANONYMOUS, talk.token())
    assert not talk.resumption.opens_to(ANONYMOUS, talk.token() + "x")
    assert not talk.resumption.opens_to(replace(ANONYMOUS, organisation="other"), talk.token())
    assert not talk.resumption.opens_to(replace(ANONYMOUS, key_id="k"), talk.token())
    await talk.journals.flush()
    kept = await talk.journals.find("s")
    assert kept is not None
    assert talk.token() not in repr(kept)
    assert opens(kept.head, ANONYMOUS, talk.token())


async def test_what_is_said_goes_out_when_it_is_safe(talk: Talk) -> None:
    """Only what went out can have been missed."""
    talk.say(flushed(1), flushed(2))
    assert (talk.said, await talk.resumption.missed(0)) == ([], [])
    await talk.journals.flush()
    talk.say(flushed(3))
    assert talk.said == [flushed(1), flushed(2)]
    assert await talk.resumption.missed(1) == [flushed(2)]


async def test_who_comes_back_is_told_what_it_missed(talk: Talk) -> None:
    """Behind where to go on, and with what was acknowledged last."""
    talk.delivery.acknowledged = Acknowledged(at=512, sequence=0)
    wire = Wire()
    attachment = Attachment(wire, NativeDialect(), 1_000)
    talk.resumption.greet(attachment, 7, [flushed(1)], again=False)
    attachment.tell(Closed(error=None, at=9))
    await attachment.write()
    assert wire.kinds() == ["resumed", "flushed", "acknowledged", "closed"]
    assert (wire.sent[0]["from_sample"], wire.sent[0]["recognised_again"]) == (7, False)


async def test_while_the_store_is_away_it_says_all_and_that_it_is_not_safe(talk: Talk, store: Journals) -> None:
    """Nobody waits."""
    store.away = True
    talk.say(flushed(1))
    assert not await talk.resumption.journal.is_up_to_date()
    assert [type(event) for event in talk.said] == [Flushed, Warned]


async def test_who_lost_it_says_nothing_more(talk: Talk, tmp_path: Path, store: Journals) -> None:
    """Somebody else has its journal, which opens with the same token, and says it."""
    await talk.journals.flush()
    kept = await talk.journals.take_over("s")
    assert kept is not None
    other = Talk(tmp_path / "b", store, kept)
    talk.say(flushed(1))
    await talk.journals.flush()
    assert (talk.taken, talk.said) == (True, [])
    assert other.resumption.opens_to(ANONYMOUS, talk.token())
    other.say(flushed(1))
    await other.journals.flush()
    assert (other.taken, other.said[:1]) == (False, [flushed(1)])


@pytest.mark.parametrize("is_left", [True, False])
async def test_a_session_that_did_not_end_is_left_or_forgotten(talk: Talk, *, is_left: bool) -> None:
    """Whoever leaves it has what waits written down; whoever ends it says it, safe or not."""
    await talk.journals.flush()
    talk.say(flushed(1), Closed(error=None, at=0))
    await talk.resumption.close(is_left=is_left)
    kept = await talk.journals.find("s")
    assert (kept is not None) is is_left
    if not is_left:
        assert talk.said == [flushed(1), Closed(error=None, at=0)]
