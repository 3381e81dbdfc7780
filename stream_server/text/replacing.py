"""Write something else instead of words and phrases, as people would read them. Pure.

What is read as several words may be one token ("5 km"); a phrase may begin or end within it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

from stream_server.text.formatter import tidy
from stream_server.text.formatting import Replacement
from stream_server.text.phrases import Found, Phrases, Words
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token

ENDINGS = (("'s", 1),)

Stage: TypeAlias = Callable[[Passage], Passage]


@lru_cache(maxsize=64)
def replacing(replacements: tuple[Replacement, ...]) -> Stage:
    """Return the stage that makes these replacements."""
    phrases = Phrases([(each.find, " ".join(tidy(each.replace.split()))) for each in replacements], ENDINGS)
    return partial(rewrite, rule=partial(_replaced, phrases=phrases))


class _ReadWords:
    """The words that are read in tokens from a reader's place on, looked at only as far as somebody asks."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._words: list[tuple[Token, int]] = []
        self._tokens = 0

    def word(self, place: int) -> Token | None:
        """Return a word; None where there is none."""
        while len(self._words) <= place:
            if not self._read_on():
                return None
        return self._words[place][0]

    def word_within(self, place: int, last: int) -> Token | None:
        """Return a word if it is in the tokens up to `last`; no other is read."""
        while len(self._words) <= place and self._tokens <= last:
            if not self._read_on():
                break
        return self._words[place][0] if place < len(self._words) and self._words[place][1] <= last else None

    def words_from(self, place: int) -> Words:
        """Return what gives the words from there on."""
        return lambda ahead: self.word(place + ahead)

    def token(self, place: int) -> int:
        """Return in which token a word is that was looked at."""
        return self._words[place][1]

    def _read_on(self) -> bool:
        token = self._reader.peek(self._tokens)
        if token is None:
            return False
        self._words += [(word, self._tokens) for word in _words_of(token)]
        self._tokens += 1
        return True


def _words_of(token: Token) -> Sequence[Token]:
    words = token.text.split()
    if token.masked or (len(words) == 1 and not token.fixed):
        return (token,)
    return [Token(word, 0, 1) for word in words]


def _replaced(reader: Reader, phrases: Phrases[str]) -> Sequence[Part] | None:
    read = _ReadWords(reader)
    texts, place, last, is_changed = [], 0, 0, False
    while (word := read.word_within(place, last)) is not None:
        found = phrases.find(read.words_from(place))
        place += 1 if found is None else found.count
        if found is None:
            texts.append(word.text)
            continue
        last, is_changed = max(last, read.token(place - 1)), True
        texts.append(_instead(found, word, read.word(place - 1) or word))
    return [Part(last + 1, " ".join(filter(None, texts)))] if is_changed else None


def _instead(found: Found[str], first: Token, last: Token) -> str:
    """Return what is written instead, within the marks around what was found."""
    if not found.value:
        return ""
    written = Token(found.value, 0, 1)
    ending = last.core[len(last.core) - len(found.ending) :]
    lead, trail = first.lead.removesuffix(written.lead), last.trail.removeprefix(written.trail)
    return f"{lead}{found.value}{ending}{trail}"
