"""The threads that own models: gather waiting work, run it as one batch, scatter the results.

Every submitted piece of work is answered exactly once, whatever happens: by its result, by `WorkFailed`, or by
`WorkDropped`. The same worker serves recognition and speech detection; only what it runs differs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from stream_server.asr.batching import Backlog, Pending
from stream_server.errors import EngineFailed, ServerStopping, StreamServerError
from stream_server.work import DetectSpeech, Hypothesis, Result, Transcribe, Transcribed, Work, WorkDropped, WorkFailed

logger = logging.getLogger(__name__)

BatchObserver = Callable[[str, int, float, list[float]], None]
"""Called after each batch: its kind ("final", "partial", "speech", "voices"), size, seconds to run, and the seconds
that each item waited."""

FAILURES_BEFORE_PROBE = 3
"""Batches in a row without one success, after which the model itself is suspected."""


COST_MEMORY = 0.2
"""How much the last batch counts in what partials are thought to cost."""

COURTESY_SECONDS = 0.02
"""How often recordings' windows look whether it is their turn."""

PARTIAL, BACKGROUND = 1, 2
"""Ranks of `batching.Pending` that may be kept waiting."""


class Runner(Protocol):
    """What a worker can drive: an `Engine`, Silero, or the speaker networks.

    An outcome is a `Hypothesis`, a ready-made `Result`, or an exception.
    """

    def bucket(self, item: Any) -> Hashable:
        """Return what items must have in common to share a batch."""
        ...

    def run(self, batch: Any) -> Sequence[object]:
        """Return one outcome per item, in order."""
        ...


@dataclass(slots=True, eq=False)
class _Model:
    """A model and what its thread is at."""

    runner: Runner
    thread: threading.Thread | None = None
    running: list[Pending] = field(default_factory=list)
    failures: int = 0
    ended: bool = False
    has_courtesy: bool = False
    """Whether what runs took the turn that everything in the background shares."""


