"""Find and replace: what is found among the words people would read."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence

import pytest

from stream_server.text import replacing as replacements
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting, Replacement
from stream_server.text.phrases import Phrases
from stream_server.text.replacing import replacing
from stream_server.text.tokens import Passage, Token, passage_of
from tests.text.once import format_passage

REPLACE = replacing(
    (
        Replacement("5 km", "5.000 m"),
        Replacement("jam", "pukul"),
        Replacement("rapat mingguan", "weekly"),
        Replacement("eh", ""),
        Replacement("10–15", "a dozen"),
        Replacement("ya", "iya!"),
    )
)


def shown(*texts: str) -> list[str]:
    """Return what is shown of tokens with these texts, each of one word that was heard."""
    return [token.text for token in REPLACE(passage_of(texts)).tokens]


def test_a_phrase_is_one_persons() -> None:
    """What two people say is not replaced as one, even where a token is read as several words."""
    said = (Token("ikut rapat", 0, 2), Token("mingguan jam", 2, 4, turn=True))
    assert [token.text for token in REPLACE(Passage(said, 2)).tokens] == ["ikut rapat", "mingguan pukul"]


@pytest.mark.parametrize(
    ("tokens", "read"),
    [
        (("Rapat", "mingguan,", "ya."), ["weekly,", "iya!."]),
        (("jaraknya", "5 km."), ["jaraknya", "5.000 m."]),
        (("jaraknya", "5", "km"), ["jaraknya", "5.000 m"]),
        (("jam 15.00",), ["pukul 15.00"]),
        (("besok jam", "tiga"), ["besok pukul", "tiga"]),
        (("ikut rapat", "mingguan jam tiga"), ["ikut weekly pukul tiga"]),
        (("eh,", "saya"), ["", "saya"]),
        (("10–15 orang",), ["a dozen orang"]),
        (("jam-jam", "jamu", "jam's"), ["jam-jam", "jamu", "pukul's"]),
    ],
)
def test_what_is_found_is_replaced(tokens: tuple[str, ...], read: list[str]) -> None:
    """Whole words, case and marks aside, within and across tokens; the rest of a token stays."""
    assert shown(*tokens) == read


@pytest.mark.parametrize(
    ("language", "heard", "read"),
    [
        ("en", "We have 64GB, now", "We have plenty, now"),
        ("id", "harganya 5jt.", "harganya lumayan."),
        ("id", "ada 500rb orang", "ada banyak orang"),
        ("id", "5jt 500rb", "lumayan banyak"),
    ],
)
def test_a_number_in_one_word_with_its_unit_is_found_as_it_is_read(language: str, heard: str, read: str) -> None:
    """It was asked for as it is heard, and both are looked for."""
    instead = (Replacement("64gb", "plenty"), Replacement("5jt", "lumayan"), Replacement("500rb", "banyak"))
    passage = format_passage(passage_of(heard.split()), Formatting(replace=instead), language)
    assert join(token.text for token in passage.tokens) == read


def test_terms_are_found_too() -> None:
    """Replacing is the client's last word: what the vocabulary has written can be found."""
    passage = REPLACE(Passage((Token("Jam", 0, 1, fixed=True),), 1))
    assert [token.text for token in passage.tokens] == ["pukul"]


def test_words_stay_where_they_were() -> None:
    """What is shown instead has the place of what was said."""
    tokens = REPLACE(passage_of(["di", "rapat", "mingguan", "itu"])).tokens
    assert [(token.text, token.first, token.behind) for token in tokens] == [
        ("di", 0, 1),
        ("weekly", 1, 3),
        ("itu", 3, 4),
    ]


def test_only_what_may_be_found_waits() -> None:
    """A word with which nothing begins is settled at once."""
    replace = replacing((Replacement("rapat mingguan", "weekly"),))
    assert replace(passage_of(["di", "rumah"], ended=False)).settled == 2
    assert replace(passage_of(["di", "rapat"], ended=False)).settled == 1


LEAVE_OUT = replacing((Replacement("badword", ""), Replacement("ya ya", "")))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("hello badword. next one", "hello. next one"),
        ("hello, badword? next", "hello? next"),
        ("hello, badword, next", "hello, next"),
        ("really? badword. next", "really? next"),
        ("hello badword. ya ya! next", "hello. next"),
        ("well ya ya... next", "well... next"),
        ("badword. next", "next"),
        ("hello badword.", "hello."),
    ],
)
def test_what_is_left_out_leaves_its_mark(said: str, read: str) -> None:
    """A sentence that it closed ends with the word before."""
    assert " ".join(token.text for token in LEAVE_OUT(passage_of(said.split())).tokens if token.text) == read


def test_a_mark_is_left_within_a_token_too() -> None:
    """What is read as several words may be one token."""
    tokens = LEAVE_OUT(Passage((Token("jam 15.00 badword. besok", 0, 2), Token("badword. lagi", 2, 3)), 2)).tokens
    assert [token.text for token in tokens] == ["jam 15.00. besok", "lagi"]


def test_a_word_waits_for_the_mark_that_it_may_be_left() -> None:
    """Only where something may be left out, and only if it has none."""
    assert LEAVE_OUT(passage_of(["di", "rumah"], ended=False)).settled == 1
    assert LEAVE_OUT(passage_of(["di", "rumah."], ended=False)).settled == 2


def test_replacements_are_made_ready_once_and_kept_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who make the same ones at the same time share them, and they go with the last."""
    made: list[weakref.ref[Phrases[str]]] = []

    class Counted(Phrases[str]):
        def __init__(self, phrases: Iterable[tuple[str, str]], endings: Sequence[tuple[str, int]]) -> None:
            super().__init__(phrases, endings)
            made.append(weakref.ref(self))

    monkeypatch.setattr(replacements, "Phrases", Counted)
    stages = [replacing((Replacement("bos", "Bu Ani"),)) for _ in range(2)]
    assert len(made) == 1
    assert stages.pop()(passage_of(["bos"])).tokens[0].text == "Bu Ani"
    assert made[0]() is not None
    stages.clear()
    assert made[0]() is None
