"""Laws of the batching policy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.asr.batching import Backlog, Pending, select
from stream_server.work import DetectSpeech, Transcribe, Work, initial_vad_state

SILENCE = np.zeros(16, dtype=np.float32)


def partial(session: str = "a", number: int = 0, utterance: str = "u", track: int = 0) -> Transcribe:
    """Ask for a partial."""
    return Transcribe(
        session_id=session, work_id=number, track=track, utterance_id=utterance, audio=SILENCE, start=0, final=False
    )


def final(session: str = "a", number: int = 0, utterance: str = "u", track: int = 0) -> Transcribe:
    """Ask for a final."""
    return Transcribe(
        session_id=session, work_id=number, track=track, utterance_id=utterance, audio=SILENCE, start=0, final=True
    )


def speech(session: str = "a", number: int = 0) -> DetectSpeech:
    """Ask for speech probabilities."""
    return DetectSpeech(session_id=session, work_id=number, audio=SILENCE, state=initial_vad_state())


def backlog(max_batch: int = 8, deadline: float = 2.0, bucket: object = "one") -> Backlog:
    """Make a backlog with one bucket."""
    return Backlog(lambda _: bucket, max_batch, deadline)


def ids(batch: list[Pending]) -> list[tuple[str, int]]:
    """Return whose work is in a batch."""
    return [(item.work.session_id, item.work.work_id) for item in batch]


def test_nothing_waiting_gives_an_empty_batch() -> None:
    """An empty backlog selects nothing."""
    assert select([], {}, 8) == []
    assert backlog().take(0.0).batch == []


def test_finals_go_before_older_partials() -> None:
    """A final is taken first, however long a partial has waited."""
    queue = backlog(max_batch=1)
    queue.add(partial("a", 1), 0.0)
    queue.add(final("b", 2), 1.0)
    assert ids(queue.take(1.0).batch) == [("b", 2)]


def test_the_oldest_goes_first() -> None:
    """Among equals the order of arrival decides."""
    queue = backlog(max_batch=2)
    for number, session in enumerate("abc"):
        queue.add(final(session, number), number / 10)
    assert ids(queue.take(1.0).batch) == [("a", 0), ("b", 1)]


def test_one_batch_holds_one_bucket() -> None:
    """Items of other buckets wait for a batch of their own, the head's bucket goes first."""
    queue = Backlog(lambda work: work.work_id % 2, 8, 2.0)
    for number in range(4):
        queue.add(final(str(number), number), 0.0)
    assert ids(queue.take(0.0).batch) == [("0", 0), ("2", 2)]
    assert ids(queue.take(0.0).batch) == [("1", 1), ("3", 3)]


def test_a_newer_partial_replaces_the_older() -> None:
    """Of one utterance's partials only the newest waits; the older is handed back to be answered."""
    queue = backlog()
    assert queue.add(partial("a", 1), 0.0) is None
    overtaken = queue.add(partial("a", 2), 0.1)
    assert overtaken is not None
    assert overtaken.work.work_id == 1
    assert ids(queue.take(0.1).batch) == [("a", 2)]


def test_a_final_replaces_its_utterances_partial() -> None:
    """The final of an utterance makes its waiting partial pointless, not those of others."""
    queue = backlog()
    queue.add(partial("a", 1, utterance="u1"), 0.0)
    queue.add(partial("a", 2, utterance="u2", track=1), 0.0)
    overtaken = queue.add(final("a", 3, utterance="u1"), 0.0)
    assert overtaken is not None
    assert overtaken.work.work_id == 1
    assert [ids(queue.take(0.0).batch) for _ in range(2)] == [[("a", 3)], [("a", 2)]]


def test_a_partial_older_than_the_deadline_is_dropped() -> None:
    """What waited past the deadline is answered as dropped and not run."""
    queue = backlog(deadline=2.0)
    queue.add(partial("a", 1), 0.0)
    queue.add(final("b", 2), 0.0)
    selection = queue.take(2.5)
    assert ids(selection.dropped) == [("a", 1)]
    assert ids(selection.batch) == [("b", 2)]


def test_partials_of_one_track_never_share_a_batch() -> None:
    """Two utterances of a track may both have a partial waiting; the second takes the next batch."""
    queue = backlog()
    queue.add(partial("a", 1, utterance="u1"), 0.0)
    queue.add(partial("a", 2, utterance="u2"), 0.0)
    assert ids(queue.take(0.0).batch) == [("a", 1)]
    assert ids(queue.take(0.0).batch) == [("a", 2)]


def test_finals_of_one_session_may_share_a_batch() -> None:
    """A backlog of finals is worked off together where there is room."""
    queue = backlog()
    for number in range(3):
        queue.add(final("a", number, utterance=str(number)), 0.0)
    assert len(queue.take(0.0).batch) == 3


