"""From tokens to words: split where the language splits, keep punctuation with the word it belongs to.

Every token stays with a word, so that the words' tokens put together are the text's tokens again and can be fed back as
a forced prefix. Follows Whisper's `split_to_word_tokens` and `merge_punctuations`, except that what is written without
a space stays one word ("twenty-five", "$250,000").
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

SPACELESS = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages written without spaces: each character is a word here, and words are joined without a space."""

PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"
SENTENCE_ENDS = ".。!！?？"


class Decodes(Protocol):
    """The part of a tokenizer that is needed here."""

    def decode(self, tokens: list[int]) -> str:
        """Return the text of the tokens."""
        ...


@dataclass(slots=True)
class Piece:
    """The smallest readable run of tokens: `tokens[first:stop]` of the text."""

    text: str
    first: int
    stop: int

    @property
    def bare(self) -> str:
        """Return the text without its leading space."""
        return self.text.strip()


@dataclass(slots=True)
class WordPieces:
    """One word: punctuation in front, its core, punctuation behind. The core alone is timed."""

    before: list[Piece] = field(default_factory=list)
    core: list[Piece] = field(default_factory=list)
    after: list[Piece] = field(default_factory=list)

    @property
    def pieces(self) -> list[Piece]:
        """Return all pieces in order."""
        return [*self.before, *self.core, *self.after]

    @property
    def text(self) -> str:
        """Return the word as written, without surrounding space."""
        return "".join(piece.bare for piece in self.pieces)


def split_words(tokenizer: Decodes, tokens: Sequence[int], language: str, prefix: int = 0) -> list[WordPieces]:
    """Split text tokens into words; the first `prefix` tokens are split by themselves.

    So a committed prefix keeps its number of words: what continues its last word without a space (a comma, a suffix) is
    attached to that word.
    """
    spaceless = language in SPACELESS
    words = _group(readable_pieces(tokenizer, tokens[:prefix]), [], spaceless=spaceless)
    rest = readable_pieces(tokenizer, tokens[prefix:], first=prefix)
    return _group(rest, words, spaceless=spaceless)


def readable_pieces(tokenizer: Decodes, tokens: Sequence[int], first: int = 0) -> list[Piece]:
    """Cut tokens wherever what was read so far is whole characters; leftovers join the last piece."""
    pieces: list[Piece] = []
    full = tokenizer.decode(list(tokens))
    read, begun = 0, 0
    for stop in range(1, len(tokens) + 1):
        text = tokenizer.decode(list(tokens[begun:stop]))
        broken = text.find("\ufffd")
        # A replacement character that the whole text has in the same place is real: the tokens hold no more of it.
        if broken < 0 or full[read + broken : read + broken + 1] == "\ufffd":
            pieces.append(Piece(text, first + begun, first + stop))
            read, begun = read + len(text), stop
    if begun < len(tokens):
        if pieces:
            pieces[-1].stop = first + len(tokens)
        else:
            pieces.append(Piece("", first, first + len(tokens)))
    return pieces


def _group(pieces: list[Piece], words: list[WordPieces], *, spaceless: bool) -> list[WordPieces]:
    """Append pieces to `words` as further words, or to the last word where they belong to it."""
    waiting: list[Piece] = []
    for piece in pieces:
        place = _place(piece, words, begun=bool(waiting), spaceless=spaceless)
        if place == "before":
            waiting.append(piece)
        elif place == "after":
            words[-1].after.append(piece)
        elif place == "core":
            last = words[-1]
            last.core += [*last.after, piece]
            last.after = []
        else:
            words.append(WordPieces(before=waiting, core=[piece]))
            waiting = []
    if waiting and words:
        words[-1].after += waiting
    elif waiting:
        words.append(WordPieces(core=waiting))
    return words


def _place(piece: Piece, words: list[WordPieces], *, begun: bool, spaceless: bool) -> str:
    """Tell whether a piece goes before the next word, after the last, into its core, or starts a new one."""
    bare = piece.bare
    spaced = piece.text.startswith(" ") or (bool(words) and words[-1].pieces[-1].text.endswith(" "))
    if not bare:
        return "after" if words and not begun else "before"
    if spaced and bare in PREPENDED:
        return "before"
    if begun or not words:
        return "new"
    if all(character in APPENDED for character in bare):
        return "after"
    glued = _continues(words[-1].text, bare) if spaceless else True
    return "core" if glued and not spaced else "new"


def _continues(before: str, bare: str) -> bool:
    """Tell whether a Latin word or number goes on within text that has no spaces."""
    letters = string.ascii_letters + string.digits
    return before[-1:] in letters and bare[0] in letters and bool(before)
