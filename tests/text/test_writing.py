"""Which rules write words follows from the options and the language."""

from __future__ import annotations

from stream_server.text.formatting import PLAIN, Formatting
from stream_server.text.tokens import passage_of
from stream_server.text.writing import writing
from tests.text.written import shown

SAID = "twenty five people ask the c e o on monday at info at example dot org"


def write(formatting: Formatting) -> str:
    """Return how a sentence with everything in it is written."""
    stage = writing(formatting, "en")
    assert stage is not None
    return shown(stage(passage_of(SAID.split())))


def test_each_option_has_its_rules() -> None:
    """Numbers and addresses, abbreviations, and the names of days can each be left as they were said."""
    assert write(Formatting()) == "25 people ask the CEO on Monday at info@example.org"
    numbers = "twenty five people ask the CEO on Monday at info at example dot org"
    assert write(Formatting(numbers=False)) == numbers
    assert write(Formatting(spelling=False)) == "25 people ask the c e o on Monday at info@example.org"
    assert write(Formatting(capitals=False)) == "25 people ask the CEO on monday at info@example.org"
    assert write(PLAIN) == SAID.replace("monday", "Monday")


def test_what_is_not_known_is_not_written() -> None:
    """No rule guesses at a language, and none runs where nothing is asked for."""
    assert writing(Formatting(), "de") is None
    assert writing(Formatting(), None) is None
    assert writing(Formatting(numbers=False, spelling=False, capitals=False), "en") is None


def test_hidden_words_stay_hidden() -> None:
    """A number goes on behind a word that is not shown, and covers it."""
    stage = writing(Formatting(), "en")
    assert stage is not None
    hidden = passage_of(["twenty", "", "five"])
    assert shown(stage(hidden)) == "25"
    assert [(token.first, token.behind) for token in stage(hidden).tokens] == [(0, 3)]
    assert shown(stage(passage_of(["twenty", "uh", "five"]))) == "20 uh five"
