"""Rule 1: everything that changes the state of a session is in this table.

LISTENING ──finish──▶ FINISHING ──drained──▶ CLOSED
"""

from __future__ import annotations

from enum import Enum, auto


class State(Enum):
    """LISTENING takes audio; FINISHING delivers what is left; CLOSED does nothing more."""

    LISTENING = auto()
    FINISHING = auto()
    CLOSED = auto()


class Trigger(Enum):
    """What can happen to a session: the end of audio, everything delivered."""

    FINISH = auto()
    DRAINED = auto()


TRANSITIONS: dict[tuple[State, Trigger], State] = {
    (State.LISTENING, Trigger.FINISH): State.FINISHING,
    (State.FINISHING, Trigger.FINISH): State.FINISHING,
    (State.FINISHING, Trigger.DRAINED): State.CLOSED,
    (State.CLOSED, Trigger.FINISH): State.CLOSED,
}
"""A pair that is not here is a bug of ours and raises KeyError."""


def after(state: State, trigger: Trigger) -> State:
    """Return the state that follows."""
    return TRANSITIONS[state, trigger]
