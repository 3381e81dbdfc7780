"""Numbers with a sign that are groups of a secret all the same: a card is read as "$4111 $1111 $1111 $1111". Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.redaction.digits import MANY, MANY_AT_THE_END
from stream_server.text.redaction.lexicon import CUES
from stream_server.text.redaction.readings import Reading
from stream_server.text.redaction.runs import MOST_BETWEEN, Reads, in_front, is_last, is_numeric
from stream_server.text.rewriting import Reader


def is_group(reader: Reader, reads: Reads) -> bool:
    """Tell whether a number with a sign may be part of a secret: one is announced, beside it, or may yet be.

    A short one is if what is beside it has a sign too: "$411 $111". One that is an utterance by itself may be.
    """
    token = reader.peek()
    digits = 0 if token is None else _digits(reads(token))
    if not digits:
        return False
    before, leads = in_front(reader, reads)
    announced = digits >= MANY and not CUES.isdisjoint(before)
    alone = leads and digits >= MANY_AT_THE_END and is_last(reader, 1, reads)
    return announced or alone or _is_beside(reader, reads, digits, -1) or _is_beside(reader, reads, digits, 1)


def _digits(readings: Sequence[Reading]) -> int:
    """Return how many digits there are with a sign."""
    return sum(len("".join(map(str, each.pieces))) for each in readings if each.sort == "typed")


def _is_beside(reader: Reader, reads: Reads, digits: int, step: int) -> bool:
    """Tell whether the next token in a direction, gaps left out, may be another group, or is not there yet."""
    for away in range(1, MOST_BETWEEN + 1):
        token = reader.peek(away * step)
        if token is None:
            return step > 0 and reader.is_open
        readings = reads(token)
        if not all(each.sort == "gap" for each in readings):
            signed = _digits(readings)
            return (signed > 0 and signed + digits >= MANY) or (digits >= MANY and is_numeric(readings))
    return False
