"""Marks: one form for them, none as a word of its own, and none at all where nobody wants them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from stream_server.text.formatter import tidy_text
from stream_server.text.formatting import Formatting
from stream_server.text.redaction.kinds import MASK
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import LEADING_MARKS, TRAILING_MARKS, Passage, Token

SENTENCE_END = frozenset(".?!…。？！")

_MARKS = LEADING_MARKS + TRAILING_MARKS
_OPENING = frozenset(LEADING_MARKS) - frozenset(TRAILING_MARKS)
_STRAIGHT = str.maketrans("“”„«»‘’‚", '"""""\'\'\'')
_RUN = re.compile(r"[.,!?;:…]{2,}")
_TITLES = frozenset(("mr", "mrs", "ms", "dr", "prof", "st"))


def normalise(passage: Passage) -> Passage:
    """Return the passage with straight quotes, single marks, and each at the word that it belongs to.

    That is the word in front, or behind an opening one; a mark that has none is not shown.
    """
    return rewrite(passage, _at_its_word)


def drop_lone(passage: Passage) -> Passage:
    """Do the same for an engine that writes no marks: one that it writes as a word all the same is not shown.

    So no word has to wait for a mark that would come behind it.
    """
    return replace(passage, tokens=tuple(_worded(token) for token in passage.tokens))


def strip(passage: Passage, formatting: Formatting) -> Passage:
    """Take away the marks around words, but those of the vocabulary's terms; those within stay, as in "14.30"."""
    exact = frozenset(tidy_text(term.text) for term in formatting.vocabulary)
    return replace(passage, tokens=tuple(_stripped(token, exact) for token in passage.tokens))


def lower(passage: Passage) -> Passage:
    """Write all in lower case but what somebody asked to be written otherwise."""
    return replace(passage, tokens=tuple(_with(token, token.text.lower()) for token in passage.tokens))


def ends_sentence(token: Token) -> bool:
    """Tell whether a token closes its sentence; the stop of a title does not."""
    return not SENTENCE_END.isdisjoint(token.trail) and token.key not in _TITLES


def single_marks(text: str) -> str:
    """Return a word with straight quotes, and one mark where it had several that mean no more."""
    straight = text.translate(_STRAIGHT)
    core = straight.rstrip(_MARKS)
    return core + _RUN.sub(_single, straight[len(core) :])


def _single(run: re.Match[str]) -> str:
    marks = run[0]
    for dots in ("...", "…"):
        if marks.startswith(dots):
            return dots + _strongest(marks.replace(".", "").replace("…", ""))
    if marks[0] == "." and marks[-1] in ",;:" and not {"?", "!"} & set(marks):
        return "." + marks[-1]  # an abbreviation in mid-sentence
    return _strongest(marks)


def _strongest(marks: str) -> str:
    asked = "".join(dict.fromkeys(mark for mark in marks if mark in "?!"))
    return asked or ("." if "." in marks else marks[:1])


def _is_lone(token: Token | None) -> bool:
    return token is not None and token.text[0] in _MARKS and not token.text.strip(_MARKS)


def _at_its_word(reader: Reader) -> Sequence[Part] | None:
    first, second = reader.peek(), reader.peek(1)
    if first is not None and not _is_lone(first) and not _is_lone(second):
        return None if first.text.isalnum() else [Part(1, single_marks(first.text))]
    count = 0
    text = ""
    while (token := reader.peek(count)) is not None and _is_lone(token) and token.text[0] in _OPENING:
        text += token.text
        count += 1
    if token is None or _is_lone(token):
        return [Part(count + (token is not None), "")]
    text += token.text
    count += 1
    while (token := reader.peek(count)) is not None and _is_lone(token) and token.text[0] not in _OPENING:
        text += token.text
        count += 1
    return [Part(count, single_marks(text))]


def _worded(token: Token) -> Token:
    if token.text.isalnum() or not token.text:
        return token
    return _with(token, "" if _is_lone(token) else single_marks(token.text))


def _stripped(token: Token, exact: frozenset[str]) -> Token:
    text = token.text
    masks = [found.span() for found in MASK.finditer(text)] if token.masked else []
    if masks:
        begin, end = masks[0][0], masks[-1][1]
        text = text[:begin].lstrip(LEADING_MARKS) + text[begin:end] + text[end:].rstrip(TRAILING_MARKS)
    elif token.fixed:
        while text and text not in exact and text[-1] in TRAILING_MARKS:
            text = text[:-1]
        while text and text not in exact and text[0] in LEADING_MARKS:
            text = text[1:]
    else:
        text = text.lstrip(LEADING_MARKS).rstrip(TRAILING_MARKS)
    return token if text == token.text else replace(token, text=text)


def _with(token: Token, text: str) -> Token:
    return token if token.fixed or text == token.text else replace(token, text=text)
