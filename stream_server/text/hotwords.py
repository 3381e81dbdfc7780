"""What engines are told to listen for: a session's own words, and behind them terms of its vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from stream_server.text.formatting import Term

MOST_CHARACTERS = 400
"""With terms: half of what Whisper takes in front of a window, so that room is left for what was said before."""


def with_terms(hotwords: str, terms: Iterable[Term]) -> str:
    """Return the session's hotwords, whatever their length, and as many terms behind them as there is room for."""
    listed = hotwords
    for term in terms:
        longer = f"{listed}, {term.text}" if listed else term.text
        if len(longer) > MOST_CHARACTERS:
            break
        listed = longer
    return listed
