"""Which waiting work shares the next batch: a pure policy, kept apart from the thread that follows it.

Finals come before partials and without them, so that they wait for none, and before both of them what is live comes
before finished recordings; within a class whoever has waited longest since its session's last turn comes first, so that
no session starves another. Of recordings full batches come first: they cost a fifth less, and whoever waits for company
holds up its own recording alone, which is fed no more until it has had its turn. One batch holds one bucket (what the
engine can run in one call) and at most one partial of a track. A partial leaves unserved when a newer one or its
utterance's final arrives, or when it is too old. Speech detection is never dropped, nor is a final but for newer work
of its utterance. Everything but choosing is O(1) per item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from stream_server.work import Transcribe, Work

Utterance: TypeAlias = tuple[str, int, str]
Order: TypeAlias = tuple[int, int, float, int]


@dataclass(slots=True, eq=False)
class Pending:
    """One waiting piece of work; `order` counts arrivals, `arrived` is the clock's reading in seconds.

    Not frozen, like all that is made for every frame of every track: that would cost three times as much.
    """

    work: Work
    bucket: Hashable
    arrived: float
    order: int

    @property
    def partial(self) -> bool:
        """Tell whether this may be dropped."""
        return isinstance(self.work, Transcribe) and not self.work.final

    @property
    def background(self) -> bool:
        """Tell whether this is a finished recording's."""
        return isinstance(self.work, Transcribe) and self.work.background

    @property
    def rank(self) -> int:
        """Return its class: finals, partials, recordings."""
        return 2 if self.background else int(self.partial)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run now, and what to answer as dropped."""

    batch: list[Pending]
    dropped: list[Pending]


def select(pending: Iterable[Pending], served: Mapping[str, float], max_batch: int) -> list[Pending]:
    """Choose the next batch from `pending`, given when each session was last served.

    A session's turn counts from the later of its last service and the item's arrival: newcomers cannot push in front of
    those who wait, and a session with a long backlog goes behind one that asks for the first time.
    """

    def turn(item: Pending) -> tuple[int, float, int]:
        return item.rank, max(served.get(item.work.session_id, item.arrived), item.arrived), item.order

    waiting = list(pending)
    if not waiting:
        return []
    head = min(waiting, key=turn)
    if head.background:
        company = Counter(item.bucket for item in waiting)
        head = min(waiting, key=lambda item: (-min(company[item.bucket], max_batch), turn(item)))
    # Finals do not take partials along: they would wait for them.
    fitting = sorted((i for i in waiting if i.bucket == head.bucket and i.rank == head.rank), key=turn)
    return _deal(fitting, max_batch)


def _deal(fitting: Iterable[Pending], max_batch: int) -> list[Pending]:
    """Deal places session by session: everyone's first item, then everyone's second; one partial per track."""
    taken: dict[tuple[str, bool], int] = {}
    tracks: set[tuple[str, int]] = set()
    dealt: list[tuple[bool, int, int, Pending]] = []
    for place, item in enumerate(fitting):
        work = item.work
        if isinstance(work, Transcribe):
            track = (work.session_id, work.track)
            if item.partial and track in tracks:
                continue
            tracks.add(track)
        rank = taken.get((work.session_id, item.partial), 0)
        taken[work.session_id, item.partial] = rank + 1
        dealt.append((item.partial, rank, place, item))
    dealt.sort(key=lambda entry: entry[:3])
    return [entry[3] for entry in dealt[:max_batch]]


@dataclass(slots=True)
class Backlog:
    """All waiting work of one worker. `bucket` is the engine's; `partial_deadline` is in seconds."""

    bucket: Callable[[Work], Hashable]
    max_batch: int
    partial_deadline: float
    _pending: dict[int, Pending] = field(default_factory=dict)
    _partials: dict[Utterance, int] = field(default_factory=dict)
    _background: set[int] = field(default_factory=set)
    _newest: dict[Utterance, int] = field(default_factory=dict)  # what waits for an utterance, partial or final
    _waiting_of: dict[str, set[int]] = field(default_factory=dict)
    _served: dict[str, float] = field(default_factory=dict)
    _arrivals: int = 0

    def __len__(self) -> int:
        return len(self._pending)

    def __bool__(self) -> bool:
        return bool(self._pending)

    @property
    def urgent(self) -> int:
        """Return how many items are neither partials nor recordings'."""
        return len(self._pending) - len(self._partials) - len(self._background)

    @property
    def partials(self) -> int:
        """Return how many items are partials."""
        return len(self._partials)

    @property
    def background(self) -> int:
        """Return how many items are recordings'."""
        return len(self._background)

    def oldest(self) -> float | None:
        """Return when the longest waiting item arrived."""
        return next(iter(self._pending.values())).arrived if self._pending else None

    def longest_wait(self, now: float) -> float:
        """Return the seconds for which a live session that waits for more than a partial has not had its turn, at most.

        One sent at file speed waits long in sum; it counts from its last turn, like everybody.
        """
        turns = (
            max(item.arrived, self._served.get(item.work.session_id, item.arrived))
            for item in self._pending.values()
            if item.rank == 0
        )
        return max((now - turn for turn in turns), default=0.0)

    def add(self, work: Work, now: float) -> Pending | None:
        """Take in one piece of work; return the older one of its utterance that it makes pointless, if one waits.

        An older final, too: it was asked for in a pause, and the speaker went on. A second look at a final is asked for
        after its answer.
        """
        overtaken = None
        if isinstance(work, Transcribe):
            older = self._newest.get(_utterance(work))
            overtaken = self._remove(older) if older is not None else None
        order = self._arrivals
        self._arrivals += 1
        item = Pending(work, self.bucket(work), now, order)
        self._pending[order] = item
        self._waiting_of.setdefault(work.session_id, set()).add(order)
        if isinstance(work, Transcribe):
            self._newest[_utterance(work)] = order
            if not work.final:
                self._partials[_utterance(work)] = order
            if work.background:
                self._background.add(order)
        return overtaken

    def take(
        self,
        now: float,
        at_most: int | None = None,
        partials_at_most: int | None = None,
        background_at_most: int | None = None,
    ) -> Selection:
        """Remove and return the next batch, with the partials that grew too old while they waited.

        `partials_at_most` limits a batch that begins with a partial, `background_at_most` one of recordings.
        """
        room = self.max_batch if at_most is None else min(at_most, self.max_batch)
        horizon = now - self.partial_deadline
        dropped = [self._remove(order) for order in list(self._partials.values()) if self._is_older(order, horizon)]
        most = (None, partials_at_most, background_at_most)
        if not self._partials and not self._background and len(self._pending) <= room and self._is_uniform():
            return Selection(self.clear(), dropped)  # everything fits: nothing to choose
        batch = select((item for item in self._pending.values() if most[item.rank] != 0), self._served, room)
        if batch:
            batch = batch[: most[batch[0].rank]]
        for item in batch:
            self._served[item.work.session_id] = now
            self._remove(item.order)
        return Selection(batch, dropped)

    def cancel(self, session_id: str) -> list[Pending]:
        """Remove and return all work of a session."""
        return [self._remove(order) for order in sorted(self._waiting_of.get(session_id, ()))]

    def clear(self) -> list[Pending]:
        """Remove and return everything."""
        everything = list(self._pending.values())
        self._background.clear()
        for kept in (self._pending, self._partials, self._newest, self._waiting_of, self._served):
            kept.clear()
        return everything

    def _is_uniform(self) -> bool:
        return len({item.bucket for item in self._pending.values()}) <= 1

    def _is_older(self, order: int, horizon: float) -> bool:
        return self._pending[order].arrived < horizon

    def _remove(self, order: int) -> Pending:
        item = self._pending.pop(order)
        work = item.work
        mine = self._waiting_of[work.session_id]
        mine.discard(order)
        if not mine:
            # What arrives later has its own, later turn: the last service matters only to those who still wait.
            del self._waiting_of[work.session_id]
            self._served.pop(work.session_id, None)
        if isinstance(work, Transcribe):
            self._newest.pop(_utterance(work), None)
            self._partials.pop(_utterance(work), None)
            self._background.discard(order)
        return item


def _utterance(work: Transcribe) -> Utterance:
    return work.session_id, work.track, work.utterance_id
