"""Laws of the worker: every piece of work is answered exactly once, whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.asr.worker import FAILURES_BEFORE_PROBE, BatchWorker, Runner, as_result
from stream_server.errors import EngineFailed, ServerStopping
from stream_server.work import (
    DetectSpeech,
    Hypothesis,
    Result,
    SpeechDetected,
    Transcribe,
    Transcribed,
    WorkDropped,
    WorkFailed,
    initial_vad_state,
)

NOISE = np.full(16_000, 0.1, dtype=np.float32)
PATIENCE = 60.0


def window(session: str = "a", number: int = 0, *, final: bool = True, utterance: str = "u") -> Transcribe:
    """Ask for a second of sound."""
    return Transcribe(
        session_id=session, work_id=number, track=0, utterance_id=utterance, audio=NOISE, start=0, final=final
    )


class Inbox:
    """Collects results and lets a test wait for a number of them."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._changed = threading.Condition()

    def __call__(self, results: list[Result]) -> None:
        with self._changed:
            self.results += results
            self._changed.notify_all()

    def wait(self, count: int) -> list[Result]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.results) >= count, PATIENCE)
            return list(self.results)

    def by_id(self, count: int) -> dict[int, Result]:
        results = self.wait(count)
        assert len({result.work_id for result in results}) == len(results)
        return {result.work_id: result for result in results}


class Gated:
    """A runner that waits for permission, so that a test decides what gathers meanwhile."""

    def __init__(self, outcome: Callable[[Any], object] | None = None) -> None:
        self.entered, self.may_go = threading.Semaphore(0), threading.Semaphore(0)
        self.batches: list[list[int]] = []
        self.outcome = outcome or (lambda item: Hypothesis(words=(), language="en"))

    def bucket(self, item: Any) -> str:
        return "one"

    def run(self, batch: Sequence[Any]) -> list[object]:
        self.batches.append([item.work_id for item in batch])
        self.entered.release()
        assert self.may_go.acquire(timeout=PATIENCE)
        return [self.outcome(item) for item in batch]

    def until_busy(self) -> None:
        assert self.entered.acquire(timeout=PATIENCE)


def by_business(one: Gated, other: Gated) -> tuple[Gated, Gated]:
    """Return the first of two to begin, and the one that is idle."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for busy, idle in ((one, other), (other, one)):
            if busy.entered.acquire(timeout=0.01):
                return busy, idle
    raise AssertionError("nobody has begun")


@pytest.fixture
def inbox() -> Inbox:
    """Where a test's results go."""
    return Inbox()


