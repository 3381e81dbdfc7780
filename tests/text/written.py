"""What the rules of a language make of words, for tests of them."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting
from stream_server.text.sentences.phrasing import NOTICED_PAUSE
from stream_server.text.tokens import Passage, passage_of
from stream_server.text.writing import writing


def rewritten(words: Sequence[str], language: str = "en", *, settled: int | None = None, ended: bool = True) -> Passage:
    """Return words as the rules of a language write them."""
    stage = writing(Formatting(), language)
    assert stage is not None
    return stage(passage_of(words, settled=settled, ended=ended))


def shown(passage: Passage) -> str:
    """Return what a passage shows."""
    return join(token.text for token in passage.tokens)


def hesitant(text: str, language: str = "en") -> str:
    """Return how a text is written by the rules of a language; "…" is a silence that a comma is for."""
    words, pauses = list[str](), list[float]()
    for chunk in text.split("… "):
        first, *others = chunk.split()
        pauses += [NOTICED_PAUSE if words else 0.0, *[0.0] * len(others)]
        words += [first, *others]
    stage = writing(Formatting(), language)
    assert stage is not None
    return shown(stage(passage_of(words, pauses)))


def written(text: str, language: str = "en") -> str:
    """Return how a text is written by the rules of a language."""
    return shown(rewritten(text.split(), language))


def stays(text: str, language: str = "en") -> bool:
    """Return whether a text comes through as it is."""
    return written(text, language) == text
