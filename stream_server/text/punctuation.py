"""Marks for words that came without any, from pauses and from what the words say. Pure.

Only a word's own mark is decided at it, from the word behind and the silence in front of that; so one word stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stream_server.text.marks import ends_sentence
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.sentences.phrasing import LONG_PAUSE, NOTICED_PAUSE, Phrasing
from stream_server.text.tokens import TRAILING_MARKS, Passage, Token

LONGEST_SENTENCE = 100
"""Words that are looked back over to tell whether a sentence asks."""


def punctuate(passage: Passage, phrasing: Phrasing) -> Passage:
    """Return the passage with commas, full stops and question marks where there is no mark yet."""
    return rewrite(passage, _Punctuator(phrasing, passage.continues, passage.ended and not passage.cut).marked)


@dataclass(frozen=True, slots=True)
class _Punctuator:
    """Punctuates one passage. `continues`: its beginning is none of a sentence; `closes`: its end is one."""

    phrasing: Phrasing
    continues: bool
    closes: bool

    def marked(self, reader: Reader) -> Sequence[Part] | None:
        """Say what the token gets, if it is without a mark."""
        token, behind = reader.peek(), reader.peek(1)
        if token is None or token.text[-1] in TRAILING_MARKS:
            return None
        if self._stops(token, behind):
            mark = "?" if self.phrasing.asks(self._sentence(reader)) else "."
        else:
            mark = "," if behind is not None and self._has_comma(token, behind, reader) else ""
        return [Part(1, token.text + mark)] if mark else None

    def _stops(self, token: Token, behind: Token | None) -> bool:
        if behind is None:
            return self.closes
        return (behind.pause or 0.0) >= LONG_PAUSE and token.key not in self.phrasing.leads_on

    def _has_comma(self, token: Token, behind: Token, reader: Reader) -> bool:
        if token.key in self.phrasing.leads_on:
            return False
        if (behind.pause or 0.0) >= NOTICED_PAUSE:
            return True
        if behind.key in self.phrasing.contrasts:
            return token.key not in self.phrasing.takes_contrast
        kept = self.phrasing.openers.get(token.key)
        return kept is not None and behind.key not in kept and self._opens(reader)

    def _opens(self, reader: Reader) -> bool:
        """Tell whether nothing but openers stands between a sentence's beginning and here."""
        ahead = 0
        while (before := reader.peek(ahead - 1)) is not None:
            if self._ended(before, reader.peek(ahead)):
                return True
            if before.key not in self.phrasing.openers:
                return False
            ahead -= 1
        return not self.continues

    def _sentence(self, reader: Reader) -> list[Token]:
        """Return the tokens from the sentence's beginning up to here."""
        tokens: list[Token] = []
        while len(tokens) < LONGEST_SENTENCE and (token := reader.peek(-len(tokens))) is not None:
            if tokens and self._ended(token, tokens[-1]):
                break
            tokens.append(token)
        return tokens[::-1]

    def _ended(self, token: Token, behind: Token | None) -> bool:
        if token.text[-1] in TRAILING_MARKS:
            return ends_sentence(token)
        return self._stops(token, behind)
