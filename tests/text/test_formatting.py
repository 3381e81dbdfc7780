"""What may be asked of the formatter, and how much of it."""

from __future__ import annotations

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.text.formatting import (
    LONGEST_TERM,
    MOST_CHARACTERS,
    MOST_SOUNDS,
    MOST_TERMS,
    Formatting,
    Replacement,
    Term,
)

LONG = "x" * LONGEST_TERM


@pytest.mark.parametrize(
    "asked",
    [
        {"vocabulary": (Term(" "),)},
        {"vocabulary": (Term("x", ("",)),)},
        {"vocabulary": (Term(LONG + "x"),)},
        {"vocabulary": (Term("x", ("y",) * (MOST_SOUNDS + 1)),)},
        {"vocabulary": (Term("x"),) * (MOST_TERMS + 1)},
        {"vocabulary": (Term(LONG, (LONG,) * MOST_SOUNDS),) * 40},
        {"replace": (Replacement("", "x"),)},
        {"replace": (Replacement("x", LONG + "x"),)},
        {"redact": ("everything",)},
        {"redact_names": ("Budi",)},
        {"participants": ("",)},
        {"vocabulary": (Term("\ud800"),)},
        {"vocabulary": (Term("x", ("\udfff",)),)},
        {"replace": (Replacement("\ud83d", "x"),)},
        {"replace": (Replacement("x", "a\ud800"),)},
        {"redact": ("names",), "redact_names": ("\ud800",)},
        {"participants": ("\ud800",)},
    ],
)
def test_too_much_is_refused(asked: dict[str, object]) -> None:
    """Each limit is named, and nothing is cut in silence."""
    with pytest.raises(InvalidConfiguration, match="formatting"):
        Formatting(**asked)  # type: ignore[arg-type]  # wrong on purpose


def test_an_organisations_terms_come_behind() -> None:
    """As many as there is room for: a session's own are never too many for it."""
    own = Formatting(vocabulary=(Term("own"),), replace=(Replacement("a", "b"),))
    both = own.with_vocabulary((Term("theirs"),), (Replacement("c", "d"),))
    assert [term.text for term in both.vocabulary] == ["own", "theirs"]
    assert [each.find for each in both.replace] == ["a", "c"]
    full = own.with_vocabulary((Term("theirs"),) * MOST_TERMS, (Replacement("c", "d"),) * MOST_TERMS)
    assert (len(full.vocabulary), len(full.replace)) == (MOST_TERMS, MOST_TERMS)


def test_an_organisations_terms_fit_in() -> None:
    """All together have no more characters than a session may ask for."""
    large = Term(LONG, (LONG,) * (MOST_SOUNDS - 1))
    count = MOST_CHARACTERS // (LONGEST_TERM * MOST_SOUNDS)
    own = Formatting(vocabulary=(large,) * (count - 1))
    both = own.with_vocabulary((large, large), (Replacement("c", "d"),))
    assert (len(both.vocabulary), len(both.replace)) == (count, 1)


def test_replacements_do_not_compete_with_terms() -> None:
    """What is left out by its number takes no room from what is not, and replacements have their own."""
    own = Formatting(vocabulary=(Term("own"),) * MOST_TERMS, replace=(Replacement(LONG, ""),) * (MOST_TERMS - 1))
    both = own.with_vocabulary((Term(LONG, (LONG,)),) * MOST_TERMS, (Replacement("c", "d"),) * 2)
    assert both.vocabulary == own.vocabulary
    assert both.replace == (*own.replace, Replacement("c", "d"))


def test_names_that_others_gave_are_never_refused() -> None:
    """Those who take part are called as they like; what is no text in it is left out."""
    assert Formatting().with_participants(["Bu\ud800di\n Santoso", "\udfff", LONG + "x"]).participants == (
        "Budi Santoso",
        LONG,
    )