Workers = Callable[..., BatchWorker]


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Stops whatever a test started."""
    started: list[BatchWorker] = []

    def start(runner: Runner, deliver: Callable[[list[Result]], None], **options: Any) -> BatchWorker:
        worker = BatchWorker("test", runner, deliver, **{"gather_ms": 0.0, **options})
        worker.start()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        for model in worker._models:
            if isinstance(model.runner, Gated):
                model.runner.may_go.release(1000)
        worker.stop(drain=False, timeout=PATIENCE)
        assert not worker.alive


def test_work_comes_back_with_its_id(inbox: Inbox, workers: Workers) -> None:
    """A result names the session and the work that it answers."""
    workers(ScriptedEngine(), inbox).submit(window("s", 7))
    (result,) = inbox.wait(1)
    assert isinstance(result, Transcribed)
    assert (result.session_id, result.work_id) == ("s", 7)
    assert result.hypothesis.words


def test_what_arrives_while_a_batch_runs_shares_the_next(inbox: Inbox, workers: Workers) -> None:
    """Batches form by themselves under load."""
    runner = Gated()
    worker = workers(runner, inbox)
    worker.submit(window("a", 1))
    runner.until_busy()
    for number in range(2, 6):
        worker.submit(window(str(number), number))
    runner.may_go.release(2)
    inbox.wait(5)
    assert runner.batches == [[1], [2, 3, 4, 5]]


def test_a_full_batch_does_not_wait_for_company(inbox: Inbox, workers: Workers) -> None:
    """Gathering ends when the batch is full, however long it may last."""
    worker = workers(ScriptedEngine(), inbox, gather_ms=1e9, max_batch=2)
    worker.submit(window("a", 1))
    worker.submit(window("b", 2))
    assert len(inbox.wait(2)) == 2


def test_gathering_ends_by_the_clock(inbox: Inbox, workers: Workers) -> None:
    """The first item waits no longer than the gathering time."""
    ticks = iter(range(0, 10_000, 10))
    worker = workers(ScriptedEngine(), inbox, gather_ms=5_000.0, clock=lambda: float(next(ticks)))
    worker.submit(window("a", 1))
    assert len(inbox.wait(1)) == 1


def test_a_failing_batch_is_retried_item_by_item(inbox: Inbox, workers: Workers) -> None:
    """One bad clip costs one session: its neighbours get their words."""
    engine = ScriptedEngine(break_on=lambda item: item.work_id == 3)

    class Both(Gated):
        def run(self, batch: Sequence[Any]) -> Any:
            super().run(batch)
            return engine.run(batch)

    runner = Both()
    worker = workers(runner, inbox)
    worker.submit(window("a", 1))
    runner.until_busy()
    for number in (2, 3, 4):
        worker.submit(window(str(number), number))
    runner.may_go.release(100)
    results = inbox.by_id(4)
    assert runner.batches == [[1], [2, 3, 4], [2], [3], [4]]
    assert isinstance(results[3], WorkFailed)
    assert all(isinstance(results[number], Transcribed) for number in (1, 2, 4))


def test_an_item_that_fails_alone_is_retried_once(inbox: Inbox, workers: Workers) -> None:
    """A batch of one gets its second chance too, and no third."""
    attempts = []

    class Failing(ScriptedEngine):
        def run(self, batch: Sequence[Any]) -> Any:
            attempts.append(len(batch))
            raise ValueError("spoken words must not leak")

    workers(Failing(), inbox).submit(window())
    (result,) = inbox.wait(1)
    assert attempts == [1, 1]
    assert isinstance(result, WorkFailed)
    assert isinstance(result.error, EngineFailed)
    assert "spoken" not in result.error.message


def test_a_wrong_number_of_outcomes_is_a_failure(inbox: Inbox, workers: Workers) -> None:
    """An engine that loses an item cannot shift results to the wrong session."""

    class Lossy(ScriptedEngine):
        def run(self, batch: Sequence[Any]) -> Any:
            return []

    workers(Lossy(), inbox).submit(window())
    assert isinstance(inbox.wait(1)[0], WorkFailed)


def test_overtaken_partials_are_answered_as_dropped(inbox: Inbox, workers: Workers) -> None:
    """Every partial is answered, the pointless ones with `WorkDropped`."""
    runner = Gated()
    worker = workers(runner, inbox)
    worker.submit(window("z", 0))
    runner.until_busy()
    worker.submit(window("a", 1, final=False))
    worker.submit(window("a", 2, final=False))
    worker.submit(window("a", 3))
    runner.may_go.release(10)
    results = inbox.by_id(4)
    assert isinstance(results[1], WorkDropped)
    assert isinstance(results[2], WorkDropped)
    assert isinstance(results[3], Transcribed)


def test_cancel_drops_what_waits(inbox: Inbox, workers: Workers) -> None:
    """A closed session's waiting work is answered and not run."""
    runner = Gated()
    worker = workers(runner, inbox)
    worker.submit(window("z", 0))
    runner.until_busy()
    worker.submit(window("a", 1))
    worker.submit(window("b", 2))
    worker.cancel("a")
    runner.may_go.release(10)
    results = inbox.by_id(3)
    assert isinstance(results[1], WorkDropped)
    assert runner.batches == [[0], [2]]


def test_stop_with_draining_finishes_the_work(inbox: Inbox, workers: Workers) -> None:
    """Finals of everything already received are delivered before the thread ends."""
    worker = workers(ScriptedEngine(), inbox, max_batch=2)
    for number in range(9):
        worker.submit(window(str(number), number))
    worker.stop(drain=True, timeout=PATIENCE)
    assert len(inbox.results) == 9
    assert all(isinstance(result, Transcribed) for result in inbox.results)
    assert not worker.alive


