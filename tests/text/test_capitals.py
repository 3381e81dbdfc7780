"""Raw words get the capitals of names and of sentences; others lose one that a cut put there."""

from __future__ import annotations

import pytest

from stream_server.text.capitals import begin_sentences, without_cut_capital, writing_names
from stream_server.text.formatter import join
from stream_server.text.tokens import Passage, Token, passage_of


def shown(passage: Passage) -> str:
    """Return what people read."""
    return join(token.text for token in passage.tokens)


def named(language: str, text: str, *participants: str) -> str:
    """Return words with the capitals of names."""
    return shown(writing_names(language, participants)(passage_of(text.split())))


@pytest.mark.parametrize(
    ("language", "said", "read"),
    [
        ("en", "i think i'm from new york", "I think I'm from New York"),
        ("en", "the new plan for london's office", "the new plan for London's office"),
        ("en", "mrs adams and mister smith saw dr. no", "Mrs. Adams and mister Smith saw Dr. No"),
        ("en", "the dr is in", "the dr is in"),
        ("en", "call dr... now or mr, zuckle", "call dr... now or mr, zuckle"),
        ("en", "she speaks english, spanish", "she speaks English, Spanish"),
        ("en", "new, york", "new, york"),
        ("id", "pak budi dan ibu ratna di jakarta", "Pak Budi dan Ibu Ratna di Jakarta"),
        ("id", "ibu saya dan bapak itu", "ibu saya dan bapak itu"),
        ("id", "ibu membeli buku pak", "ibu membeli buku pak"),
        ("id", "orang amerika serikat di jawa barat", "orang Amerika Serikat di Jawa Barat"),
        ("id", "kantor di medan lebih besar", "kantor di Medan lebih besar"),
        ("id", "di medan perang nasibnya malang", "di medan perang nasibnya malang"),
    ],
)
def test_names(language: str, said: str, read: str) -> None:
    """Known names, and unknown ones behind titles; words of every day stay small."""
    assert named(language, said) == read


def test_participants() -> None:
    """Who takes part is written as announced; a name that is an ordinary word only as part of the whole one."""
    given = ("Rina Wijaya", "Will McDonald", "Pak Agung")
    assert named("en", "rina wijaya and mcdonald", *given) == "Rina Wijaya and McDonald"
    assert named("en", "will mcdonald will come", *given) == "Will McDonald will come"
    assert named("id", "acara agung bersama pak agung", *given) == "acara agung bersama Pak Agung"
    assert named("en", "j doe, j. doe and j, doe met rina s today", "J. Doe", "Rina S.") == (
        "J. Doe, J. Doe and j, Doe met Rina S today"
    )
    assert named("en", "i have a dog and anne-marie's cat", "A", "Me", "Anne-Marie Duff") == (
        "I have a dog and Anne-Marie's cat"
    )


def test_capitals_that_were_given_stay() -> None:
    """A word with a capital, or written as somebody asked for, is not touched."""
    tokens = (Token("lONDON", 0, 1), Token("london", 1, 2, fixed=True))
    assert shown(writing_names("en", ())(Passage(tokens, 2))) == "lONDON london"


def test_a_plain_word_waits_for_nothing() -> None:
    """Only a title and the first word of a longer name wait for the next."""
    assert writing_names("en", ())(passage_of(["we", "met", "john"], ended=False)).settled == 3
    assert writing_names("en", ())(passage_of(["we", "met", "mrs"], ended=False)).settled == 2
    assert writing_names("en", ())(passage_of(["the", "new"], ended=False)).settled == 1


def test_sentences() -> None:
    """A sentence begins with a capital, but for an address, what is written otherwise, and what goes on."""
    words = ["so", "it", "is.", "yes?", "5", "men.", "a@b.com", "came.", "iPhone", "mr.", "x"]
    assert shown(begin_sentences(passage_of(words))) == "So it is. Yes? 5 men. a@b.com came. iPhone mr. x"
    assert shown(begin_sentences(passage_of(["and", "so."], continues=True))) == "and so."
    assert begin_sentences(passage_of(["so", "it"], ended=False)).settled == 2


def test_cuts() -> None:
    """A function word in mid-sentence loses the capital it was given, a name keeps it."""
    assert shown(without_cut_capital(passage_of(["The", "plan"], continues=True))) == "the plan"
    assert shown(without_cut_capital(passage_of(["Anna", "came"], continues=True))) == "Anna came"
    assert shown(without_cut_capital(passage_of(['"Dan,', "And"], continues=True))) == '"dan, And'
    assert shown(without_cut_capital(passage_of(["IT", "works"], continues=True))) == "IT works"
    assert without_cut_capital(passage_of([], continues=True)).tokens == ()
    assert shown(without_cut_capital(passage_of(["The", "plan"]))) == "The plan"
