"""English numbers as they stand in addresses: digits alone. Pure."""

from __future__ import annotations

from stream_server.text.english.lexicon import DIGIT_WORDS
from stream_server.text.english.numbers import number
from stream_server.text.runs import Run


def spoken_digits(run: Run, at: int) -> tuple[str, int] | None:
    """Return the number there in digits without any marks, and where it ends; None for anything else."""
    key = run.key(at)
    found = number(run, at) if key not in {"minus", "negative", "a", "o", "oh", "point"} else None
    if found is not None and found.value == int(found.value) and not found.scale and not found.written:
        return found.text.replace("-", "").replace(",", ""), found.behind
    return (DIGIT_WORDS[key], at + 1) if key.isalpha() and key in DIGIT_WORDS and len(key) > 2 else None
