"""What is written down already, formatted as if it were heard again."""

from __future__ import annotations

from typing import Any

import pytest

from stream_server.text.formatting import PLAIN, Formatting, Replacement, Term
from stream_server.text.pipeline import Formatter
from stream_server.text.rewording import TimedWord, heard_again, is_raw, reword, reword_text


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("we signed the lease", True),
        ("i think so", True),
        ("We signed the lease", False),
        ("we signed, then left", False),
        ("kita ketemu jam 14.30 di kantor", True),
        ("", True),
        ("my number is [PHONE]", True),
        ("[NAME], your number is [PHONE]. [NUMBER]% of it", True),
        ("kata " * 99 + "iPhone", True),
        ("kata " * 9 + "iPhone", False),
    ],
)
def test_what_looks_raw(text: str, raw: bool) -> None:
    """A mark at a word's end or a capital tells that somebody has punctuated."""
    assert is_raw(text.split()) is raw


def test_joined_words_come_apart() -> None:
    """What was said for one word shares its time by length, and is as sure."""
    word = TimedWord(text="25", spoken="dua puluh", start=0, end=8, confidence=0.5, speaker=1)
    assert heard_again([word]) == [
        TimedWord(text="dua", spoken="dua", start=0, end=3, confidence=0.5, speaker=1),
        TimedWord(text="puluh", spoken="puluh", start=3, end=8, confidence=0.5, speaker=1),
    ]
    assert heard_again([TimedWord(text="25", spoken="dua puluh")])[0].start is None


def test_a_number_is_one_persons() -> None:
    """Where the speaker changes a number ends; a joined word is as unsure as its worst."""
    words = [
        TimedWord(text=text, spoken=text, start=at, end=at + 1, confidence=sure, speaker=speaker)
        for at, (text, sure, speaker) in enumerate(
            [("dua", 0.9, 1), ("puluh", 0.4, 1), ("lima", 0.8, 1), ("belas", 0.7, 2)]
        )
    ]
    found = reword(words, Formatter(Formatting()), "id")
    assert [(word.text, word.start, word.end, word.confidence) for word in found] == [
        ("25", 0, 3, 0.4),
        ("belas", 3, 4, 0.7),
    ]


def test_a_sentence_goes_on_when_the_speaker_changes() -> None:
    """Whoever was heard to say a word in the midst, no sentence ends there; but a term is one person's as well."""
    words = [
        TimedWord(text=text, spoken=text, start=at, end=at + 1, speaker=2 if text == "him" else 1)
        for at, text in enumerate(["we", "will", "call", "him", "tomorrow", "about", "the", "house"])
    ]
    term = Term("Himtomorrow", ("him tomorrow", "call him"))
    found = reword(words, Formatter(Formatting(vocabulary=(term,)), raw=True), "en")
    assert " ".join(word.text for word in found) == "We will call him tomorrow about the house."
    assert [word.speaker for word in found] == [1, 1, 1, 2, 1, 1, 1, 1]


def test_pauses_count_where_there_are_no_marks() -> None:
    """As they do live: behind an engine that punctuates silence says nothing, and a record is read as it was."""
    texts, at = ["11", "miliar"], 0
    words = [
        TimedWord(text=text, spoken=text, start=at + 2 * place, end=at + 2 * place + 1)
        for place, text in enumerate(texts)
    ]
    shown = {
        raw: [word.text for word in reword(words, Formatter(Formatting(), raw=raw), "id")] for raw in (True, False)
    }
    assert shown == {True: ["11 miliar."], False: ["11", "miliar"]}


def test_of_whom_nothing_is_known_goes_with_those_before() -> None:
    """A number is not broken by a word that nobody is known to have said."""
    words = [TimedWord(text=text, spoken=text, speaker=who) for text, who in (("dua", 1), ("puluh", None), ("lima", 1))]
    assert [word.text for word in reword(words, Formatter(Formatting()), "id")] == ["25"]


def test_secrets_are_masked_whoever_reads_them() -> None:
    """A mask is the one thing that may be two people's."""
    words = [TimedWord(text=text, spoken=text, speaker=1 + at % 2) for at, text in enumerate(["4111", *["1111"] * 3])]
    found = reword(words, Formatter(Formatting(redact=("card",))), "id")
    assert [word.text for word in found] == ["[CARD]"]


@pytest.mark.parametrize(
    ("continues", "cut", "text"),
    [
        (False, False, "And the house is big."),
        (True, False, "and the house is big."),
        (False, True, "And the house is big"),
    ],
)
def test_an_utterance_that_was_cut(continues: bool, cut: bool, text: str) -> None:
    """It begins with no capital that goes on with a sentence, and has no stop at its end whose sentence goes on."""
    words = [TimedWord(text=word, spoken=word) for word in ["and", "the", "house", "is", "big"]]
    found = reword(words, Formatter(Formatting(), raw=True), "en", continues=continues, cut=cut)
    assert " ".join(word.text for word in found) == text


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "Call [PHONE], he said [NUMBER]% of [NAME]."),
        ({"capitals": False}, "call [PHONE], he said [NUMBER]% of [NAME]."),
        ({"punctuation": False}, "Call [PHONE] he said [NUMBER]% of [NAME]"),
        ({"vocabulary": (Term("number"), Term("Phoné", ("phone",)))}, "Call [PHONE], he said [NUMBER]% of [NAME]."),
        (
            {"replace": (Replacement("phone", "x"), Replacement("name", ""))},
            "Call [PHONE], he said [NUMBER]% of [NAME].",
        ),
        ({"redact": ("numbers", "phone", "names"), "redact_names": ("Name",)}, None),
    ],
)
def test_masks_stay(asked: dict[str, Any], text: str | None) -> None:
    """What was masked is written so whatever is asked for, and of those words nothing else is told."""
    (line,) = reword_text("call [PHONE], he said [NUMBER]% of [NAME].", Formatting(**asked), "en", raw=True)
    assert " ".join(word.text for word in line) == (text or "Call [PHONE], he said [NUMBER]% of [NAME].")
    assert [word.spoken for word in line if "[" in word.text] == [word.text for word in line if "[" in word.text]


def test_sentences_end_with_masks() -> None:
    """A mask takes a mark like any word; the bracket around it is none."""
    (line,) = reword_text("who is [NAME]", Formatting(), "en", raw=True)
    assert [word.text for word in line] == ["Who", "is", "[NAME]?"]


def test_lines_stay_lines() -> None:
    """A text keeps its lines, empty ones too; nothing is lost of what was said."""
    lines = reword_text("satu dua\n\ntiga", PLAIN, "id", raw=False)
    assert [[word.text for word in line] for line in lines] == [["satu", "dua"], [], ["tiga"]]
