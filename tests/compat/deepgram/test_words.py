"""Words as Deepgram's clients have them."""

from __future__ import annotations

import pytest

from stream_server.compat.deepgram.words import (
    Spoken,
    confidence,
    language_code,
    with_every_speaker,
    write_alternative,
    write_words,
)


def said(*texts: str, **fields: object) -> list[Spoken]:
    """Return words of a tenth of a second each."""
    return [
        Spoken(text=text, start=at / 10, end=(at + 1) / 10, confidence=0.5, **fields)  # type: ignore[arg-type]
        for at, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Hello,", "hello"), ("–", ""), ("Émile", "émile"), ("C#,", "c#"), ("50%", "50%"), ("[CARD].", "[CARD]")],
)
def test_beside_its_display_form_a_word_is_plain(text: str, plain: str) -> None:
    """Lower case, without the punctuation around it; what is punctuation only is no word, and a mask stays one."""
    assert said(text)[0].plain == plain


def test_without_formatting_everything_is_bare() -> None:
    """There is no `punctuated_word`; words came in lower case but for what somebody asked for, which stands."""
    alternative = write_alternative(said("hello", "–", "Meemo", "-5", "50%"), formatted=False)
    assert alternative["transcript"] == "hello Meemo -5 50%"
    assert [word["word"] for word in alternative["words"]] == ["hello", "Meemo", "-5", "50%"]
    assert all("punctuated_word" not in word for word in alternative["words"])


def test_with_formatting_both_forms_stand() -> None:
    """The transcript is the display forms in a row."""
    alternative = write_alternative(said("Hello,", "World!"), formatted=True)
    assert alternative["transcript"] == "Hello, World!"
    assert [word["punctuated_word"] for word in alternative["words"]] == ["Hello,", "World!"]


def test_nothing_said() -> None:
    """An empty alternative is whole: a client indexes it without looking."""
    assert write_alternative([], formatted=True) == {"transcript": "", "confidence": 0.0, "words": []}
    assert confidence(said("–")) == 0


def test_scripts_without_spaces_have_none() -> None:
    """Words of Japanese are not pulled apart."""
    assert write_alternative(said("今日", "は"), formatted=True)["transcript"] == "今日は"


def test_every_word_has_a_speaker_where_any_is_wanted() -> None:
    """A number, never null: of nobody known are words of whoever spoke before, or next, or last time."""
    first, second = said("a", "b", "c"), said("d")
    first[1] = Spoken(text="b", start=0, end=1, confidence=1, speaker=2)
    assert [word.speaker for word in with_every_speaker(first)] == [2, 2, 2]
    assert [word.speaker for word in with_every_speaker(second, before=3)] == [3]
    assert "speaker" not in write_words(second, formatted=True)[0]


def test_codes_of_languages() -> None:
    """What Whisper calls by a name of its own goes out as clients know it."""
    assert (language_code("jw"), language_code("id"), language_code(None)) == ("jv", "id", None)
