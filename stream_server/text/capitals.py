"""Capitals for words that came without any: of names early, for others look for them; of sentences when marks stand.

Words of an engine that writes capitals keep them, but for one that a cut in mid-sentence put there. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from stream_server.text.marks import ends_sentence
from stream_server.text.names import NAMES
from stream_server.text.names.indonesian import NOT_PLACES, PLACES_BEHIND_PREPOSITIONS, PREPOSITIONS
from stream_server.text.names.people import names_of
from stream_server.text.names.titles import TITLES, may_be_name
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token, with_capital

_FUNCTION_WORDS = {
    "a", "an", "and", "are", "as", "at", "because", "but", "by", "for", "from", "if", "in", "is", "it", "of", "on",
    "or", "so", "that", "the", "then", "there", "they", "this", "to", "was", "we", "which", "while", "with", "you",
    "dan", "atau", "di", "ke", "dari", "yang", "untuk", "pada", "dengan", "karena", "tetapi", "tapi", "jika", "kalau",
    "ini", "itu", "adalah",
}  # fmt: skip
"""Words that carry a capital only at the start of a sentence; English and Indonesian."""

Stage: TypeAlias = Callable[[Passage], Passage]

FIRST_PERSONS = {"i": "I", "i'm": "I'm", "i'll": "I'll", "i've": "I've", "i'd": "I'd"}


def without_cut_capital(passage: Passage) -> Passage:
    """Return a passage that goes on with a sentence without the capital that its beginning was given.

    A recogniser begins every window with one; in mid-sentence a function word loses it. Names keep theirs.
    """
    place = next((place for place, token in enumerate(passage.tokens) if token.text), None)
    if place is None or not passage.continues:
        return passage
    tokens = list(passage.tokens)
    token = tokens[place]
    if token.key not in _FUNCTION_WORDS or token.core != token.core.capitalize():
        return passage  # a name, or an abbreviation such as "IT"
    tokens[place] = replace(token, text=token.lead + token.core[0].lower() + token.core[1:] + token.trail)
    return replace(passage, tokens=tuple(tokens))


def writing_names(language: str, participants: tuple[str, ...]) -> Stage:
    """Return the stage that writes the capitals of names and titles, and of the English *I*."""
    return partial(rewrite, rule=partial(_named, _names(language, participants)))


def begin_sentences(passage: Passage) -> Passage:
    """Return the passage with a capital at the beginning of each sentence, known by the mark in front."""
    tokens: list[Token] = []
    begins = not passage.continues
    for token in passage.tokens:
        tokens.append(_begun(token) if begins and token.text else token)
        if token.text:
            begins = ends_sentence(token)
    return replace(passage, tokens=tuple(tokens))


@dataclass(frozen=True, slots=True)
class _Names:
    """How names are written, those of one word and those of several, these by their first word, the longest first.

    `known` are all keys that may begin something.
    """

    language: str
    titles: Mapping[str, str]
    places: Mapping[str, str]
    single: Mapping[str, str]
    several: Mapping[str, tuple[tuple[str, ...], ...]]
    known: frozenset[str]


def _names(language: str, participants: tuple[str, ...]) -> _Names:
    names = {**NAMES[language], **names_of(participants)}
    if language == "en":
        names |= FIRST_PERSONS
    several: dict[str, list[tuple[str, ...]]] = {}
    for key, name in names.items():
        words = tuple(name.split())
        if len(words) > 1:
            several.setdefault(key.split()[0].rstrip("."), []).append(words)
    single = {key: name for key, name in names.items() if " " not in key}
    longest = {first: tuple(sorted(found, key=len, reverse=True)) for first, found in several.items()}
    titles = TITLES[language]
    places = PLACES_BEHIND_PREPOSITIONS if language == "id" else {}
    return _Names(language, titles, places, single, longest, frozenset((*titles, *places, *single, *longest)))


def _named(names: _Names, reader: Reader) -> Sequence[Part] | None:
    token = reader.peek()
    if token is None or not token.key or token.core != token.key:
        return None  # what has a capital was given it
    if token.key not in names.known and "'" not in token.key and not _is_title(reader.peek(-1), names):
        return None
    for words in names.several.get(token.key, ()):
        parts = _whole_name(words, reader)
        if parts:
            return parts
    written = _written(names, token, reader)
    return [Part(1, token.lead + written + token.trail)] if written else None


def _whole_name(words: Sequence[str], reader: Reader) -> list[Part] | None:
    parts = []
    for ahead, word in enumerate(words):
        token, stop = reader.peek(ahead), word[len(word.rstrip(".")) :]  # an initial has a stop of its own
        if token is None or token.key != word.casefold().removesuffix(stop):
            return None
        trail = token.trail.removeprefix(stop)
        if trail and ahead + 1 < len(words):
            return None
        parts.append(Part(1, token.lead + word + trail))
    return parts


def _written(names: _Names, token: Token, reader: Reader) -> str | None:
    bare, apostrophe, ending = token.key.partition("'")
    name = names.single.get(token.key) or names.single.get(bare)
    if name:
        return name if token.key in names.single else name + apostrophe + ending
    if token.key in names.titles:
        behind = reader.key(1) if _is_title(token, names) else ""
        written = names.titles[token.key].removesuffix(token.trail)
        return written if may_be_name(behind, names.language) else None
    if _is_title(reader.peek(-1), names) and may_be_name(token.key, names.language):
        return token.core.capitalize()
    if token.key in names.places and reader.key(-1) in PREPOSITIONS:
        return None if reader.key(1) in NOT_PLACES else names.places[token.key]
    return None


def _is_title(token: Token | None, names: _Names) -> bool:
    """Tell whether a token is a title that a name may follow: no mark parts them but the title's own stop.

    Letters that were joined are none: `m s one` is `MS one`.
    """
    if token is None or token.core.isupper():
        return False
    return token.key in names.titles and token.trail in {"", "."}


def _begun(token: Token) -> Token:
    core = token.core
    first = core.partition(" ")[0] or core
    if token.fixed or not first[0].islower() or first != first.lower() or _is_address(first):
        return token
    return replace(token, text=with_capital(token.text))


def _is_address(text: str) -> bool:
    return "@" in text or "." in text[1:-1]
