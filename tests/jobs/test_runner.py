"""A recording is fed as its backlog allows, gives way to everybody live, and ends once, well or not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from stream_server.auth import Principal
from stream_server.errors import EngineFailed, QuotaExceeded, ServerStopping
from stream_server.events import Closed, Partial, Ready, RenameSpeaker, Usage
from stream_server.jobs import runner as runner_module
from stream_server.session.load import LoadLevel
from stream_server.session.options import AudioFormat
from stream_server.store.memory import MemoryStore
from stream_server.work import Hypothesis, HypothesisWord, Transcribe
from tests.jobs.house import OPTIONS, RATE, House, blocks, finals, talk
from tests.live import make_key

MEETING = talk((0.5, 3.0), (6.0, 9.5), (13.0, 14.0), seconds=17.0)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Give services with a scripted engine."""
    return House(tmp_path)


async def test_a_recording_is_a_session_without_partials(house: House) -> None:
    """Everything said comes as finals in order, all of it is counted, and it closes well."""
    runner, events = await house.runner()
    assert await runner.run(blocks(MEETING)) is None
    assert isinstance(events[0], Ready)
    assert events[-1] == Closed(error=None, at=len(MEETING))
    assert [round(final.start / RATE) for final in finals(events)] == [0, 6, 13]
    assert not any(isinstance(event, Partial) for event in events)
    (usage,) = (event for event in events if isinstance(event, Usage))
    assert (usage.session, usage.last) == (len(MEETING), True)
    assert runner.seconds_done == 17.0


async def test_its_words_give_way(house: House) -> None:
    """Every window is asked for once, when the utterance is over, as a finished recording's."""
    runner, _ = await house.runner()
    await runner.run(blocks(MEETING))
    assert [(work.final, work.background) for work in house.asked] == [(True, True)] * 3


async def test_channels_are_tracks(house: House) -> None:
    """Each has finals of its own."""
    both = talk((0.5, 3.0), seconds=8.0).repeat(2, axis=1)
    both[:, 1] = talk((4.0, 6.0), seconds=8.0)[:, 0]
    options = replace(OPTIONS, audio=AudioFormat(sample_rate=RATE, channels=2))
    runner, events = await house.runner(options=options)
    assert await runner.run(blocks(both)) is None
    assert [(final.track, round(final.start / RATE)) for final in finals(events)] == [(0, 0), (1, 4)]


async def test_an_empty_recording_ends_at_once(house: House) -> None:
    """Nothing in, nothing out."""
    runner, events = await house.runner()
    assert await runner.run(blocks(MEETING[:0])) is None
    assert events[-1] == Closed(error=None, at=0)


async def test_feeding_waits_for_what_is_out(house: House) -> None:
    """No more is taken of the file than may wait, and it goes on as soon as there is room."""
    house.held = []
    fed = []

    async def counted() -> object:
        async for block in blocks(talk((0.5, 3.0), seconds=60.0)):
            fed.append(len(block))
            yield block

    runner, _ = await house.runner(ahead_seconds=10.0, options=replace(OPTIONS, language="en"))
    running = asyncio.create_task(runner.run(counted()))  # type: ignore[arg-type]  # an async generator
    await house.holding.wait()
    for _ in range(200):
        await asyncio.sleep(0)
    assert 10 <= len(fed) <= 16  # the utterance ends at 5 s: only then is it known to wait
    assert runner.seconds_done < 1.0
    house.let_go()
    assert await running is None
    assert len(fed) == 60


async def test_a_quota_ends_it_where_it_is_used_up(tmp_path: Path) -> None:
    """To the sample; what was said until then is there, and the client is told why."""
    store = MemoryStore()
    house = House(tmp_path, store=store)
    await make_key(store, "acme", quota_seconds=7)
    (key,) = await store.list_keys("acme")
    principal = Principal(organisation="acme", key_id=key.id, quota_seconds=7, quota_period=key.quota_period)
    runner, events = await house.runner(principal)
    error = await runner.run(blocks(MEETING))
    assert isinstance(error, QuotaExceeded)
    assert events[-1] == Closed(error=error, at=7 * RATE)
    assert [round(final.end / RATE) for final in finals(events)] == [3, 7]


