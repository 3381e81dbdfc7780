"""How numbers, dates and times are written in English: rules over words that were said, written or both."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.english import amounts, clock, compounds, dates, fractions, ordinals, ranges, telephones
from stream_server.text.english.calendar_words import MONTHS
from stream_server.text.english.lexicon import ZEROS, lexeme
from stream_server.text.rewriting import Part, Reader, Rule
from stream_server.text.runs import Run

_BEGINNINGS = (
    ZEROS | set(ordinals.BELOW_HUNDRED) | set(ordinals.HUNDREDTHS) | set(MONTHS)
    | {"a", "half", "quarter", "hundred", "point", "minus", "negative", "plus", "double", "triple", "rp"}
)  # fmt: skip
_SIGNS = "$€£"
_IN_TURN = (
    compounds.rule,
    dates.rule,
    clock.rule,
    fractions.rule,
    ordinals.rule,
    telephones.rule,
    ranges.rule,
    amounts.rule,
)


def numbers(reader: Reader) -> Sequence[Part] | None:
    """Write the number, date or time that begins here, if one may."""
    key = reader.key()
    if not key:
        return None
    if not (key in _BEGINNINGS or lexeme(key) is not None or "0" <= key[:1] <= "9" or key[:1] in _SIGNS or "-" in key):
        return None
    run = Run(reader)
    for rule in _IN_TURN:
        parts = rule(run)
        if parts:
            return parts
    return None


RULES: tuple[Rule, ...] = (numbers,)
