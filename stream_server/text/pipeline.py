"""The stages in order: words as they were heard become words as people read them. Pure.

Each stage is a function from a passage to a passage (`text.tokens`); which of them run follows from what the client
asked for, the language, and whether the engine punctuates by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from stream_server.text import capitals, marks
from stream_server.text.fillers import hide_fillers
from stream_server.text.formatting import Formatting
from stream_server.text.indonesian.spelling import spelling
from stream_server.text.punctuation import punctuate
from stream_server.text.redaction import redacting
from stream_server.text.repairs import hide_repairs
from stream_server.text.repetitions import REPETITIONS
from stream_server.text.replacing import replacing
from stream_server.text.rewriting import rewrite
from stream_server.text.sentences import PHRASINGS
from stream_server.text.tokens import Passage
from stream_server.text.vocabulary import writing_terms
from stream_server.text.writing import writing

Stage: TypeAlias = Callable[[Passage], Passage]


class Formatter:
    """Writes words for one who asked for this; `raw` if the engine writes no marks.

    What that takes is made once, and goes with whoever holds a formatter: it may be large. Those who asked for the same
    vocabulary and replacements share it while they have it.
    """

    def __init__(self, formatting: Formatting, *, raw: bool = False) -> None:
        self._formatting = formatting
        self.raw = raw
        self._stages: dict[str | None, tuple[Stage, ...]] = {}
        self._write_terms = writing_terms(formatting.vocabulary) if formatting.vocabulary else None
        self._replace = replacing(formatting.replace) if formatting.replace else None
        self._redact = redacting(formatting) if formatting.redact else None

    def format(self, passage: Passage, language: str | None) -> Passage:
        """Return the passage as people read it, secrets masked; `language` by ISO 639-1, None: unknown."""
        heard = passage.tokens
        stages = self._stages.get(language)
        if stages is None:
            stages = self._stages[language] = tuple(self._made(language))
        for stage in stages:
            passage = stage(passage)
        return passage if self._redact is None else self._redact(passage, heard)

    def _made(self, language: str | None) -> Iterator[Stage]:
        """Yield the stages in their order.

        It matters: what is hidden goes first, so that nothing else sees it, but spelling in front of what is said
        twice, which may have been spelled in two ways; terms of a vocabulary before numbers, which would find some in
        them; marks and capitals when the words are there; replacements next to last, for they are the client's last
        word; secrets behind all of these, so that nothing brings them back.
        """
        formatting, raw = self._formatting, self.raw
        phrasing = PHRASINGS.get(language or "") if raw and (formatting.punctuation or formatting.capitals) else None
        repetitions = REPETITIONS.get(language or "")
        if repetitions is not None and not formatting.fillers:
            yield hide_fillers
        yield marks.drop_lone if raw else marks.normalise
        if not raw:
            yield capitals.without_cut_capital
        if language == "id" and formatting.spelling:
            yield partial(rewrite, rule=spelling)
        if repetitions is not None and not formatting.repairs:
            yield partial(hide_repairs, repetitions=repetitions)
        if self._write_terms is not None:
            yield self._write_terms
        if phrasing is not None and formatting.capitals:
            yield capitals.writing_names(language or "", formatting.participants)
        written = writing(formatting, language)
        if written is not None:
            yield written
        if phrasing is not None:
            yield partial(punctuate, phrasing=phrasing)
        if phrasing is not None and formatting.capitals:
            yield capitals.begin_sentences
        if not formatting.punctuation:
            yield partial(marks.strip, formatting=formatting)
        if not formatting.capitals:
            yield marks.lower
        if self._replace is not None:
            yield self._replace
