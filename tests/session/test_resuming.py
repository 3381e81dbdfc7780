"""A session whose connection is cut goes on, here or elsewhere, and nothing of it is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from stream_server.asr.scripted import VOCABULARIES
from stream_server.errors import StoreUnavailable
from stream_server.journaling import JournalKeeper
from stream_server.protocol.native import NativeDialect
from stream_server.session.limits import Limits
from stream_server.session.runner import SessionRunner
from stream_server.session.serving import serve_session
from stream_server.store.journals import JournalPage, KeptJournal
from stream_server.store.memory_journals import MemoryJournals
from tests.session.test_runner import FINISH, House, Wire
from tests.session.test_session import talk

if TYPE_CHECKING:
    from stream_server.kept_audio import AudioTape

START = json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le"}, "resumable": True})
MEETING = (talk((0.5, 3.0), (4.0, 4.6), (6.0, 11.0), seconds=12.0) * 32_767).astype("<i2").tobytes()
NAMES = list(VOCABULARIES["en"])
RESUME_SECONDS = 30.0
BLOCK = 3_200
"""Bytes of a tenth of a second."""


class Journals(MemoryJournals):
    """Journals that may be away."""

    away = False

    async def write(self, pages: Any) -> Any:
        if self.away:
            raise StoreUnavailable("away")
        return await super().write(pages)


class SlowJournals(MemoryJournals):
    """Journals that are taken over, and whose events are read, when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.held = ""
        self.open = asyncio.Event()

    async def take_over(self, session_id: str, keep_seconds: float) -> KeptJournal | None:
        await self._wait("take_over")
        return await super().take_over(session_id, keep_seconds)

    async def events(self, session_id: str, after: int, limit: int) -> list[str]:
        await self._wait("events")
        return await super().events(session_id, after, limit)

    async def _wait(self, operation: str) -> None:
        self.asked.append(operation)
        if operation == self.held:
            await self.open.wait()


class Home(House):
    """A house that keeps journals; several may share a store."""

    def __init__(self, directory: Path, store: MemoryJournals | None = None, **limits: Any) -> None:
        directory.mkdir(exist_ok=True)
        super().__init__(directory, **limits)
        self.now = 0.0
        self.journals = JournalKeeper(store or Journals(), resume_seconds=RESUME_SECONDS)
        self.services = replace(self.services, journals=self.journals, monotonic=lambda: self.now)
        self.conversations: set[asyncio.Task[None]] = set()

    def connect(self, *frames: str | bytes) -> Wire:
        """Hold a conversation in the background."""
        wire = Wire(*frames)
        task = asyncio.create_task(serve_session(wire, NativeDialect(), self.services))
        self.conversations.add(task)
        task.add_done_callback(self.conversations.discard)
        return wire

    async def crash(self) -> None:
        """Stop at once, as a process that is killed: nothing more is written."""
        self.journals._store = MemoryJournals()
        for task in list(self.conversations):
            task.cancel()
        await asyncio.gather(*self.conversations, return_exceptions=True)

    def pass_time(self, seconds: float) -> None:
        """Let the clock go on, and everybody look at it."""
        self.now += seconds
        for occupant in list(self.registry._occupants.values()):
            occupant.tick()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """A home with its recorder and journals running."""
    async for found in _open(Home(tmp_path)):
        yield found


async def _open(home: Home) -> AsyncIterator[Home]:
    await home.recorder.start()
    await home.journals.start()
    yield home
    for task in list(home.conversations):
        task.cancel()
    await asyncio.gather(*home.conversations, return_exceptions=True)
    await home.journals.stop()
    await home.recorder.stop()


def wish(wire: Wire, *, token: str | None = None) -> str:
    """Return what the client of a connection says to go on."""
    ready = wire.sent[0]
    last = max((message.get("sequence", 0) for message in wire.sent), default=0)
    return resume(ready["session_id"], token or ready["resume_token"], last)


def resume(session_id: str, token: str, sequence: int) -> str:
    """Return the message `resume`."""
    return json.dumps({"type": "resume", "session_id": session_id, "resume_token": token, "last_sequence": sequence})


def durable(*wires: Wire) -> list[dict[str, Any]]:
    """Return the durable messages that several connections saw, but for what depends on the clock."""
    kinds = ("final", "revision", "flushed", "usage")
    return [
        {name: value for name, value in message.items() if name != "lag_ms"}
        for wire in wires
        for message in wire.sent
        if message["type"] in kinds
    ]