class BatchWorker:
    """One thread that runs one model; or several, each with a model of its own, that serve one backlog.

    Windows depend on nothing but themselves, so whoever is free takes the next: no session is tied to a device, and
    fairness holds over all of them. `replicas` are the further models; partials leave `for_finals` models free.

    `submit`, `cancel` and `stop` may be called from any thread. Results go to `deliver`, in a worker's thread while it
    lives. `gather_ms` is how long the first item of an idle worker waits for company; while a batch runs the next one
    gathers by itself. Partials of one batch take about `partial_batch_ms` together, as far as their cost is known, for
    a final that comes meanwhile has to wait. Recordings' windows run when nothing live waits; while `has_live` says
    that somebody is, they leave one model free, if there are several, are as short as partials, and wait for
    `courtesy`, which workers share: all that is done in the background then takes one core at a time. Everything a
    worker does may be `in_background`. (Nice threads would not do: one that holds Python's lock and gets no turn keeps
    everybody from theirs.) `clock` is monotonic, in seconds. `probe` exercises a model on input of its own: it tells a
    broken model (its thread ends, all refuse from then on, `on_death` is called) from a run of broken input.
    """

    def __init__(
        self,
        name: str,
        runner: Runner,
        deliver: Callable[[list[Result]], None],
        *,
        replicas: Sequence[Runner] = (),
        for_finals: int = 0,
        gather_ms: float = 5.0,
        max_batch: int = 8,
        partial_deadline_ms: float = 2_000.0,
        partial_batch_ms: float = 250.0,
        clock: Callable[[], float] = time.monotonic,
        on_batch: BatchObserver | None = None,
        on_death: Callable[[BaseException], None] | None = None,
        has_live: Callable[[], bool] = lambda: False,
        courtesy: threading.Lock | None = None,
        in_background: bool = False,
        probe: Callable[[Any], None] | None = None,
    ) -> None:
        self.name = name
        self._deliver = deliver
        self._for_finals = for_finals
        self._gather_seconds = gather_ms / 1000
        self._max_batch = max_batch
        self._partial_batch_seconds = partial_batch_ms / 1000
        self._cost = [0.0, 0.0, 0.0]  # seconds that an item of each rank took of late, in company
        self._clock = clock
        self._on_batch = on_batch
        self._on_death = on_death
        self._has_live = has_live
        self._courtesy = courtesy or threading.Lock()
        self._in_background = in_background
        self._probe = probe
        self._backlog = Backlog(runner.bucket, max_batch, partial_deadline_ms / 1000)
        self._dropped: list[Pending] = []
        self._models = [_Model(each) for each in (runner, *replicas)]
        self._changed = threading.Condition()
        self._closing = False
        self._dead: StreamServerError | None = None
        self._threads = [
            threading.Thread(target=self._live, args=(model,), name=f"{name}-{number}" if number else name, daemon=True)
            for number, model in enumerate(self._models)
        ]

    # ── any thread ──────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Start the threads; work submitted before waits for them."""
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Tell whether submitted work is still being done."""
        return self._dead is None and all(thread.is_alive() for thread in self._threads)

    @property
    def backlog(self) -> int:
        """Return how many items wait."""
        return len(self._backlog)

    @property
    def wait_seconds(self) -> float:
        """Return how long somebody has waited for a turn, at most; partials do not count."""
        with self._changed:
            return self._backlog.longest_wait(self._clock())

    def submit(self, work: Work) -> None:
        """Take in one piece of work; never blocks on the model.

        After `stop` or death the answer, `WorkFailed`, is delivered at once, in the caller's thread.
        """
        with self._changed:
            refused = self._dead or (ServerStopping("the worker is stopping") if self._closing else None)
            if refused is None:
                overtaken = self._backlog.add(work, self._clock())
                if overtaken is not None:
                    self._dropped.append(overtaken)
                self._changed.notify()
        if refused is not None:
            self._deliver([_failed(work, refused)])

    def cancel(self, session_id: str) -> None:
        """Drop what a closed session still waits for; what already runs is answered as usual."""
        with self._changed:
            self._dropped += self._backlog.cancel(session_id)
            self._changed.notify()

    def stop(self, drain: bool, timeout: float | None = None) -> None:
        """End the threads and wait for them: after the waiting work is done, or with `WorkFailed` for all of it."""
        with self._changed:
            self._closing = True
            left = [] if drain else self._give_up()
            self._changed.notify_all()
        self._refuse(left, ServerStopping("the server is stopping"))
        if self._threads[0].ident is None:
            self._bury(ServerStopping("the worker never started"))
        deadline = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is not None and thread is not threading.current_thread():
                thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))

    # ── the worker's threads ────────────────────────────────────────────────────────────────────────────────────────

    def _live(self, model: _Model) -> None:
        model.thread = threading.current_thread()
        try:
            while self._step(model):
                pass
            with self._changed:
                model.ended = True
                last = all(each.ended for each in self._models)
            if last:
                self._bury(ServerStopping("the worker has stopped"))
        # The thread's outermost boundary: whatever ends it, all who wait are answered and the process hears of it.
        except BaseException as death:  # noqa: BLE001
            logger.critical("worker %s died: %s", self.name, type(death).__name__)
            self._bury(EngineFailed(f"the worker died of {type(death).__name__}"))
            if self._on_death is not None:
                self._on_death(death)

    def _step(self, model: _Model) -> bool:
        """Gather, run and scatter one batch; return whether there may be another."""
        with self._changed:
            self._gather()
            if self._dead is not None:
                return False
            most_partials = self._most(PARTIAL) if self._may_run_partials() else 0
            selection = self._backlog.take(self._clock(), self._share(), most_partials, self._most_background())
            if selection.batch and selection.batch[0].background and self._has_live():
                model.has_courtesy = self._courtesy.acquire(blocking=False)
            dropped, self._dropped = self._dropped + selection.dropped, []
            going_on = bool(selection.batch or dropped) or not self._closing
            model.running = selection.batch
            if self._backlog:
                self._changed.notify()
        if dropped:
            self._deliver([_dropped(item.work, self._clock() - item.arrived) for item in dropped])
        if selection.batch:
            self._run_in_turn(model, selection.batch)
        return going_on

    def _share(self) -> int:
        """Return how much to take: with models idle beside this one, they get theirs.

        Of recordings' windows, which take seconds, all models get theirs: none idles while another does the last four.
        """
        waiting = self._backlog.urgent or self._backlog.partials
        if waiting:
            idle = sum(not model.running for model in self._models)
            return max(1, -(-waiting // max(1, idle)))
        return max(1, -(-self._backlog.background // len(self._models)))

    def _may_run_partials(self) -> bool:
        """Tell whether models enough would be left for finals."""
        return self._models_at(PARTIAL) + self._models_at(BACKGROUND) < len(self._models) - self._for_finals

    def _models_at(self, rank: int) -> int:
        return sum(bool(model.running and model.running[0].rank == rank) for model in self._models)

    def _may_begin(self) -> bool:
        backlog = self._backlog
        return bool(
            backlog.urgent
            or (backlog.partials and self._may_run_partials())
            or (backlog.background and self._most_background() != 0)
        )

    def _most(self, rank: int) -> int:
        """Return how many items of a class take about as long together as somebody live may be kept waiting."""
        if self._cost[rank] <= 0:
            return self._max_batch if rank == PARTIAL else 1
        return max(1, int(self._partial_batch_seconds / self._cost[rank]))

    def _most_background(self) -> int | None:
        """Return how many recordings' windows may run now: any while nobody is live, else few, and not everywhere."""
        if not self._has_live():
            return None
        everywhere = self._models_at(BACKGROUND) >= max(1, len(self._models) - 1)
        if everywhere or not self._may_run_partials() or self._courtesy.locked():
            return 0
        return self._most(BACKGROUND)

    def _gather(self) -> None:
        """Wait for work, then until the oldest has waited long enough for company or the batch is full."""
        while not (self._may_begin() or self._dropped or self._closing or self._dead):
            self._changed.wait(COURTESY_SECONDS if self._backlog.background else None)
        while (oldest := self._backlog.oldest()) is not None and not (self._dropped or self._closing):
            left = oldest + self._gather_seconds - self._clock()
            if left <= 0 or len(self._backlog) >= self._max_batch:
                return
            self._changed.wait(left)

    def _run_in_turn(self, model: _Model, batch: list[Pending]) -> None:
        """Run a batch; one in the background beside no other, while somebody is live."""
        if self._in_background and self._has_live():
            model.has_courtesy = self._courtesy.acquire()
        try:
            self._run(model, batch)
        finally:
            if model.has_courtesy:
                model.has_courtesy = False
                self._courtesy.release()

    def _run(self, model: _Model, batch: list[Pending]) -> None:
        started = self._clock()
        works = [item.work for item in batch]
        outcomes = self._outcomes(model.runner, works)
        model.running = []
        self._deliver(
            [
                as_result(item.work, outcome, started - item.arrived)
                for item, outcome in zip(batch, outcomes, strict=True)
            ]
        )
        seconds = self._clock() - started
        rank = batch[0].rank
        self._cost[rank] += (seconds / len(batch) - self._cost[rank]) * (COST_MEMORY if self._cost[rank] else 1)
        if self._on_batch is not None:
            self._on_batch(_kind(works[0]), len(batch), seconds, [started - item.arrived for item in batch])
        self._suspect(model, all(isinstance(outcome, Exception) for outcome in outcomes))

    def _outcomes(self, runner: Runner, works: list[Work]) -> list[object]:
        """Run the batch; where it fails as a whole, run each item once by itself."""
        outcome = self._attempt(runner, works)
        if not isinstance(outcome, Exception):
            return list(outcome)
        if len(works) == 1:
            retried = self._attempt(runner, works)
            return [retried] if isinstance(retried, Exception) else list(retried)
        logger.warning("worker %s retries a batch of %d singly: %s", self.name, len(works), type(outcome).__name__)
        attempts = [self._attempt(runner, [work]) for work in works]
        return [attempt if isinstance(attempt, Exception) else attempt[0] for attempt in attempts]

    def _attempt(self, runner: Runner, works: list[Work]) -> Sequence[object] | Exception:
        try:
            outcomes = runner.run(works)
        # The worker's boundary: one bad clip costs one session, so whatever the model raises becomes an outcome.
        except Exception as error:  # noqa: BLE001
            return error
        if len(outcomes) != len(works):
            return EngineFailed(f"the engine gave {len(outcomes)} outcomes for {len(works)} items")
        return outcomes

    def _suspect(self, model: _Model, failed: bool) -> None:
        """Count failures in a row and try the model itself after too many; let what the probe raises end the thread."""
        model.failures = model.failures + 1 if failed else 0
        if model.failures >= FAILURES_BEFORE_PROBE and self._probe is not None:
            model.failures = 0
            self._probe(model.runner)

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _bury(self, reason: StreamServerError) -> None:
        """Refuse new work from now on and answer all that waits, what was running when the thread died included."""
        with self._changed:
            self._dead = reason
            mine = next((model for model in self._models if model.thread is threading.current_thread()), None)
            left = (mine.running if mine else []) + self._give_up()
            if mine:
                mine.running = []
            self._changed.notify_all()
        self._refuse(left, reason)

    def _give_up(self) -> list[Pending]:
        left, self._dropped = self._dropped + self._backlog.clear(), []
        return left

    def _refuse(self, left: list[Pending], reason: StreamServerError) -> None:
        if left:
            self._deliver([_failed(item.work, reason) for item in left])


def as_result(work: Work, outcome: object, waited: float = 0.0) -> Result:
    """Wrap what a model returned for one item, which `waited` so many seconds, into that item's answer."""
    if isinstance(outcome, Hypothesis):
        return Transcribed(session_id=work.session_id, work_id=work.work_id, hypothesis=outcome, waited=waited)
    if isinstance(outcome, StreamServerError):
        return _failed(work, outcome)
    if isinstance(outcome, Exception):
        # Only the type: a model's message may quote what was said.
        return _failed(work, EngineFailed(f"recognition failed ({type(outcome).__name__})"))
    return outcome  # type: ignore[return-value]  # a ready-made Result


def _failed(work: Work, error: StreamServerError) -> WorkFailed:
    return WorkFailed(session_id=work.session_id, work_id=work.work_id, error=error)


def _dropped(work: Work, waited: float) -> WorkDropped:
    return WorkDropped(session_id=work.session_id, work_id=work.work_id, waited=waited)


def _kind(work: Work) -> str:
    match work:
        case DetectSpeech():
            return "speech"
        case Transcribe():
            if work.background:
                return "recording"
            return "final" if work.final else "partial"
    return "voices"
