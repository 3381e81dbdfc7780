"""Marks for words that came without any, from pauses and from what the words say. Pure.

Only a word's own mark is decided at it, from the word behind and the silence in front of that; so one word stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stream_server.text.marks import ends_sentence
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.sentences.phrasing import CLEAR_PAUSE, HEARD_PAUSE, LONG_PAUSE, NOTICED_PAUSE, Phrasing
from stream_server.text.tokens import TRAILING_MARKS, Passage, Token

LONGEST_SENTENCE = 100
"""Words that are looked back over to tell whether a sentence asks."""

MOST_OPENERS = 4
"""Words that one may begin a sentence with before it begins: "well, yes, okay, no, we"."""


def punctuate(passage: Passage, phrasing: Phrasing) -> Passage:
    """Return the passage with commas, full stops and question marks where there is no mark yet."""
    return rewrite(passage, _Punctuator(phrasing, passage.continues, passage.ended and not passage.cut).marked)


@dataclass(frozen=True, slots=True)
class _Said:
    """What was said from a sentence's beginning up to a token: its first word but openers, and what else is there."""

    begin: str = ""
    words: int = 0
    is_clausal: bool = False

    def and_then(self, token: Token, phrasing: Phrasing) -> _Said:
        """Return it with one more word."""
        begin = self.begin or ("" if token.key in phrasing.openers else token.key)
        return _Said(begin, self.words + 1, self.is_clausal or token.key in phrasing.clausal)


@dataclass(frozen=True, slots=True)
class _Punctuator:
    """Punctuates one passage. `continues`: its beginning is none of a sentence; `closes`: its end is one.

    What is known of a token, by its place, is kept: those behind it ask for it again, and it never changes. The first
    who asked has read what it depends on, so that what is open stays known.
    """

    phrasing: Phrasing
    continues: bool
    closes: bool
    ends: dict[tuple[int, bool], bool] = field(default_factory=dict)
    said: dict[int, _Said] = field(default_factory=dict)

    def marked(self, reader: Reader) -> Sequence[Part] | None:
        """Say what the token gets, if it is without a mark."""
        token, behind = reader.peek(), reader.peek(1)
        if token is None or _has_mark(token):
            return None
        if self._ends(reader, 0):
            mark = "?" if self.phrasing.asks(self._sentence(reader)) else "."
        else:
            mark = "," if behind is not None and self._has_comma(token, behind, reader) else ""
        return [Part(1, token.text + mark)] if mark else None

    def _ends(self, reader: Reader, ahead: int, *, roughly: bool = False) -> bool:
        """Tell whether a sentence ends with a token; `ahead` counts from the one that is asked about.

        Roughly is without a look at the sentence, which would have to know where it began.
        """
        place = reader.at + ahead, roughly
        if place not in self.ends:
            self.ends[place] = self._is_end(reader, ahead, roughly=roughly)
        return self.ends[place]

    def _is_end(self, reader: Reader, ahead: int, *, roughly: bool) -> bool:
        token, behind = reader.peek(ahead), reader.peek(ahead + 1)
        if token is None or behind is None:
            return self.closes
        if _has_mark(token):
            return ends_sentence(token)
        pause = behind.pause or 0.0
        if pause < HEARD_PAUSE:
            return False
        if token.key in self.phrasing.leads_on:  # but for "how much did they bring in"
            known = pause >= LONG_PAUSE and not roughly
            return known and self.phrasing.asks(self._sentence(reader, ahead, roughly=True))
        if pause >= LONG_PAUSE or self._asks_behind(reader, ahead):
            return True
        return not roughly and pause >= CLEAR_PAUSE and self._begins_behind(reader, ahead)

    def _begins_behind(self, reader: Reader, ahead: int) -> bool:
        """Tell whether what was said makes a sentence, and the word behind begins one."""
        if reader.key(ahead + 1) not in self.phrasing.begins:
            return False
        token, said = reader.peek(ahead), self._said(reader, ahead)
        if token is None or not said.begin or said.begin in self.phrasing.subordinates:
            return False
        return said.words > 1 and said.is_clausal and token.key not in self.phrasing.takes_question

    def _asks_behind(self, reader: Reader, ahead: int) -> bool:
        """Tell whether a question begins behind a token; not behind somebody's name alone, or what only leads to it."""
        token, before = reader.peek(ahead), reader.peek(ahead - 1)
        if token is None or token.key in self.phrasing.takes_question or token.key in self.phrasing.openers:
            return False
        if before is None or _has_mark(before) or (token.pause or 0.0) >= LONG_PAUSE:
            return False
        if token.core != token.key and before.core != before.key:
            return False
        return self.phrasing.begins_question(lambda further: reader.peek(ahead + 1 + further))

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
        for ahead in range(-1, -MOST_OPENERS - 1, -1):
            before = reader.peek(ahead)
            if before is None:
                return not self.continues
            if self._ends(reader, ahead):
                return True
            if before.key not in self.phrasing.openers:
                return False
        return False

    def _sentence(self, reader: Reader, ahead: int = 0, *, roughly: bool = False) -> list[Token]:
        """Return the tokens from the sentence's beginning up to one."""
        tokens: list[Token] = []
        while len(tokens) < LONGEST_SENTENCE and (token := reader.peek(ahead - len(tokens))) is not None:
            if tokens and self._ends(reader, ahead - len(tokens), roughly=roughly):
                break
            tokens.append(token)
        return tokens[::-1]

    def _said(self, reader: Reader, ahead: int) -> _Said:
        """Return what was said of the sentence, roughly, up to a token."""
        place = begin = reader.at + ahead
        while begin not in self.said and begin > 0 and not self._ends(reader, begin - 1 - reader.at, roughly=True):
            begin -= 1
        said = self.said.get(begin, _Said())
        for each in range(begin + (begin in self.said), place + 1):
            token = reader.peek(each - reader.at)
            if token is not None:
                said = self.said[each] = said.and_then(token, self.phrasing)
        return said


def _has_mark(token: Token) -> bool:
    """Tell whether a token ends in a mark; a mask's own bracket is none."""
    return token.text[-1] in TRAILING_MARKS and not (token.masked and token.text[-1] == "]")