def send(wire: Wire, audio: bytes) -> None:
    """Send audio in blocks."""
    for start in range(0, len(audio), BLOCK):
        wire.incoming.put_nowait(audio[start : start + BLOCK])


async def become(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(0.005)


async def undisturbed(home: Home) -> list[dict[str, Any]]:
    """Return what a session says that nobody cuts off."""
    wire = home.connect(START)
    send(wire, MEETING)
    wire.incoming.put_nowait(FINISH)
    await wire.until("closed")
    return durable(wire)


async def cut(wire: Wire) -> None:
    """Lose the connection when all that was sent has been read."""
    wire.incoming.put_nowait(None)
    await become(wire.incoming.empty)


async def test_ready_says_how_to_come_back(home: Home) -> None:
    """With a secret that is no other session's; who did not ask gets none."""
    wires = [home.connect(START), home.connect(START), home.connect(json.dumps({"type": "start"}))]
    ready = [await wire.until("ready") for wire in wires]
    assert ready[0]["resume_seconds"] == RESUME_SECONDS
    assert ready[0]["resume_token"] != ready[1]["resume_token"]
    assert "resume_token" not in ready[2]


@pytest.mark.parametrize("seed", range(6))
async def test_cut_anywhere_the_same_process_says_the_same(home: Home, seed: int) -> None:
    """However often and wherever the connection is cut, even within a sample, the durable stream is the same."""
    whole = await undisturbed(home)
    generator = random.Random(seed)
    wires = [home.connect(START)]
    await wires[0].until("ready")
    position = 0
    for _ in range(generator.randrange(1, 5)):
        count = generator.randrange(0, len(MEETING) - position)
        send(wires[-1], MEETING[position : position + count])
        await cut(wires[-1])
        last = max((message.get("sequence", 0) for wire in wires for message in wire.sent), default=0)
        ready = wires[0].sent[0]
        wires.append(home.connect(resume(ready["session_id"], ready["resume_token"], last)))
        resumed = await wires[-1].until("resumed")
        assert resumed["recognised_again"] is False
        assert resumed["from_sample"] == (position + count) // 2
        position = 2 * resumed["from_sample"]
    send(wires[-1], MEETING[position:])
    wires[-1].incoming.put_nowait(FINISH)
    await wires[-1].until("closed")

    said = durable(*wires)
    assert spoken(said) == spoken(whole)
    assert [m["sequence"] for m in said] == [m["sequence"] for m in whole]
    assert said[-1] == whole[-1]


async def test_audio_is_acknowledged_when_it_is_safe(home: Home) -> None:
    """The position only grows, lies behind no final that is not there, and comes with silence too."""
    wire = home.connect(START)
    send(wire, MEETING)
    wire.incoming.put_nowait(json.dumps({"type": "flush", "id": "f"}))
    await wire.until("flushed")
    positions, ends = [0], [0]
    for message in wire.sent:
        if message["type"] == "acknowledged":
            positions.append(message["at_sample"])
            assert message["sequence"] >= len([end for end in ends if end > message["at_sample"]])
        if message["type"] == "final":
            ends.append(message["end_sample"])
    assert positions == sorted(set(positions))
    assert len(positions) > 1


async def test_another_process_goes_on(tmp_path: Path) -> None:
    """From what was acknowledged on; finals, numbers and usage are those of an undisturbed session."""
    store = MemoryJournals()
    first, second = Home(tmp_path / "a", store), Home(tmp_path / "b", store)
    async for one in _open(first):
        whole = await undisturbed(one)
        wire = one.connect(START)
        send(wire, MEETING[: 9 * 32_000])
        await become(lambda: wire.kinds().count("final") == 2)  # noqa: B023  # awaited at once
        await one.crash()
        async for other in _open(second):
            again = other.connect(wish(wire))
            resumed = await again.until("resumed")
            assert resumed["recognised_again"] is True
            acknowledged = [m["at_sample"] for m in wire.sent if m["type"] == "acknowledged"]
            assert max(acknowledged) <= resumed["from_sample"] <= 6 * 16_000
            send(again, MEETING[2 * resumed["from_sample"] :])
            again.incoming.put_nowait(FINISH)
            await again.until("closed")
            finals = [m for m in durable(wire, again) if m["type"] == "final"]
            assert [m["utterance_id"] for m in finals] == ["0-1", "0-2", "0-3"]
            assert spoken(finals) == spoken(whole)
            sequences = [m["sequence"] for m in durable(wire, again)]
            assert sequences == list(range(1, len(sequences) + 1))
            last = durable(again)[-1]
            assert (last["session_samples"], last["last"]) == (len(MEETING) // 2, True)
            assert last["speech_samples"] == whole[-1]["speech_samples"]


async def test_another_process_masks_what_is_secret_there(tmp_path: Path) -> None:
    """A house that began to mask names masks them in sessions that began before."""
    store = MemoryJournals()
    first, second = Home(tmp_path / "a", store), Home(tmp_path / "b", store)
    second.services = replace(second.services, redact=("names",))
    start = json.dumps(json.loads(START) | {"language": "en", "formatting": {"participants": NAMES}})
    async for one in _open(first):
        wire = one.connect(start)
        send(wire, MEETING[: 9 * 32_000])
        await become(lambda: wire.kinds().count("final") == 2)  # noqa: B023  # awaited at once
        await one.crash()
        async for other in _open(second):
            again = other.connect(wish(wire))
            resumed = await again.until("resumed")
            send(again, MEETING[2 * resumed["from_sample"] :])
            again.incoming.put_nowait(FINISH)
            await again.until("closed")
    assert all("[NAME]" not in message["text"] for message in durable(wire) if message["type"] == "final")
    (last,) = (message for message in durable(again) if message["type"] == "final")
    assert {word["text"].strip(".,") for word in last["words"]} == {"[NAME]"}


def spoken(messages: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """Return what finals say and where."""
    return [(m["text"], m["start_sample"], m["end_sample"]) for m in messages if m["type"] == "final"]


async def test_who_lost_a_session_to_another_process_ends_it(tmp_path: Path) -> None:
    """It writes nothing more, and closes its connection as resumed elsewhere."""
    store = MemoryJournals()
    async for one in _open(Home(tmp_path / "a", store)):
        async for other in _open(Home(tmp_path / "b", store)):
            wire = one.connect(START)
            await wire.until("ready")
            send(wire, MEETING[: 4 * 32_000])
            await wire.until("acknowledged")
            again = other.connect(wish(wire))
            await again.until("resumed")
            send(wire, MEETING[4 * 32_000 :])
            await become(lambda: wire.closed)  # noqa: B023  # awaited at once
            assert wire.closed == (4009, "resumed_elsewhere")
            await become(lambda: not one.conversations)  # noqa: B023  # awaited at once
            assert len(one.registry) == 0
            assert len(other.registry) == 1


async def test_a_connection_that_seems_open_is_taken_over(home: Home) -> None:
    """The client knows better: the older connection is closed, what it still had to say comes on the newer."""
    wire = home.connect(START)
    send(wire, MEETING[: 5 * 32_000])
    await wire.until("final")
    again = home.connect(wish(wire))
    await again.until("resumed")
    await become(lambda: wire.closed)
    assert wire.closed == (4009, "resumed_elsewhere")
    assert len(home.registry) == 1
    before = len(wire.sent)
    send(again, MEETING[2 * again.sent[0]["from_sample"] :])
    again.incoming.put_nowait(FINISH)
    await again.until("closed")
    assert len(wire.sent) == before


async def test_nobody_guesses_a_session(home: Home) -> None:
    """A wrong token, a wrong id and rubbish are told alike, and cost the session nothing."""
    wire = home.connect(START)
    ready = await wire.until("ready")
    for frame in (
        resume(ready["session_id"], "guessed", 0),
        resume("0" * 32, ready["resume_token"], 0),
        resume("ss:*", "\ud800".encode("utf-8", "replace").decode(), 0),
        resume("x" * 200, "y" * 200, 1 << 60),
    ):
        stranger = home.connect(frame)
        error = await stranger.until("error")
        assert (error["code"], error["retryable"]) == ("session_unknown", False)
        await stranger.until("closed")
    assert wire.closed is None
    assert wire.kinds().count("error") == 0


async def test_a_client_that_does_not_come_back_is_waited_for(home: Home) -> None:
    """For as long as was said, idle or not; then the session ends and is unknown."""
    wire = home.connect(START)
    send(wire, MEETING[: 9 * 32_000])
    await wire.until("final")
    await cut(wire)
    home.pass_time(RESUME_SECONDS - 1)
    assert len(home.registry) == 1
    home.pass_time(1)
    await become(lambda: not home.conversations)
    late = home.connect(wish(wire))
    assert (await late.until("error"))["code"] == "session_unknown"


async def test_a_finished_session_is_told_again(home: Home) -> None:
    """Its durable messages behind what was seen, and its end: also the end that nobody was there for."""
    wire = home.connect(START)
    send(wire, MEETING)
    wire.incoming.put_nowait(FINISH)
    await wire.until("closed")
    again = home.connect(resume(wire.sent[0]["session_id"], wire.sent[0]["resume_token"], 0))
    await again.until("closed")
    assert durable(again) == durable(wire)
    assert again.sent[-1] == wire.sent[-1]
    assert again.closed == (1000, "")
    behind = home.connect(wish(wire))
    await behind.until("closed")
    assert behind.kinds() == ["resumed", "closed"]


async def test_what_was_finished_ends_without_its_client(home: Home) -> None:
    """Whoever said `finish` and was cut off finds the end."""
    wire = home.connect(START)
    send(wire, MEETING)
    await wire.until("ready")
    wire.incoming.put_nowait(FINISH)
    await cut(wire)
    again = home.connect(wish(wire))
    await again.until("closed")
    assert durable(wire, again)[-1]["last"] is True
    sequences = [m["sequence"] for m in durable(wire, again)]
    assert sequences == list(range(1, len(sequences) + 1))


async def test_without_the_store_a_session_goes_on(tmp_path: Path) -> None:
    """Nothing is acknowledged, which is said once; the same process can still go on with it; then it is safe again."""
    store = Journals()
    async for home in _open(Home(tmp_path, store)):
        store.away = True
        wire = home.connect(START)
        send(wire, MEETING[: 5 * 32_000])
        await wire.until("final")
        assert wire.kinds().count("warning") == 1
        assert "acknowledged" not in wire.kinds()
        await cut(wire)
        again = home.connect(resume(wire.sent[0]["session_id"], wire.sent[0]["resume_token"], 0))
        await again.until("final")
        assert durable(again)[0] == durable(wire)[0]
        store.away = False
        home.journals.wake()
        await home.journals.flush()
        await again.until("acknowledged")


async def test_a_journal_that_the_store_lost_begins_anew(tmp_path: Path) -> None:
    """Then audio is acknowledged again, and another process goes on for whoever has seen what was lost with it."""
    store = Journals()
    async for one in _open(Home(tmp_path / "a", store)):
        whole = await undisturbed(one)
        wire = one.connect(START)
        send(wire, MEETING[: 4 * 32_000])
        await become(lambda: wire.kinds().count("final") == 1)  # noqa: B023  # awaited at once
        store._books.clear()
        send(wire, MEETING[4 * 32_000 : 9 * 32_000])
        await become(lambda: wire.kinds().count("final") == 2)  # noqa: B023  # awaited at once
        await wire.until("warning")
        send(wire, MEETING[9 * 32_000 : 11 * 32_000])
        await become(lambda: "acknowledged" in wire.kinds()[wire.kinds().index("warning") :])  # noqa: B023
        await one.crash()
        async for other in _open(Home(tmp_path / "b", store)):
            unseen = other.connect(resume(wire.sent[0]["session_id"], wire.sent[0]["resume_token"], 0))
            assert (await unseen.until("error"))["code"] == "session_unknown"
            again = other.connect(wish(wire))
            resumed = await again.until("resumed")
            send(again, MEETING[2 * resumed["from_sample"] :])
            again.incoming.put_nowait(FINISH)
            await again.until("closed")
            finals = [m for m in durable(wire, again) if m["type"] == "final"]
            assert spoken(finals) == spoken(whole)
            sequences = [m["sequence"] for m in durable(wire, again)]
            assert sequences == list(range(1, len(sequences) + 1))


async def test_a_slow_reader_may_come_back(tmp_path: Path) -> None:
    """Whoever does not read loses the connection, not the session."""
    async for home in _open(Home(tmp_path, outbound_bytes=3_000)):
        wire = home.connect(START)
        await wire.until("ready")
        wire.reading.clear()
        send(wire, MEETING)
        await become(lambda: wire.closed)  # noqa: B023  # awaited at once
        assert wire.closed is not None
        assert wire.closed[0] == 1008
        again = home.connect(wish(wire))
        send(again, MEETING[2 * (await again.until("resumed"))["from_sample"] :])
        again.incoming.put_nowait(FINISH)
        await again.until("closed")
        sequences = [m["sequence"] for m in durable(wire, again)]
        assert sequences == list(range(1, len(sequences) + 1))


async def test_a_server_that_stops_leaves_its_sessions_to_others(tmp_path: Path) -> None:
    """In mid-sentence, whoever is connected; what was finished, and what no store has, ends as all do."""
    store = Journals()
    async for one in _open(Home(tmp_path / "a", store)):
        wire, lost, done = one.connect(START), one.connect(START), one.connect(START)
        for each in (wire, lost, done):
            send(each, MEETING[: 9 * 32_000])
            await each.until("final")
        await cut(lost)
        one.held = []
        done.incoming.put_nowait(FINISH)
        await cut(done)
        await one.registry.drain(0.2)
        assert wire.closed == (1012, "server_stopping")
        assert "closed" not in wire.kinds()
        assert len(one.registry) == 0
        async for other in _open(Home(tmp_path / "b", store)):
            for each in (wire, lost):
                again = other.connect(wish(each))
                resumed = await again.until("resumed")
                assert resumed["recognised_again"] is True
                send(again, MEETING[2 * resumed["from_sample"] :])
                again.incoming.put_nowait(FINISH)
                await again.until("closed")
                ids = [m["utterance_id"] for m in durable(each, again) if m["type"] == "final"]
                assert ids == ["0-1", "0-2", "0-3"]


async def test_a_server_that_stops_without_its_store_delivers_all(tmp_path: Path) -> None:
    """Nobody else could go on."""
    store = Journals()
    async for home in _open(Home(tmp_path, store)):
        store.away = True
        wire = home.connect(START)
        send(wire, MEETING[: 9 * 32_000])
        await wire.until("final")
        await home.registry.drain(5.0)
        assert wire.kinds().count("final") == 3
        assert (wire.sent[-1]["type"], wire.sent[-1]["error"]) == ("closed", "server_stopping")


async def test_a_full_house_lets_back_in(tmp_path: Path) -> None:
    """Who has a session here is no newcomer; a newcomer is refused."""
    async for home in _open(Home(tmp_path, max_sessions=1)):
        wire = home.connect(START)
        await wire.until("ready")
        await cut(wire)
        assert home.registry.closed_to_all() is None
        assert (await home.connect(START).until("error"))["code"] == "server_full"
        await home.connect(wish(wire)).until("resumed")


async def test_a_page_of_another_process_is_not_written(tmp_path: Path) -> None:
    """The fence stands in the store, whatever a process believes."""
    store = MemoryJournals()
    async for home in _open(Home(tmp_path, store)):
        wire = home.connect(START)
        session_id = (await wire.until("ready"))["session_id"]
        await home.journals.flush()
        await store.take_over(session_id, 60.0)
        page = JournalPage(session_id=session_id, fence=1, first=1, events=("x",), keep_seconds=60.0)
        assert await store.write([page]) == ["taken"]


@pytest.mark.parametrize("held", ["take_over", "events"])
async def test_two_who_come_back_at_once_share_one_session(tmp_path: Path, held: str) -> None:
    """Whether it is being taken over, or its events are read: the later one has it, the earlier is told so."""
    store = SlowJournals()
    async for one in _open(Home(tmp_path / "a", store)):
        wire = one.connect(START)
        send(wire, MEETING[: 9 * 32_000])
        await become(lambda: wire.kinds().count("final") == 2)  # noqa: B023  # awaited at once
        await one.crash()
        async for other in _open(Home(tmp_path / "b", store)):
            store.held = held
            first = other.connect(wish(wire))
            await become(lambda: held in store.asked)
            second = other.connect(wish(wire))
            await become(second.incoming.empty)
            await asyncio.sleep(0.02)
            store.open.set()
            await second.until("resumed")
            await become(lambda: first.closed)  # noqa: B023  # awaited at once
            assert first.closed == (4009, "resumed_elsewhere")
            assert len(other.registry) == 1
            send(second, MEETING[2 * second.sent[0]["from_sample"] :])
            second.incoming.put_nowait(FINISH)
            await second.until("closed")
            sequences = [m["sequence"] for m in durable(wire, second)]
            assert sequences == list(range(1, len(sequences) + 1))
            assert durable(second)[-1]["session_samples"] == len(MEETING) // 2
            await become(lambda: not other.conversations)  # noqa: B023  # awaited at once
            assert len(other.registry) == 0


async def test_who_has_seen_more_than_the_journal_tells_begins_anew(tmp_path: Path) -> None:
    """What went out while the store was away is numbered already: another process would give the numbers twice."""
    store = Journals()
    async for one in _open(Home(tmp_path / "a", store)):
        wire = one.connect(START)
        await wire.until("ready")
        await one.journals.flush()
        store.away = True
        send(wire, MEETING[: 9 * 32_000])
        await become(lambda: wire.kinds().count("final") == 2)  # noqa: B023  # awaited at once
        await one.crash()
        store.away = False
        async for other in _open(Home(tmp_path / "b", store)):
            again = other.connect(wish(wire))
            assert (await again.until("error"))["code"] == "session_unknown"
            unseen = other.connect(resume(wire.sent[0]["session_id"], wire.sent[0]["resume_token"], 0))
            assert (await unseen.until("resumed"))["from_sample"] == 0


async def test_a_house_that_fills_meanwhile_costs_no_session(tmp_path: Path) -> None:
    """Its account stays open for the next try."""
    store = SlowJournals()
    async for one in _open(Home(tmp_path / "a", store)):
        wire = one.connect(START)
        send(wire, MEETING[: 5 * 32_000])
        await wire.until("final")
        await one.crash()
        async for other in _open(Home(tmp_path / "b", store, max_sessions=1)):
            store.held = "take_over"
            again = other.connect(wish(wire))
            await become(lambda: store.asked)
            account = other.recorder._accounts[wire.sent[0]["session_id"]]
            newcomer = other.connect(START)
            await newcomer.until("ready")
            store.open.set()
            assert (await again.until("error"))["code"] == "server_full"
            await become(lambda: len(other.conversations) == 1)  # noqa: B023  # awaited at once
            assert not account._closed
            newcomer.incoming.put_nowait(FINISH)
            await newcomer.until("closed")
            await become(lambda: not other.conversations)  # noqa: B023  # awaited at once
            await other.connect(wish(wire)).until("resumed")


async def test_a_session_that_is_closed_acknowledges_what_it_said(home: Home) -> None:
    """Who begins anew behind it begins behind its last final."""
    home.services = replace(home.services, limits=Limits(max_session_seconds=5.0))
    wire = home.connect(START)
    send(wire, MEETING)
    closed = await wire.until("closed")
    assert closed["error"] == "session_too_long"
    assert wire.kinds()[-2:] == ["acknowledged", "closed"]
    last = max(message["end_sample"] for message in durable(wire) if message["type"] == "final")
    assert last <= wire.sent[-2]["at_sample"] <= closed["at_sample"]
    assert closed["at_sample"] - wire.sent[-2]["at_sample"] < 512


async def test_audio_kept_by_then_is_whole(home: Home) -> None:
    """Whoever leaves a session to others closes its tape."""

    class Tape:
        closed = False

        def write(self, samples: object, track: int) -> None: ...

        def close(self) -> None:
            self.closed = True

    wire = home.connect(START)
    runner = home.registry.find((await wire.until("ready"))["session_id"])
    assert isinstance(runner, SessionRunner)
    tape = Tape()
    runner._record._tape = cast("AudioTape", tape)
    await home.registry.drain(0.2)
    assert runner.is_left
    assert tape.closed


async def test_nobody_comes_back_to_a_session_that_is_given_up(home: Home) -> None:
    """Not even in the turn in which its time has passed."""
    wire = home.connect(START)
    send(wire, MEETING[: 5 * 32_000])
    await wire.until("final")
    await cut(wire)
    runner = home.registry.find(wire.sent[0]["session_id"])
    assert isinstance(runner, SessionRunner)
    home.pass_time(RESUME_SECONDS)
    assert not runner.is_resumable
