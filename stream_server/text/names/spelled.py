"""How a list of names is read. Pure."""

from __future__ import annotations


def spelled(text: str) -> dict[str, str]:
    """Return the names of a list, which has commas between them, by their keys."""
    names = (" ".join(name.split()) for name in text.split(","))
    return {name.casefold(): name for name in names if name}
