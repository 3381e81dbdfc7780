"""Sounds that people make while they think are hidden, words that look like them are not."""

from __future__ import annotations

import pytest

from stream_server.text.fillers import hide_fillers
from stream_server.text.tokens import passage_of


def hidden(text: str) -> str:
    """Return what is left; a mark alone is one that its word has yet to take."""
    return " ".join(token.text for token in hide_fillers(passage_of(text.split())).tokens if token.text)


@pytest.mark.parametrize(
    "sound", ["eh", "eeeh", "em", "ehm", "hmm", "mm", "anu", "uh", "um", "ummm", "uhm", "er", "errr", "ah", "hm"]
)
def test_sounds_are_hidden_with_their_commas(sound: str) -> None:
    """However long they are drawn; the next word takes the sentence's capital."""
    assert hidden(f"{sound.capitalize()}, we wait") == "We wait"
    assert hidden(f"we {sound}, wait") == "we wait"


@pytest.mark.parametrize("word", ["err", "home", "M.", "ER", "UM", "mm-hmm", "uh-huh", "5 mm", "emas", "him", "eh-eh"])
def test_words_stay(word: str) -> None:
    """What only looks like a sound is left."""
    assert hidden(f"it is {word} now") == f"it is {word} now"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Um. I think so.", "I think so."),
        ("We wait. Um. I think so.", "We wait. I think so."),
        ("We wait, um. Then we go.", "We wait, . Then we go."),
        ("Is it, eh?", "Is it ?"),
        ("We, uh... should wait", "We, should wait"),
        ("we could try, uh um", "we could try"),
        ("We said, Um, well", "We said, well"),
        ("Uh um we wait", "We wait"),
        ('Um, "we wait", he said', '"We wait", he said'),
        ("uh We wait", "We wait"),
    ],
)
def test_a_sentence_keeps_its_end_and_its_capital(said: str, left: str) -> None:
    """A stop that only a sound had is left for the word in front; a comma with nothing behind it goes."""
    assert hidden(said) == left


def test_each_word_keeps_its_place() -> None:
    """A hidden word is still there, with the time it took."""
    passage = hide_fillers(passage_of(["we", "uh", "wait"], [None, 0.5, 0.2]))
    assert [(token.text, token.first, token.behind, token.pause) for token in passage.tokens] == [
        ("we", 0, 1, None),
        ("", 1, 2, 0.5),
        ("wait", 2, 3, 0.2),
    ]


def test_only_a_comma_waits_for_what_comes() -> None:
    """Plain words and sounds are settled as soon as they are heard."""
    assert hide_fillers(passage_of(["we", "uh", "wait"], ended=False)).settled == 3
    assert hide_fillers(passage_of(["we", "wait,", "uh"], ended=False)).settled == 1
    assert hide_fillers(passage_of(["we", "wait,", "uh", "then"], ended=False)).settled == 4
