"""Words to display text: the first stages, spacing and the joins between utterances.

A stage is a pure function over words; later ones (numbers, punctuation, vocabulary) join the same tuple.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "IDEOGRAPHIC", "FULLWIDTH")
"""Scripts written without spaces, by the first word of their characters' Unicode names."""

_FUNCTION_WORDS = {
    "a", "an", "and", "are", "as", "at", "because", "but", "by", "for", "from", "if", "in", "is", "it", "of", "on",
    "or", "so", "that", "the", "then", "there", "they", "this", "to", "was", "we", "which", "while", "with", "you",
    "dan", "atau", "di", "ke", "dari", "yang", "untuk", "pada", "dengan", "karena", "tetapi", "tapi", "jika", "kalau",
    "ini", "itu", "adalah",
}  # fmt: skip
"""Words that carry a capital only at the start of a sentence; English and Indonesian."""


_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: they belong to the spelling of Persian and of the languages of India."""


def join(texts: Iterable[str]) -> str:
    """Join words with spaces, except where both neighbours belong to a script without any."""
    line = ""
    for text in texts:
        if not text:
            continue
        line += f" {text}" if line and _spaced(line[-1], text[0]) else text
    return line


def _spaced(left: str, right: str) -> bool:
    return not (_is_unspaced(left) or _is_unspaced(right))


def _is_unspaced(character: str) -> bool:
    return character > "\u0e00" and unicodedata.name(character, "").startswith(_UNSPACED)


def continue_sentence(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of an utterance that goes on where the previous one was cut.

    A recogniser begins every window with a capital; in mid-sentence a function word loses it. Names keep theirs.
    """
    if not words:
        return ()
    first = words[0]
    bare = first.strip(".,!?;:").casefold()
    return (first[0].lower() + first[1:] if bare in _FUNCTION_WORDS else first, *words[1:])


def tidy(words: Iterable[str]) -> tuple[str, ...]:
    """Strip what no reader wants: surrounding space, control characters, and format characters but the joiners."""
    return tuple(
        "".join(c for c in word if c in _JOINERS or unicodedata.category(c)[0] != "C").strip() for word in words
    )
