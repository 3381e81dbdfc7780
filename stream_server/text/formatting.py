"""What a client may ask of the formatter: plain values, the same for every dialect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, TypeAlias, get_args

from stream_server.errors import InvalidConfiguration
from stream_server.text.formatter import tidy_text

Secret: TypeAlias = Literal["numbers", "card", "phone", "email", "nik", "names"]

SECRETS: tuple[Secret, ...] = get_args(Secret)

MOST_TERMS = 500
"""Of a vocabulary or a list of replacements: each is looked for at every word."""

LONGEST_TERM = 100
"""Characters of a term, of what it sounds like and of a replacement."""

MOST_SOUNDS = 20
"""Sounds-like forms of one term."""


MOST_CHARACTERS = 65_536
"""Of a vocabulary's terms and what these sound like: they are made ready to be looked up, which takes memory."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase written exactly as `text` wherever it, or something it `sounds_like`, was heard."""

    text: str
    sounds_like: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """What is looked for."""
        return (self.text, *self.sounds_like)

    @property
    def size(self) -> int:
        """How many characters these have together."""
        return sum(map(len, self.forms))


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is shown instead of a word or phrase, case and marks aside."""

    find: str
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatting:
    """How words are to be written; `docs/formatting.md` says what each stage does.

    Without `punctuation` marks are taken away, without `capitals` all is lower case but what the vocabulary says.
    `fillers` and `repairs` say whether these stay. `redact` names what is masked, `redact_names` the names that are,
    besides those of the `participants`, which are also written with capitals. Raises `InvalidConfiguration`.
    """

    numbers: bool = True
    punctuation: bool = True
    capitals: bool = True
    spelling: bool = True
    fillers: bool = True
    repairs: bool = True
    vocabulary: tuple[Term, ...] = ()
    replace: tuple[Replacement, ...] = ()
    redact: tuple[Secret, ...] = ()
    redact_names: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not set(self.redact) <= set(SECRETS):
            raise InvalidConfiguration(f"formatting.redact must be some of {', '.join(SECRETS)}")
        if self.redact_names and "names" not in self.redact:
            raise InvalidConfiguration("formatting.redact_names needs names in formatting.redact")
        for name in ("vocabulary", "replace", "redact_names", "participants"):
            if len(getattr(self, name)) > MOST_TERMS:
                raise InvalidConfiguration(f"formatting.{name} may have {MOST_TERMS} entries")
        if any(len(term.sounds_like) > MOST_SOUNDS for term in self.vocabulary):
            raise InvalidConfiguration(f"formatting.vocabulary: sounds_like may have {MOST_SOUNDS} forms")
        if sum(term.size for term in self.vocabulary) > MOST_CHARACTERS:
            raise InvalidConfiguration(f"formatting.vocabulary may have {MOST_CHARACTERS} characters")
        wanted = [form for term in self.vocabulary for form in term.forms] + [each.find for each in self.replace]
        wanted += [*self.redact_names, *self.participants]
        if not all(form.strip() for form in wanted):
            raise InvalidConfiguration("formatting: terms, names and what is to be found must not be empty")
        texts = [*wanted, *(each.replace for each in self.replace)]
        if any(len(text) > LONGEST_TERM for text in texts):
            raise InvalidConfiguration(f"formatting: entries may have {LONGEST_TERM} characters")
        if not is_text("".join(texts)):
            raise InvalidConfiguration("formatting: entries must be text, without halves of surrogate pairs")

    @property
    def size(self) -> int:
        """How many characters are made ready to be looked up by all who write so; names each has for itself."""
        return sum(term.size for term in self.vocabulary) + sum(len(each.find) for each in self.replace)

    def with_vocabulary(self, terms: tuple[Term, ...], replacements: tuple[Replacement, ...]) -> Formatting:
        """Return this with an organisation's behind the session's own, of each as many as there is room for."""
        vocabulary = (*self.vocabulary, *terms)[:MOST_TERMS]
        fitting = sum(total <= MOST_CHARACTERS for total in accumulate(term.size for term in vocabulary))
        return replace(self, vocabulary=vocabulary[:fitting], replace=(*self.replace, *replacements)[:MOST_TERMS])

    def with_participants(self, names: Iterable[str]) -> Formatting:
        """Return this with those who take part behind those who are named, as many as there is room for."""
        found = (tidy_text(name)[:LONGEST_TERM] for name in names)
        return replace(self, participants=(*self.participants, *filter(None, found))[:MOST_TERMS])

    def with_redaction(self, secrets: tuple[Secret, ...]) -> Formatting:
        """Return this with these secrets masked too."""
        return replace(self, redact=tuple(each for each in SECRETS if each in self.redact or each in secrets))


def is_text(text: str) -> bool:
    """Tell whether UTF-8 can say it: JSON can write halves of surrogate pairs, which no engine takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


PLAIN = Formatting(numbers=False, spelling=False)
"""As the recogniser wrote it, but tidy."""
