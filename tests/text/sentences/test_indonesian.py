"""Which Indonesian sentences ask."""

from __future__ import annotations

import pytest

from stream_server.text.sentences.indonesian import PHRASING
from stream_server.text.tokens import passage_of


def asks(sentence: str, pause: float = 0.0) -> bool:
    """Tell whether a sentence asks; `pause` is the silence in front of its last word."""
    words = sentence.split()
    return PHRASING.asks(passage_of(words, [0.0] * (len(words) - 1) + [pause]).tokens)


@pytest.mark.parametrize(
    "sentence",
    [
        "apakah sudah siap",
        "di mana rapatnya",
        "rapatnya kapan",
        "oke baik jadi siapa yang mulai",
        "bisakah kita mulai",
        "kamu tahu siapa dia",
        "berapa biayanya",
        "sudah selesaikah",
    ],
)
def test_questions(sentence: str) -> None:
    """A question word among the first three, or one in -kah."""
    assert asks(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "langkah pertama sudah selesai",
        "mereka akan menikah",
        "siapa pun boleh datang",
        "tidak apa besok saja",
        "saya tahu siapa dia",
        "kita bicara besok tentang apa",
        "itu bagus kan",
        "ya",
    ],
)
def test_statements(sentence: str) -> None:
    """Not every word in -kah asks, nor "siapa pun", nor a question word late in the sentence."""
    assert not asks(sentence)


@pytest.mark.parametrize("sentence", ["itu bagus kan", "kamu ikut ya", "ini rumahnya bukan"])
def test_tags_behind_a_pause(sentence: str) -> None:
    """Said apart, they want an answer."""
    assert asks(sentence, pause=0.4)