def test_stop_without_draining_answers_everything(inbox: Inbox, workers: Workers) -> None:
    """What is given up is told so; what runs is finished."""
    runner = Gated()
    worker = workers(runner, inbox)
    worker.submit(window("a", 0))
    runner.until_busy()
    worker.submit(window("b", 1))
    stopper = threading.Thread(target=worker.stop, args=(False, PATIENCE))
    stopper.start()
    assert isinstance(inbox.by_id(1)[1], WorkFailed)
    runner.may_go.release()
    stopper.join(PATIENCE)
    results = inbox.by_id(2)
    assert isinstance(results[0], Transcribed)
    assert isinstance(results[1], WorkFailed)
    assert isinstance(results[1].error, ServerStopping)


def test_work_after_stop_is_refused_at_once(inbox: Inbox, workers: Workers) -> None:
    """Nobody waits for a worker that has ended."""
    worker = workers(ScriptedEngine(), inbox)
    worker.stop(drain=True, timeout=PATIENCE)
    worker.submit(window("a", 5))
    (result,) = inbox.results
    assert isinstance(result, WorkFailed)
    assert isinstance(result.error, ServerStopping)


def test_a_worker_that_never_started_answers_at_stop(inbox: Inbox) -> None:
    """Even work that no thread ever saw is answered."""
    worker = BatchWorker("idle", ScriptedEngine(), inbox)
    worker.submit(window())
    worker.stop(drain=True)
    assert isinstance(inbox.results[0], WorkFailed)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dying_thread_answers_all_and_says_so(inbox: Inbox, workers: Workers) -> None:
    """What was running and what waited is answered, and the process hears of the death."""
    deaths: list[BaseException] = []

    class Deadly(Gated):
        def run(self, batch: Sequence[Any]) -> Any:
            super().run(batch)
            raise SystemExit(3)

    runner = Deadly()
    worker = workers(runner, inbox, on_death=deaths.append)
    worker.submit(window("a", 1))
    runner.until_busy()
    worker.submit(window("b", 2))
    runner.may_go.release()
    results = inbox.by_id(2)
    assert all(isinstance(result, WorkFailed) for result in results.values())
    worker._threads[0].join(PATIENCE)
    assert isinstance(deaths[0], SystemExit)
    assert not worker.alive


def test_a_broken_model_ends_the_worker(inbox: Inbox, workers: Workers) -> None:
    """When batch after batch fails, the probe tells whether the model itself is broken."""
    died = threading.Event()

    def probe(_: object) -> None:
        raise RuntimeError("CUDA error")

    engine = ScriptedEngine(fail_on=lambda item: True)
    worker = workers(engine, inbox, probe=probe, on_death=lambda _: died.set())
    for number in range(FAILURES_BEFORE_PROBE):
        worker.submit(window("a", number))
        inbox.wait(number + 1)
    assert died.wait(PATIENCE)


def test_bad_input_does_not_end_the_worker(inbox: Inbox, workers: Workers) -> None:
    """Failures of input alone leave the worker alive: the probe works."""
    probed = threading.Event()
    worker = workers(ScriptedEngine(fail_on=lambda item: item.work_id < 100), inbox, probe=lambda _: probed.set())
    for number in range(FAILURES_BEFORE_PROBE):
        worker.submit(window("a", number))
        inbox.wait(number + 1)
    assert probed.wait(PATIENCE)
    worker.submit(window("a", 100))
    assert isinstance(inbox.wait(FAILURES_BEFORE_PROBE + 1)[-1], Transcribed)


