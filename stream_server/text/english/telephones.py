"""Telephone numbers in English that begin with a plus, and written ones in their usual groups. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.english.digit_strings import digit_string
from stream_server.text.english.lexicon import lexeme
from stream_server.text.english.phones import LEAST_INTERNATIONAL, regrouped
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run


def rule(run: Run) -> Sequence[Part] | None:
    """Write plus four four two … with its sign, and group ten digits that stand together."""
    key = run.key(0)
    if key == "plus":
        found = digit_string(run, 1)
        digits = found.text.replace("-", "") if found is not None else ""
        if found is None or len(digits) < LEAST_INTERNATIONAL or lexeme(run.before()) is not None:
            return None
        return [run.write(f"+{digits}", found.behind)]
    text = regrouped(key)
    return [run.write(text, 1)] if text and text != key else None
