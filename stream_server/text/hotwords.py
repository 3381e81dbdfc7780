"""What engines are told to listen for: a session's own words, and behind them terms of its vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from stream_server.text.formatter import tidy_text
from stream_server.text.formatting import Term

MOST_CHARACTERS = 400
"""With terms: half of what Whisper takes in front of a window, so that room is left for what was said before."""


def with_terms(hotwords: str, terms: Iterable[Term]) -> str:
    """Return the session's hotwords, whatever their length, and as many terms behind them as there is room for.

    None has what no reader wants, halves of surrogate pairs above all: no engine takes them.
    """
    listed = tidy_text(hotwords)
    for term in terms:
        text = tidy_text(term.text)
        longer = ", ".join(filter(None, (listed, text)))
        if len(longer) > MOST_CHARACTERS:
            break
        listed = longer
    return listed