async def test_stopping_leaves_it_to_others(house: House) -> None:
    """At once, with nothing lost that was recognised; whatever is asked afterwards does no harm."""
    house.held = []
    runner, _ = await house.runner()
    running = asyncio.create_task(runner.run(blocks(MEETING)))
    await house.holding.wait()
    runner.stop()
    runner.abort()
    assert isinstance(await running, ServerStopping)
    runner.tick()
    runner.advance()
    runner.receive_load(LoadLevel.FULL)


async def test_what_reading_raises_is_raised(house: House) -> None:
    """A file that breaks is its owner's to hear of."""

    async def broken() -> object:
        yield MEETING[:RATE]
        raise OSError("the disk is gone")

    runner, _ = await house.runner()
    with pytest.raises(OSError, match="gone"):
        await runner.run(broken())  # type: ignore[arg-type]  # an async generator


async def test_an_error_of_ours_costs_this_recording_alone(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """It ends with an internal error that quotes nothing of what was said."""
    runner, events = await house.runner()

    def break_down(_event: object) -> None:
        events.clear()
        raise ValueError("secret words")

    runner._on_event = break_down
    error = await runner.run(blocks(MEETING))
    assert error is not None
    assert error.code == "internal_error"
    assert "secret" not in error.message


async def test_nothing_heard_for_long_ends_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that never answers fails the recording instead of keeping its place for ever."""
    monkeypatch.setattr(runner_module, "STALLED_SECONDS", 0.0)
    house.held = []
    runner, _ = await house.runner()
    with pytest.raises(EngineFailed):
        await runner.run(blocks(MEETING))


async def test_a_speaker_is_renamed_while_it_runs(house: House) -> None:
    """Until it has ended: then its record is changed instead."""
    house.held = []
    runner, events = await house.runner()
    running = asyncio.create_task(runner.run(blocks(MEETING)))
    await house.holding.wait()
    assert house.registry.tell("r1", RenameSpeaker(speaker=1, name="Ann"))
    house.let_go()
    assert await running is None
    assert "Revised" in {type(event).__name__ for event in events}
    assert not house.registry.tell("r1", RenameSpeaker(speaker=1, name="Bo"))


# ── its language ────────────────────────────────────────────────────────────────────────────────────────────────────


def in_german_if_long(work: Transcribe) -> Hypothesis:
    """Take short windows for English unless told."""
    language = work.language or ("de" if len(work.audio) >= 3 * RATE else "en")
    word = HypothesisWord(text="Hallo", tokens=(), probability=0.9, start=0, end=len(work.audio))
    return Hypothesis(words=(word,), language=language)


@pytest.mark.parametrize("delay", [0, 3, 50])
async def test_short_utterances_are_in_the_language_of_the_first_long_one(house: House, delay: int) -> None:
    """Whenever answers come: what follows the first long utterance is asked for in its language."""
    house.hear = in_german_if_long
    submit = house.services.submit

    async def later(work: Transcribe) -> None:
        for _ in range(delay):
            await asyncio.sleep(0)
        submit(work)

    tasks = []

    def slowly(work: object) -> None:
        if isinstance(work, Transcribe):
            tasks.append(asyncio.ensure_future(later(work)))
        else:
            submit(work)  # type: ignore[arg-type]

    house.services = replace(house.services, submit=slowly)
    audio = talk((0.5, 1.5), (5.0, 9.0), (20.0, 21.0), (30.0, 31.0), (40.0, 45.0), (50.0, 51.0), seconds=60.0)
    runner, events = await house.runner()
    assert await runner.run(blocks(audio)) is None
    await asyncio.gather(*tasks)
    languages = [final.language for final in finals(events)]
    assert languages[1:] == ["de"] * 5
    assert [work.language for work in house.asked][2:] == ["de", "de", None, "de"]