def test_a_long_backlog_does_not_starve_a_newcomer() -> None:
    """A session with a hundred finals waiting leaves room for another's first."""
    queue = backlog(max_batch=2)
    for number in range(100):
        queue.add(final("a", number, utterance=str(number)), 0.0)
    queue.add(final("b", 1000), 1.0)
    assert ids(queue.take(1.0).batch) == [("a", 0), ("b", 1000)]


def test_newcomers_do_not_starve_a_waiting_session() -> None:
    """Although ever new sessions arrive, one that was served before gets its turn."""
    queue = backlog(max_batch=1)
    queue.add(final("old", 0, utterance="0"), 0.0)
    queue.add(final("old", 1, utterance="1"), 0.0)
    assert ids(queue.take(1.0).batch) == [("old", 0)]
    for number in range(3):
        queue.add(final(f"new{number}", number), 2.0 + number)
    assert ids(queue.take(5.0).batch) == [("old", 1)]


def test_cancel_hands_back_the_sessions_work_alone() -> None:
    """Cancelling removes a session's items and leaves the others'."""
    queue = backlog()
    queue.add(final("a", 1), 0.0)
    queue.add(partial("b", 2), 0.0)
    assert ids(queue.cancel("a")) == [("a", 1)]
    assert queue.cancel("a") == []
    assert ids(queue.take(0.0).batch) == [("b", 2)]


def test_speech_detection_is_never_dropped() -> None:
    """Frames of sound are not replaceable: they outlive the deadline and each other."""
    queue = backlog(max_batch=256)
    for number in range(10):
        assert queue.add(speech("a", number), 0.0) is None
    selection = queue.take(60.0)
    assert selection.dropped == []
    assert len(selection.batch) == 10


def test_nothing_is_remembered_of_sessions_that_wait_for_nothing() -> None:
    """The policy's memory is bounded by what waits."""
    queue = backlog()
    for number in range(50):
        queue.add(final(str(number), number), 0.0)
        queue.take(0.0)
    assert not queue
    assert queue._served == {}
    assert queue._waiting_of == {}


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 4), st.integers(0, 2), st.booleans()),
        st.tuples(st.just("take"), st.integers(1, 900), st.just(0), st.just(False)),
        st.tuples(st.just("cancel"), st.integers(0, 4), st.just(0), st.just(False)),
    ),
    max_size=80,
)


@given(steps, st.integers(1, 4))
def test_every_item_leaves_exactly_once_and_finals_are_run(
    history: list[tuple[str, int, int, bool]], max_batch: int
) -> None:
    """Each item leaves once; a final gives way to newer work of its utterance, and to nothing else."""
    queue = Backlog(lambda work: work.session_id in "02", max_batch, 2.0)
    now, number, left, added = 0.0, 0, [], {}

    def leave(items: list[Pending], how: str) -> None:
        left.extend((item.work.work_id, how) for item in items)

    for action, one, two, is_final in history:
        if action == "add":
            number += 1
            make = final if is_final else partial
            work: Work = make(str(one), number, utterance=f"u{two}")
            added[number] = work
            overtaken = queue.add(work, now)
            leave([overtaken] if overtaken else [], "overtaken")
        elif action == "take":
            now += one / 1000
            selection = queue.take(now)
            assert len(selection.batch) <= max_batch
            assert len({item.bucket for item in selection.batch}) <= 1
            leave(selection.batch, "run")
            leave(selection.dropped, "dropped")
        else:
            leave(queue.cancel(str(one)), "cancelled")
    leave(queue.clear(), "cleared")
    assert sorted(item for item, _ in left) == sorted(added)
    ends = dict(left)
    newest = {(work.session_id, work.utterance_id): number for number, work in added.items()}
    assert all(ends[number] != "dropped" for number, work in added.items() if work.final)
    assert all(ends[number] in {"run", "cancelled", "cleared"} for number in newest.values() if added[number].final)


