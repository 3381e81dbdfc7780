"""Write something else instead of words and phrases, as people would read them. Pure.

What is read as several words may be one token ("5 km"); a phrase may begin or end within it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias
from weakref import WeakValueDictionary

from stream_server.text.formatter import join, tidy_text
from stream_server.text.formatting import Formatting, Replacement
from stream_server.text.marks import SENTENCE_END, ends_sentence
from stream_server.text.phrases import Found, Phrases, Words
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token, passage_of
from stream_server.text.writing import LANGUAGES, writing

ENDINGS = (("'s", 1),)

_GLUED = re.compile(r"\d[a-z]", re.ASCII | re.IGNORECASE)
_WRITING = tuple(filter(None, (writing(Formatting(spelling=False, capitals=False), each) for each in LANGUAGES)))

Stage: TypeAlias = Callable[[Passage], Passage]

_AT_HAND: WeakValueDictionary[tuple[Replacement, ...], Phrases[str]] = WeakValueDictionary()
"""What those look in who make the same replacements now: it is made once for all of them, and goes with the last."""


def replacing(replacements: tuple[Replacement, ...]) -> Stage:
    """Return the stage that makes these replacements.

    Where something is left out, a word waits for the next one: it may leave its mark.
    """
    instead = [(each.find, tidy_text(each.replace)) for each in replacements]
    phrases = _AT_HAND.get(replacements)
    if phrases is None:
        apart = [(written, text) for find, text in instead for written in _apart(find)]
        phrases = _AT_HAND[replacements] = Phrases([*instead, *apart], ENDINGS)
    replaced = partial(rewrite, rule=partial(_replaced, phrases=phrases))
    if all(text for _, text in instead):
        return replaced
    return lambda passage: rewrite(replaced(passage), _with_mark_left)


def _apart(find: str) -> Iterator[str]:
    """Yield what people read of digits that are to be found in one word with their unit: 64 GB of 64GB."""
    if _GLUED.search(find) is None:
        return
    heard = passage_of(find.split())
    for write in _WRITING:
        written = join(token.text for token in write(heard).tokens)
        if written != find:
            yield written


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
    return [Token(word, 0, 1, turn=token.turn and not place) for place, word in enumerate(words)]


def _replaced(reader: Reader, phrases: Phrases[str]) -> Sequence[Part] | None:
    token = reader.peek()
    if token is None or not any(map(phrases.may_begin, _words_of(token))):
        return None
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
    return [Part(last + 1, _line(texts))] if is_changed else None


def _instead(found: Found[str], first: Token, last: Token) -> str:
    """Return what is written instead, within the marks around what was found; of what is left out its closing mark."""
    if not found.value:
        return "".join(mark for mark in last.trail if mark in SENTENCE_END)
    written = Token(found.value, 0, 1)
    ending = found.ending_of(last)
    lead, trail = first.lead.removesuffix(written.lead), last.trail.removeprefix(written.trail)
    return f"{lead}{found.value}{ending}{trail}"


def _line(texts: Sequence[str]) -> str:
    """Return texts as one; a mark that was left belongs to the word in front of it."""
    line = ""
    for text in filter(None, texts):
        if _is_mark(line):
            line = ""
        line = _marked(line, text) if line and _is_mark(text) else f"{line} {text}".strip()
    return line


def _with_mark_left(reader: Reader) -> Sequence[Part] | None:
    token = reader.peek()
    if token is None:
        return None
    if _is_mark(token.text):
        return [Part(1)]  # no word in front of it that could take it
    if ends_sentence(token):
        return None
    behind = reader.peek(1)
    return [Part(2, _marked(token.text, behind.text))] if behind is not None and _is_mark(behind.text) else None


def _is_mark(text: str) -> bool:
    return bool(text) and SENTENCE_END.issuperset(text)


def _marked(text: str, mark: str) -> str:
    """Return a text that ends a sentence as a mark says, or as it did already."""
    return text if ends_sentence(Token(text, 0, 1)) else text.rstrip(",;:") + mark
