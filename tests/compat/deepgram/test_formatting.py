"""What a query says of how words are written."""

from __future__ import annotations

import pytest

from stream_server.compat.deepgram.parameters import read_listen
from stream_server.errors import InvalidConfiguration
from stream_server.text.formatting import Formatting, Replacement, Secret


def formatting(query: str) -> Formatting:
    """Read a query written as name=value pairs."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return read_listen([(name, value) for name, _, value in pairs]).options.formatting


def test_nothing_is_written_well_that_nobody_asks_for() -> None:
    """The vendor's default: lower case, no marks, numbers as they were said, no fillers."""
    plain = Formatting(numbers=False, punctuation=False, capitals=False, spelling=False, fillers=False)
    assert formatting("") == plain
    assert formatting("numerals=false&punctuate=&filler_words=None") == plain


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("smart_format=true", Formatting(fillers=False)),
        ("punctuate=true", Formatting(numbers=False, spelling=False, fillers=False)),
        ("punctuate=true&numerals=true&filler_words=true", Formatting(spelling=False)),
        ("smart_format=true&filler_words=true", Formatting()),
    ],
)
def test_what_is_switched_on(query: str, wanted: Formatting) -> None:
    """Each switch brings its own; `smart_format` brings all but fillers."""
    assert formatting(query) == wanted


def test_replacements() -> None:
    """`find:replace`, as often as wanted; what has no replacement goes away."""
    found = formatting("replace=mimo:Meemo&replace=damn&replace=ratio:3:4").replace
    assert found == (Replacement("mimo", "Meemo"), Replacement("damn", ""), Replacement("ratio", "3:4"))


@pytest.mark.parametrize(
    ("query", "secrets"),
    [
        ("redact=pci", ("card",)),
        ("redact=PCI&redact=numbers", ("numbers", "card")),
        ("redact=ssn,phone_number", ("phone", "nik")),
        ("redact=email_address&redact=false", ("email",)),
        ("redact=true", ("card", "phone", "nik")),
        ("redact=false", ()),
    ],
)
def test_secrets(query: str, secrets: tuple[Secret, ...]) -> None:
    """The vendor's names for what is found here."""
    assert formatting(query).redact == secrets


@pytest.mark.parametrize("name", ["name", "pii", "phi", "location_city", "everything"])
def test_what_nobody_finds_is_refused(name: str) -> None:
    """It would be shown to those who believe it hidden; what is known to be found does not make up for it."""
    with pytest.raises(InvalidConfiguration, match="redact is one of"):
        formatting(f"redact=pci&redact={name}")
