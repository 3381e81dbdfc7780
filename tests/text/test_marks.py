"""Marks have one form, and each belongs to a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.text import marks
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting, Term
from stream_server.text.tokens import LEADING_MARKS, TRAILING_MARKS, Passage, Token, passage_of


def shown(passage: Passage) -> str:
    """Return what people read."""
    return join(token.text for token in passage.tokens)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Halo , semua .", "Halo, semua."),
        ("Really ? !", "Really?!"),
        ("He said “ no ” .", 'He said "no".'),
        ("It’s ‘fine’,, I think..", "It's 'fine', I think."),
        ("Wait... what?? Yes!!", "Wait... what? Yes!"),
        ("Wait.... in?. ok,. etc., U.S.", "Wait... in? ok. etc., U.S."),
        (", and then", "and then"),
        ("the end (", "the end"),
        ("( so ) be it", "(so) be it"),
        ("Wait...,... what…,…?", "Wait..., what…?"),
        ("14.30 Rp1.750.000, 50%", "14.30 Rp1.750.000, 50%"),
        ("...", ""),
    ],
)
def test_one_form(written: str, read: str) -> None:
    """Straight quotes, single marks, none alone; what is written well stays."""
    assert shown(marks.normalise(passage_of(written.split()))) == read


def test_a_word_waits_for_its_mark() -> None:
    """The last word of a partial may still get one; it covers the mark that was heard as a word."""
    passage = marks.normalise(passage_of(["one", "two", ",", "three"], ended=False))
    assert [(token.text, token.first, token.behind) for token in passage.tokens] == [
        ("one", 0, 1),
        ("two,", 1, 3),
        ("three", 3, 4),
    ]
    assert passage.settled == 2


def test_raw_words_wait_for_nothing() -> None:
    """An engine that writes no marks settles every word at once; a mark that it writes all the same is not shown."""
    passage = marks.drop_lone(passage_of(["one", ",", "it’s"], ended=False))
    assert shown(passage) == "one it's"
    assert passage.settled == 3


@given(st.lists(st.text(LEADING_MARKS + TRAILING_MARKS + "a1", min_size=1, max_size=8), max_size=8))
def test_twice_is_once(words: list[str]) -> None:
    """Marks in their form stay in it."""
    for stage in (marks.normalise, marks.drop_lone):
        once = stage(passage_of(words))
        texts = [token.text for token in once.tokens if token.text]
        assert [token.text for token in stage(passage_of(texts)).tokens if token.text] == texts


def test_marks_can_be_left_out() -> None:
    """Those within a word stay, and those of a term of the vocabulary."""
    formatting = Formatting(punctuation=False, vocabulary=(Term("Yahoo!"), Term("Meemo"), Term("Go  Now!")))
    tokens = (
        *(Token(text, at, at + 1) for at, text in enumerate(["“Yes,”", "it's", "Rp1.750.000,", "—", "..."])),
        Token("Yahoo!.", 5, 6, fixed=True),
        Token("(Meemo)", 6, 7, fixed=True),
        Token("Go Now!", 7, 9, fixed=True),
    )
    assert shown(marks.strip(Passage(tokens, 8), formatting)) == "Yes it's Rp1.750.000 — Yahoo! Meemo Go Now!"


def test_capitals_can_be_left_out() -> None:
    """Only what somebody asked for keeps its own."""
    tokens = (Token("We", 0, 1), Token("use", 1, 2), Token("Meemo", 2, 3, fixed=True), Token("NOW.", 3, 4))
    assert shown(marks.lower(Passage(tokens, 4))) == "we use Meemo now."


def test_titles_end_no_sentence() -> None:
    """Their full stop is their own."""
    assert [marks.ends_sentence(Token(text, 0, 1)) for text in ("Mr.", "done.", 'done?"', "done,", "3.30")] == [
        False,
        True,
        True,
        False,
        False,
    ]
