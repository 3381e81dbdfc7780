"""One passage formatted, with a formatter of its own."""

from __future__ import annotations

from stream_server.text.formatting import Formatting
from stream_server.text.pipeline import Formatter
from stream_server.text.tokens import Passage


def format_passage(passage: Passage, formatting: Formatting, language: str | None, *, raw: bool = False) -> Passage:
    """Return a passage as people read it; for more than one a `Formatter` is made once."""
    return Formatter(formatting, raw=raw).format(passage, language)