def test_batches_are_observed(inbox: Inbox, workers: Workers) -> None:
    """Metrics learn the kind, the size and the times of each batch."""
    seen, done = [], threading.Event()

    def observe(kind: str, size: int, run_seconds: float, waited: list[float]) -> None:
        seen.append((kind, size, run_seconds >= 0, len(waited)))
        done.set()

    workers(ScriptedEngine(), inbox, on_batch=observe).submit(window("a", 1, final=False))
    assert done.wait(PATIENCE)
    assert seen == [("partial", 1, True, 1)]


def test_the_same_worker_serves_speech_detection(inbox: Inbox, workers: Workers) -> None:
    """A ready-made result is handed on as it is."""

    def answer(item: DetectSpeech) -> SpeechDetected:
        return SpeechDetected(
            session_id=item.session_id, work_id=item.work_id, probabilities=np.ones(1, np.float32), state=item.state
        )

    runner = Gated(answer)
    runner.may_go.release(100)
    worker = workers(runner, inbox, max_batch=256)
    for number in range(200):
        worker.submit(DetectSpeech(session_id=str(number), work_id=number, audio=NOISE, state=initial_vad_state()))
    assert all(isinstance(result, SpeechDetected) for result in inbox.by_id(200).values())


def test_outcomes_become_answers() -> None:
    """An engine's errors keep their place in the tree; foreign ones show their type alone."""
    assert as_result(window(), EngineFailed("why")).error.message == "why"
    assert "ZeroDivisionError" in as_result(window(), ZeroDivisionError("secret words")).error.message


def test_replicas_share_one_backlog(inbox: Inbox, workers: Workers) -> None:
    """Work goes to whoever is free; each piece is done once, a batch is shared among the idle."""
    first, second = Gated(), Gated()
    worker = workers(first, inbox, replicas=[second], max_batch=8)
    worker.submit(window("a", 1))
    busy, idle = by_business(first, second)
    for number in (2, 3, 4):
        worker.submit(window("b", number, utterance=str(number)))
    idle.until_busy()
    idle.may_go.release(10)
    busy.may_go.release(10)

    assert sorted(inbox.by_id(4)) == [1, 2, 3, 4]
    assert busy.batches[0] == [1]
    assert sorted(number for batch in busy.batches + idle.batches for number in batch) == [1, 2, 3, 4]


def test_idle_replicas_divide_what_waits(inbox: Inbox, workers: Workers) -> None:
    """Four windows for two idle models are two batches of two."""
    first, second = Gated(), Gated()
    worker = BatchWorker("test", first, inbox, replicas=[second], gather_ms=0)
    for number in range(4):
        worker.submit(window(f"s{number}", number))
    worker.start()
    first.until_busy()
    second.until_busy()
    first.may_go.release(10)
    second.may_go.release(10)
    inbox.wait(4)
    worker.stop(drain=True, timeout=PATIENCE)

    assert sorted(len(batch) for batch in first.batches + second.batches) == [2, 2]


def test_one_broken_replica_ends_the_worker(inbox: Inbox, workers: Workers) -> None:
    """Its thread's death is everybody's: what waits is answered, what the others run is delivered."""

    def die(_: object) -> object:
        raise SystemExit

    broken, healthy, died = Gated(die), Gated(), threading.Event()
    worker = workers(broken, inbox, replicas=[healthy], on_death=lambda _: died.set())
    worker.submit(window("a", 1))
    worker.submit(window("b", 2))
    broken.until_busy()
    healthy.until_busy()
    worker.submit(window("c", 3))
    broken.may_go.release()
    assert died.wait(PATIENCE)
    healthy.may_go.release(10)
    results = inbox.by_id(3)
    worker.submit(window("d", 4))

    assert sorted(type(result).__name__ for result in results.values()) == ["Transcribed", "WorkFailed", "WorkFailed"]
    assert isinstance(inbox.by_id(4)[4], WorkFailed)