@given(st.integers(2, 6), st.integers(1, 3), st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_no_session_starves(sessions: int, max_batch: int, noise: list[int]) -> None:
    """A waiting final is run within as many batches as there are sessions, whatever the others keep asking for."""
    queue = backlog(max_batch=max_batch)
    queue.add(final("victim", 0), 0.0)
    number, batches = 0, 0
    for session in noise:
        for _ in range(3):
            number += 1
            queue.add(final(str(session % sessions), number, utterance=str(number)), 0.0)
        batches += 1
        if ("victim", 0) in ids(queue.take(batches / 10).batch):
            return
    assert batches <= sessions + 1


@pytest.mark.parametrize("waiting", [0, 1, 5])
def test_length_counts_what_waits(waiting: int) -> None:
    """The backlog knows its length and its oldest arrival."""
    queue = backlog()
    for number in range(waiting):
        queue.add(final(str(number), number), 1.0 + number)
    assert len(queue) == waiting
    assert queue.oldest() == (1.0 if waiting else None)


def test_the_longest_wait_is_that_of_a_turn() -> None:
    """A session that was served lately has not waited, however old its backlog is; partials do not count."""
    queue = backlog(max_batch=1)
    assert queue.longest_wait(5.0) == 0.0
    for number in range(3):
        queue.add(final("recording", number, f"u{number}"), 0.0)
    queue.add(partial("live", 9), 0.0)
    assert queue.longest_wait(5.0) == 5.0
    queue.take(5.0)
    assert queue.longest_wait(6.0) == 1.0


def test_a_newer_final_of_an_utterance_replaces_one_that_waits() -> None:
    """What was asked for in a pause is pointless once the speaker has paused again, or ended."""
    queue = backlog()
    assert queue.add(final("a", 1, utterance="u1"), 0.0) is None
    overtaken = queue.add(final("a", 2, utterance="u1"), 0.1)
    assert overtaken is not None
    assert overtaken.work.work_id == 1
    assert queue.add(final("a", 3, utterance="u2"), 0.2) is None
    assert sorted(ids(queue.take(0.3).batch)) == [("a", 2), ("a", 3)]
    assert queue.add(final("a", 4, utterance="u1"), 0.4) is None


# ── finished recordings ─────────────────────────────────────────────────────────────────────────────────────────────


def recorded(session: str = "r", number: int = 0) -> Transcribe:
    """Ask for a window of a finished recording."""
    return replace(final(session, number, utterance=str(number)), background=True)


def test_recordings_go_behind_everybody_live() -> None:
    """Finals, then partials, then they, however long they have waited, and never in one batch."""
    queue = backlog()
    queue.add(recorded(number=1), 0.0)
    queue.add(partial("a", 2), 1.0)
    queue.add(final("b", 3), 1.5)
    assert (queue.urgent, queue.partials, queue.background) == (1, 1, 1)
    assert [ids(queue.take(1.5).batch) for _ in range(3)] == [[("b", 3)], [("a", 2)], [("r", 1)]]


def test_recordings_are_never_too_old_and_nobody_waits_for_them() -> None:
    """No deadline drops them, and their waiting is no load."""
    queue = backlog(deadline=2.0)
    queue.add(recorded(number=1), 0.0)
    assert queue.longest_wait(600.0) == 0.0
    selection = queue.take(600.0)
    assert (ids(selection.batch), selection.dropped) == ([("r", 1)], [])


def test_recordings_take_turns() -> None:
    """A long one leaves room for another's first window."""
    queue = backlog(max_batch=2)
    for number in range(100):
        queue.add(recorded("long", number), 0.0)
    queue.add(recorded("short", 1000), 1.0)
    assert ids(queue.take(1.0).batch) == [("long", 0), ("short", 1000)]


def test_full_batches_of_recordings_go_first() -> None:
    """A window that nobody can keep company waits until no full batch is left; among full ones turns count."""
    queue = Backlog(bucket=lambda work: len(work.utterance_id), max_batch=2, partial_deadline=2.0)
    for number in (1, 22, 333, 44, 555, 66):
        queue.add(recorded(number=number), 0.0)
    taken = [ids(queue.take(0.0).batch) for _ in range(4)]
    assert taken == [[("r", 22), ("r", 44)], [("r", 333), ("r", 555)], [("r", 1)], [("r", 66)]]


@pytest.mark.parametrize(("most", "taken"), [(None, 6), (0, 0), (1, 1), (4, 4)])
def test_so_many_of_recordings_at_once(most: int | None, taken: int) -> None:
    """A limit holds for them alone: what is live is taken as if there were none."""
    queue = backlog()
    for number in range(6):
        queue.add(recorded(number=number), 0.0)
    assert len(queue.take(0.0, background_at_most=most).batch) == taken
    queue.add(final("a", 9), 0.0)
    assert ids(queue.take(0.0, background_at_most=most).batch) == [("a", 9)]


def test_what_is_counted_of_recordings_leaves_with_them() -> None:
    """However they leave: taken, cancelled or given up."""
    queue = backlog()
    for leave in (lambda: queue.take(0.0), lambda: queue.cancel("r"), queue.clear):
        queue.add(recorded(number=1), 0.0)
        leave()
        assert (queue.background, queue.urgent, len(queue)) == (0, 0, 0)
