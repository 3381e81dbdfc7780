"""Telephone numbers in English that begin with a plus, and written ones in their usual groups. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.english.digit_strings import digits_in_a_row
from stream_server.text.english.lexicon import lexeme
from stream_server.text.english.phones import LEAST_INTERNATIONAL, regrouped
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run


def rule(run: Run) -> Sequence[Part] | None:
    """Write plus four four two … with its sign, and group ten digits that stand together."""
    key = run.key(0)
    if key == "plus":
        if lexeme(run.before()) is not None or any(map(str.isdigit, run.before())):
            return None  # an addition
        digits, behind = digits_in_a_row(run, 1)
        return [run.write(f"+{digits}", behind)] if len(digits) >= LEAST_INTERNATIONAL else None
    text = regrouped(key)
    return [run.write(text, 1)] if text and text != key else None
