"""Capitals for words that came without any: of names early, for others look for them; of sentences when marks stand.

Words of an engine that writes capitals keep them, but for one that a cut in mid-sentence put there. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from stream_server.text.formatter import continue_sentence
from stream_server.text.marks import ends_sentence
from stream_server.text.names import NAMES
from stream_server.text.names.indonesian import NOT_PLACES, PLACES_BEHIND_PREPOSITIONS, PREPOSITIONS
from stream_server.text.names.people import names_of
from stream_server.text.names.titles import TITLES, may_be_name
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token

FIRST_PERSONS = {"i": "I", "i'm": "I'm", "i'll": "I'll", "i've": "I've", "i'd": "I'd"}


def without_cut_capital(passage: Passage) -> Passage:
    """Return a passage that goes on with a sentence without the capital that its beginning was given."""
    place = next((place for place, token in enumerate(passage.tokens) if token.text), None)
    if place is None or not passage.continues or passage.tokens[place].fixed:
        return passage
    tokens = list(passage.tokens)
    tokens[place] = replace(tokens[place], text=continue_sentence([tokens[place].text])[0])
    return replace(passage, tokens=tuple(tokens))


def write_names(passage: Passage, language: str, participants: tuple[str, ...]) -> Passage:
    """Return the passage with the capitals of names and titles, and of the English *I*."""
    return rewrite(passage, partial(_named, _names(language, participants)))


def begin_sentences(passage: Passage) -> Passage:
    """Return the passage with a capital at the beginning of each sentence, known by the mark in front."""
    return rewrite(passage, partial(_begun, continues=passage.continues))


@dataclass(frozen=True, slots=True)
class _Names:
    """How names are written, those of one word and those of several, these by their first word, the longest first."""

    language: str
    single: Mapping[str, str]
    several: Mapping[str, tuple[tuple[str, ...], ...]]


@lru_cache(maxsize=1024)
def _names(language: str, participants: tuple[str, ...]) -> _Names:
    names = {**NAMES[language], **names_of(participants)}
    if language == "en":
        names |= FIRST_PERSONS
    several: dict[str, list[tuple[str, ...]]] = {}
    for key, name in names.items():
        words = tuple(name.split())
        if len(words) > 1:
            several.setdefault(key.split()[0], []).append(words)
    single = {key: name for key, name in names.items() if " " not in key}
    longest = {first: tuple(sorted(found, key=len, reverse=True)) for first, found in several.items()}
    return _Names(language, single, longest)


def _named(names: _Names, reader: Reader) -> Sequence[Part] | None:
    token = reader.peek()
    if token is None or not token.key or token.core != token.key:
        return None  # what has a capital was given it
    for words in names.several.get(token.key, ()):
        parts = _whole_name(words, reader)
        if parts:
            return parts
    written = _written(names, token, reader)
    return [Part(1, token.lead + written + token.trail)] if written else None


def _whole_name(words: Sequence[str], reader: Reader) -> list[Part] | None:
    parts = []
    for ahead, word in enumerate(words):
        token = reader.peek(ahead)
        if token is None or token.key != word.casefold() or (token.trail and ahead + 1 < len(words)):
            return None
        parts.append(Part(1, token.lead + word + token.trail))
    return parts


def _written(names: _Names, token: Token, reader: Reader) -> str | None:
    bare, apostrophe, ending = token.key.partition("'")
    name = names.single.get(token.key) or names.single.get(bare)
    if name:
        return name if token.key in names.single else name + apostrophe + ending
    titles, language = TITLES[names.language], names.language
    if token.key in titles:
        behind = "" if token.trail.strip(".") else reader.key(1)
        return titles[token.key].removesuffix(token.trail) if may_be_name(behind, language) else None
    if reader.key(-1) in titles and may_be_name(token.key, language):
        return token.core.capitalize()
    if language == "id" and token.key in PLACES_BEHIND_PREPOSITIONS and reader.key(-1) in PREPOSITIONS:
        return None if reader.key(1) in NOT_PLACES else PLACES_BEHIND_PREPOSITIONS[token.key]
    return None


def _begun(reader: Reader, *, continues: bool) -> Sequence[Part] | None:
    token, before = reader.peek(), reader.peek(-1)
    if token is None or token.fixed or not token.core[0].islower() or token.core != token.core.lower():
        return None
    begins = not continues if before is None else ends_sentence(before)
    if not begins or _is_address(token.core):
        return None
    return [Part(1, token.lead + token.core[0].upper() + token.core[1:] + token.trail)]


def _is_address(text: str) -> bool:
    return "@" in text or "." in text[1:-1]