def test_partials_that_are_dear_run_few_at_a_time(inbox: Inbox, workers: Workers) -> None:
    """Once a partial is known to take 100 ms, two make a batch of 250 ms; finals are not held back."""
    now = [0.0]

    def slowly(item: Transcribe) -> Hypothesis:
        now[0] += 0.1
        return Hypothesis(words=(), language="en")

    runner = Gated(slowly)
    worker = workers(runner, inbox, clock=lambda: now[0], partial_deadline_ms=60_000, partial_batch_ms=250)
    runner.may_go.release(100)
    worker.submit(window("first", 0, final=False))
    inbox.wait(1)
    blocker = Gated(slowly)
    worker._models[0].runner = blocker
    worker.submit(window("block", 1))
    blocker.until_busy()
    for number in range(2, 8):
        worker.submit(window(f"p{number}", number, final=False))
    for number in range(8, 12):
        worker.submit(window(f"f{number}", number))
    blocker.may_go.release(100)
    inbox.wait(12)

    assert blocker.batches == [[1], [8, 9, 10, 11], [2, 3], [4, 5], [6, 7]]


def test_partials_leave_a_model_to_finals(inbox: Inbox, workers: Workers) -> None:
    """However many partials wait, a final begins at once on the model that is kept free of them."""
    first, second = Gated(), Gated()
    worker = workers(first, inbox, replicas=[second], for_finals=1)
    for number in range(4):
        worker.submit(window(f"s{number}", number, final=False))
    busy, idle = by_business(first, second)
    assert not idle.entered.acquire(timeout=0.1)
    worker.submit(window("late", 9))
    idle.until_busy()
    assert idle.batches == [[9]]
    idle.may_go.release(10)
    busy.may_go.release(10)

    assert sorted(inbox.by_id(5)) == [0, 1, 2, 3, 9]
    assert all(9 not in batch for batch in busy.batches)


# ── finished recordings ─────────────────────────────────────────────────────────────────────────────────────────────


def recorded(number: int) -> Transcribe:
    """Ask for a window of a finished recording."""
    return replace(window("r", number, utterance=str(number)), background=True)


def test_live_work_passes_recordings(inbox: Inbox, workers: Workers) -> None:
    """Whatever waits of recordings runs when nothing live waits."""
    runner = Gated()
    worker = workers(runner, inbox)
    worker.submit(recorded(1))
    runner.until_busy()
    worker.submit(recorded(2))
    worker.submit(window("a", 3))
    runner.may_go.release(3)
    inbox.wait(3)
    assert runner.batches == [[1], [3], [2]]


def test_recordings_fill_batches_while_nobody_is_live(inbox: Inbox, workers: Workers) -> None:
    """And come one by one as soon as somebody is, as long as nobody knows what they cost."""
    for live, batches in ((False, [[1], [2, 3, 4]]), (True, [[1], [2], [3], [4]])):
        runner = Gated()
        worker = workers(runner, Inbox(), has_live=lambda live=live: live, clock=lambda: 0.0)
        worker.submit(recorded(1))
        runner.until_busy()
        for number in (2, 3, 4):
            worker.submit(recorded(number))
        runner.may_go.release(4)
        worker.stop(drain=True, timeout=PATIENCE)
        assert runner.batches == batches


def test_recordings_leave_a_model_to_whoever_speaks(inbox: Inbox, workers: Workers) -> None:
    """Of two models one stays free for what is live, and takes the other's work up when nobody is live any more."""
    live = [True]
    first, second = Gated(), Gated()
    worker = workers(first, inbox, replicas=[second], has_live=lambda: live[0])
    for number in (1, 2):
        worker.submit(recorded(number))
    busy, free = by_business(first, second)
    assert not free.batches
    worker.submit(window("a", 3))
    free.until_busy()
    assert free.batches == [[3]]
    live[0] = False
    for runner in (busy, free):
        runner.may_go.release(10)
    assert len(inbox.by_id(3)) == 3


def test_draining_leaves_no_recording_unanswered(inbox: Inbox, workers: Workers) -> None:
    """Although somebody is live until the end."""
    worker = workers(ScriptedEngine(), inbox, replicas=[ScriptedEngine()], has_live=lambda: True)
    for number in range(20):
        worker.submit(recorded(number))
    worker.stop(drain=True, timeout=PATIENCE)
    assert all(isinstance(result, Transcribed) for result in inbox.by_id(20).values())
