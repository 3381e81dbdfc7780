"""Proper names that are written with capitals where nobody said otherwise: short lists, on purpose.

What is an ordinary word as well (*polish*, *nice*, *malang*, *serang*) is not among them.
"""

from __future__ import annotations

from stream_server.text.names import english, everywhere, indonesian

NAMES: dict[str, dict[str, str]] = {
    "id": {**everywhere.NAMES, **indonesian.NAMES},
    "en": {**everywhere.NAMES, **english.NAMES},
}
"""By ISO 639-1 code: how each name is written, by its key; several words have spaces between."""

__all__ = ["NAMES"]
