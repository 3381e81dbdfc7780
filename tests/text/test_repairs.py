"""What is said once more by mistake is hidden, and what is meant twice is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.text.repairs import hide_repairs
from stream_server.text.repetitions import REPETITIONS
from stream_server.text.tokens import Passage, passage_of


def repaired(text: str, language: str) -> str:
    """Return what is left."""
    tokens = hide_repairs(passage_of(text.split()), REPETITIONS[language]).tokens
    return " ".join(token.text for token in tokens if token.text)


@pytest.mark.parametrize(
    ("language", "said", "left"),
    [
        ("id", "saya saya mau", "saya mau"),
        ("id", "Saya, saya mau", "Saya mau"),
        ("id", "Saya, saya, saya mau", "Saya mau"),
        ("id", "Saya, saya, mau", "Saya, mau"),
        ("id", "kita harus kita harus selesai", "kita harus selesai"),
        ("id", "rapat besok rapat besok siang", "rapat besok siang"),
        ("en", "I I think we should go to the to the office.", "I think we should go to the office."),
        ("en", "I think, I think, we wait", "I think, we wait"),
        ("en", "we want want to go", "we want to go"),
        ("en", "the cat the the cat sat", "the cat sat"),
        ("en", "the cat sat the cat sat down", "the cat sat down"),
        ("en", "Th- the plan", "The plan"),
        ("en", 'Th- "the plan"', '"The plan"'),
        ("en", "we w- w- walk", "we walk"),
        ("en", "a th–, the plan", "a the plan"),
    ],
)
def test_slips_are_hidden(language: str, said: str, left: str) -> None:
    """Up to three words once more, and beginnings that were broken off; the last saying's mark stays."""
    assert repaired(said, language) == left


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("id", "anak anak pelan pelan"),
        ("id", "hati hati di jalan"),
        ("id", "anak anak anak anak"),
        ("id", "dua dua juta juta"),
        ("id", "kalau kalau bisa bisa"),
        ("id", "ini saya. Saya mau"),
        ("en", "that that had had very very no no bye bye"),
        ("en", "five five twenty one twenty one"),
        ("en", "w w w a5 a5"),
        ("en", "I like it. It works"),
        ("en", "we need it it."),
        ("en", "we need it, it."),
        ("en", "come, Tom, Tom said"),
        ("en", "Duran Duran played"),
        ("en", "it was red, red as blood"),
        ("en", "th- well"),
        ("en", "- - the"),
    ],
)
def test_what_is_meant_stays(language: str, said: str) -> None:
    """Doubling that is grammar or emphasis, numbers, letters, and what two sentences have in common."""
    assert repaired(said, language) == said


@given(
    st.sampled_from(["id", "en"]),
    st.lists(
        st.sampled_from(["saya", "Saya,", "saya.", "the", "the,", "cat", "cat.", "th-", "I", "dua", ""]), max_size=12
    ),
)
def test_nothing_is_left_to_repair(language: str, words: list[str]) -> None:
    """What is left is repaired already."""
    once = repaired(" ".join(words), language)
    assert repaired(once, language) == once


def test_somebody_elses_words_stay() -> None:
    """What another says again is no slip."""
    saya, again, mau = passage_of(["saya", "saya", "mau"]).tokens
    passage = Passage((saya, replace(again, turn=True), mau), 3)
    assert hide_repairs(passage, REPETITIONS["id"]) == passage


def test_plain_words_wait_for_nothing() -> None:
    """Only what may be said again is open: a comma, and a saying that has begun once more."""
    english = REPETITIONS["en"]
    assert hide_repairs(passage_of(["we", "go", "home"], ended=False), english).settled == 3
    assert hide_repairs(passage_of(["we", "go,"], ended=False), english).settled == 1
    assert hide_repairs(passage_of(["we", "go", "we"], ended=False), english).settled == 2
