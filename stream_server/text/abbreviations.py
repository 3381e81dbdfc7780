"""Abbreviations in their usual form, and letters that are spelled out joined to one word. Pure.

What a language abbreviates is a table of its own: `english.abbreviated`, `indonesian.abbreviated`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from stream_server.text.rewriting import Part, Reader, Rule
from stream_server.text.runs import Run

_VOWELS = {"a", "i"}
"""Words of one letter in English; they begin no abbreviation of themselves alone."""
_NAMED_BY_LETTER = {"plan", "option", "vitamin", "point", "section", "appendix", "grade", "type", "team", "group"}
_IN_NAMES = {ord(each): None for each in "'’-"}
MOST_LETTERS = 12
"""Of an abbreviation."""
MOST_NAMED = 5
"""Words of a company's name, between PT and Tbk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abbreviated:
    """The abbreviations of a language, by how they are said or written without regard to case."""

    forms: Mapping[str, str]
    numbered: Mapping[str, str] = field(default_factory=dict)
    """Those that are words as well: only where `begins_number` says that a number, or the like, stands behind them."""
    begins_number: Callable[[str], bool] = bool
    titles: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """Titles in front of a name; whether they are words as well, so that the name behind them must be known."""
    names: frozenset[str] = frozenset()
    """By their keys."""
    no_names: frozenset[str] = frozenset()
    """Words that are no name behind a title, capital or not."""
    companies: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Forms of companies, and what stands behind the names of those whose shares are traded."""


def abbreviations(known: Abbreviated) -> Rule:
    """Return a rule that writes the abbreviations of a language."""
    return partial(_abbreviate, known=known)


def _abbreviate(reader: Reader, *, known: Abbreviated) -> Sequence[Part] | None:
    key = reader.key()
    if len(key) == 1:
        return _letters(Run(reader), known) if "a" <= key <= "z" else None
    if key in known.titles:
        return _title(Run(reader), known)
    if key in known.companies:
        return _company(Run(reader), known)
    form = known.forms.get(key) or _dashed(key, known)
    if form is None and key in known.numbered and reader.peek(1) is not None:
        run = Run(reader)
        form = known.numbered[key] if known.begins_number(run.key(1)) else None
    token = reader.peek()
    if form is None or token is None or token.core == form:
        return None
    return [Part(1, f"{token.lead}{form}{token.trail}")]


def _dashed(key: str, known: Abbreviated) -> str | None:
    """Return C-E-O as it is written; of two letters nobody knows what stands between them."""
    letters = key.split("-") if key[1:2] == "-" else []
    if len(letters) < 3 or not all(len(each) == 1 and each.isascii() and each.isalpha() for each in letters):
        return None
    return _form("".join(letters), known)


def _letters(run: Run, known: Abbreviated) -> Sequence[Part] | None:
    """Join single letters: two or more, but a and I are words as well."""
    count = 1
    while count <= MOST_LETTERS and len(key := run.key(count)) == 1 and "a" <= key <= "z":
        count += 1
    letters = "".join(run.keys(0, count))
    if count < 2 or count > MOST_LETTERS or (letters[0] == letters[1] and letters[0] in _VOWELS):
        return None
    if count == 2 and not _is_pair(run, letters):
        return None
    return [run.write(_form(letters, known), count)]


def _is_pair(run: Run, letters: str) -> bool:
    """Whether two letters belong together, where one of them may be a word: plan b I think, a C function."""
    if letters[1] == "a" or letters == "ia":
        return False
    if letters[1] == "i" and run.before() in _NAMED_BY_LETTER:
        return False
    first, second = run.token(0), run.token(1)
    alike = first is not None and second is not None and first.core.isupper() == second.core.isupper()
    return alike or letters[0] not in _VOWELS


def _form(letters: str, known: Abbreviated) -> str:
    """Return letters as an abbreviation: in its usual form, with a small s behind several of it."""
    form = known.forms.get(letters)
    if form is None and letters[-1] == "s" and letters[:-1] in known.forms:
        return f"{known.forms[letters[:-1]]}s"
    return form or letters.upper()


def _title(run: Run, known: Abbreviated) -> Sequence[Part] | None:
    """Write Mr. Smith: a title in front of a name, which gets its capital."""
    title, is_word = known.titles[run.key(0)]
    name = run.token(1)
    if (
        name is None
        or not name.key.translate(_IN_NAMES).isalpha()
        or len(name.core) == 1
        or name.core.isupper()
        or name.key in known.no_names
        or name.key in known.forms
    ):
        return None
    if name.core[0].islower() and (not name.key.isalpha() or (is_word and name.key not in known.names)):
        return None
    first = run.write(title, 1)
    capital = f"{name.lead}{name.core[0].upper()}{name.core[1:]}{name.trail}"
    return [first] if capital == name.text else [first, Part(1, capital)]


def _company(run: Run, known: Abbreviated) -> Sequence[Part] | None:
    """Write PT Maju Jaya Tbk: a company's form, its name and what says that its shares are traded."""
    company, ending = known.companies[run.key(0)]
    first = run.write(company, 1)
    name: list[Part] = []
    for place in range(1, MOST_NAMED + 2):
        key, token = run.key(place), run.token(place)
        if name and key == ending.casefold():
            return [first, *name, run.write(ending, place + 1, place)]
        if token is None:
            break
        name.append(run.write(f"{token.core[:1].upper()}{token.core[1:]}", place + 1, place))
    return [first]
