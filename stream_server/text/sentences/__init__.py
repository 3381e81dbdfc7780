"""What the words of a language say about where its sentences pause, and whether one asks. Pure."""

from __future__ import annotations

from stream_server.text.sentences import english, indonesian
from stream_server.text.sentences.phrasing import Phrasing

PHRASINGS: dict[str, Phrasing] = {"id": indonesian.PHRASING, "en": english.PHRASING}
"""By ISO 639-1 code."""

__all__ = ["PHRASINGS", "Phrasing"]
