"""Numbers with a sign that are groups of a secret all the same: a card is read as "$4111 $1111 $1111 $1111". Pure."""

from __future__ import annotations

from stream_server.text.redaction.digits import MANY
from stream_server.text.redaction.lexicon import CUES
from stream_server.text.redaction.runs import MOST_BETWEEN, Reads, in_front, is_numeric
from stream_server.text.rewriting import Reader


def is_group(reader: Reader, reads: Reads) -> bool:
    """Tell whether a long number with a sign may be part of a secret: one is announced, beside it, or may yet be."""
    token = reader.peek()
    signed = [] if token is None else [each for each in reads(token) if each.sort == "typed"]
    if not any(len("".join(map(str, each.pieces))) >= MANY for each in signed):
        return False
    before, _ = in_front(reader, reads)
    return not CUES.isdisjoint(before) or _is_beside(reader, reads, -1) or _is_beside(reader, reads, 1)


def _is_beside(reader: Reader, reads: Reads, step: int) -> bool:
    """Tell whether the next token in a direction, gaps left out, has digits, or is not there yet."""
    for away in range(1, MOST_BETWEEN + 1):
        token = reader.peek(away * step)
        if token is None:
            return step > 0 and reader.is_open
        readings = reads(token)
        if not all(each.sort == "gap" for each in readings):
            return is_numeric(readings) or any(each.sort == "typed" for each in readings)
    return False
