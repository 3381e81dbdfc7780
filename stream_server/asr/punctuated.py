"""An engine that writes no marks with a punctuation model behind it: together they punctuate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stream_server.asr.engine import Capabilities, Engine
from stream_server.asr.punctuation_labels import Label
from stream_server.asr.punctuator import Punctuator
from stream_server.text.capitals import begin_sentences, writing_names
from stream_server.text.formatter import tidy
from stream_server.text.names import NAMES
from stream_server.text.tokens import LEADING_MARKS, TRAILING_MARKS, passage_of, with_capital
from stream_server.work import Hypothesis, Transcribe

_MARKS = LEADING_MARKS + TRAILING_MARKS


class PunctuatedEngine:
    """Write marks and capitals into what another engine hears.

    Words that were committed keep theirs, whatever the model makes of them later; the engine sees them bare.
    """

    def __init__(self, engine: Engine, punctuator: Punctuator) -> None:
        self._engine = engine
        self._punctuator = punctuator

    @property
    def capabilities(self) -> Capabilities:
        """Describe the engine, which punctuates now."""
        return replace(self._engine.capabilities, punctuates=True)

    def warm_up(self) -> None:
        """Run both once."""
        self._engine.warm_up()
        self._punctuator.warm_up()

    def bucket(self, item: Transcribe) -> object:
        """Return the engine's key."""
        return self._engine.bucket(_bare(item))

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Return what the engine hears, with marks and capitals."""
        outcomes = self._engine.run([_bare(item) for item in batch])
        return [
            self._marked(item, outcome) if isinstance(outcome, Hypothesis) else outcome
            for item, outcome in zip(batch, outcomes, strict=True)
        ]

    def close(self) -> None:
        """Free the engine's model."""
        self._engine.close()

    def _marked(self, item: Transcribe, heard: Hypothesis) -> Hypothesis:
        texts = [_bare_word(word.text) for word in heard.words]
        labels = self._punctuator.label(texts)
        committed = item.prefix_words[: len(texts)]
        behind = slice(len(committed), None)
        new = [_written(text, label) for text, label in zip(texts[behind], labels[behind], strict=True)]
        written = [*committed, *new]
        if not self._punctuator.knows_capitals:
            written = [*committed, *_with_capitals(written, heard.language, item.participants)[behind]]
        words = (replace(word, text=text) for word, text in zip(heard.words, written, strict=True))
        return replace(heard, words=tuple(words))


def _bare(item: Transcribe) -> Transcribe:
    return replace(item, prefix_words=tuple(_bare_word(word) for word in item.prefix_words))


def _bare_word(word: str) -> str:
    return word.strip(_MARKS).lower() or word


def _written(text: str, label: Label) -> str:
    if label.capitals == "all":
        text = text.upper()
    elif label.capitals == "first":
        text = with_capital(text)
    return text + label.mark


def _with_capitals(words: list[str], language: str, participants: tuple[str, ...]) -> list[str]:
    """Return words with the capitals of names and of sentences: the model tells marks alone."""
    texts = tidy(words)
    if not all(texts):
        return words  # nothing to go by: an engine that hears words of no characters
    passage = passage_of(texts)
    if language in NAMES:
        passage = writing_names(language, participants)(passage)
    return [token.text for token in begin_sentences(passage).tokens]
