"""How words are to be written, as a client says it: the object `formatting` of `start` and of recordings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.text.formatting import LONGEST_TERM, SECRETS, Formatting, Replacement, Secret, Term

_FORMATTING = TypeAdapter(Formatting)

SWITCHES = ("numbers", "punctuation", "capitals", "spelling", "fillers", "repairs")


def read_formatting(values: Fields) -> Formatting:
    """Return what an object asks for; absent and null fields take the defaults of `Formatting`.

    Raises `InvalidConfiguration` naming the field, for one that does not exist too: what a client thinks is hidden must
    not be shown because of a slip.
    """
    given: dict[str, Any] = {
        **{name: values.boolean(name) for name in SWITCHES},
        "vocabulary": read_terms(values, "vocabulary"),
        "replace": read_replacements(values, "replace"),
        "redact": _read_secrets(values),
        "redact_names": values.texts("redact_names", LONGEST_TERM),
        "participants": values.texts("participants", LONGEST_TERM),
    }
    refuse_unknown(values)
    return Formatting(**{name: value for name, value in given.items() if value is not None})


def read_terms(values: Fields, name: str) -> tuple[Term, ...] | None:
    """Return a vocabulary: objects with `text` and, maybe, `sounds_like`."""
    terms = values.objects(name)
    return None if terms is None else tuple(map(_read_term, terms))


def read_replacements(values: Fields, name: str) -> tuple[Replacement, ...] | None:
    """Return a list of replacements: objects with `find` and `replace`."""
    replacements = values.objects(name)
    return None if replacements is None else tuple(map(_read_replacement, replacements))


def read_vocabulary(values: Fields) -> tuple[tuple[Term, ...], tuple[Replacement, ...]]:
    """Return an organisation's terms and replacements from an object of these alone."""
    terms, replacements = read_terms(values, "vocabulary"), read_replacements(values, "replace")
    refuse_unknown(values)
    return terms or (), replacements or ()


def write_vocabulary(terms: Iterable[Term], replacements: Iterable[Replacement]) -> dict[str, Any]:
    """Return the object that `read_vocabulary` reads."""
    return {"vocabulary": [asdict(term) for term in terms], "replace": [asdict(each) for each in replacements]}


def refuse_unknown(values: Fields) -> None:
    """Raise `InvalidConfiguration` if an object has fields that nobody asked for."""
    if values.unknown:
        raise InvalidConfiguration(f"there is no field {values.unknown[0]}")


def write_formatting(formatting: Formatting) -> dict[str, Any]:
    """Return the object that asks for this; what is default is left out."""
    message: dict[str, Any] = _FORMATTING.dump_python(formatting, mode="json", exclude_defaults=True)
    return message


def _read_term(values: Fields) -> Term:
    return Term(values.text("text", LONGEST_TERM) or "", values.texts("sounds_like", LONGEST_TERM) or ())


def _read_replacement(values: Fields) -> Replacement:
    return Replacement(values.text("find", LONGEST_TERM) or "", values.text("replace", LONGEST_TERM) or "")


def _read_secrets(values: Fields) -> tuple[Secret, ...] | None:
    given = values.texts("redact")
    if given is None:
        return None
    known = tuple(secret for secret in SECRETS if secret in given)
    if not set(given) <= set(known):
        raise InvalidConfiguration(f"formatting.redact must be some of {', '.join(SECRETS)}")
    return known
