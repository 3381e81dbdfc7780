from __future__ import annotations

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.evaluate.normalization import make_normalizer, read_language


@pytest.mark.parametrize(
    ("choice", "language", "text", "units"),
    [
        ("auto", "en", "Um, I won't colour twenty-one.", ["i", "will", "not", "color", "21"]),
        ("auto", "en-GB", "It's [noise] fine", ["it", "is", "fine"]),
        ("auto", "id", "Selamat pagi, Bu (tertawa) Ani!", ["selamat", "pagi", "bu", "ani"]),
        ("auto", None, "I won't.", ["i", "won", "t"]),
        ("auto", "hi", "नमस्ते।", ["नमस्ते"]),
        ("auto", "zh", "你好，Bob。", ["你", "好", "b", "o", "b"]),
        ("auto", "ja", "はい。 そう", ["は", "い", "そ", "う"]),
        ("english", "id", "two", ["2"]),
        ("basic", "en", "Two", ["two"]),
        ("none", "en", "Two, three", ["Two,", "three"]),
        ("none", "zh", "你 好。", ["你", "好", "。"]),
    ],
)
def test_units(choice: str, language: str | None, text: str, units: list[str]) -> None:
    """Words are made alike by language; where no spaces are written each character counts."""
    assert make_normalizer(choice, language)([text]) == units


def test_what_is_in_effect_is_told() -> None:
    """A report says how words were made alike, for a rate means nothing without it."""
    chosen = [make_normalizer("auto", language) for language in ("en", "id", "zh")]
    assert [each.name for each in chosen] == ["english", "basic", "basic"]
    assert [each.unit for each in chosen] == ["word", "word", "character"]


def test_characters() -> None:
    """Words are joined by one space, characters by nothing."""
    assert make_normalizer("basic", "id").characters(["ab", "c"]) == "ab c"
    assert make_normalizer("basic", "zh").characters(["你", "好"]) == "你好"


def test_a_bracket_left_open_loses_one_turn_at_most() -> None:
    """Turns are cleaned one by one."""
    assert make_normalizer("basic", "id")(["a (b", "c) d"]) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("tag", "language"), [("EN", "en"), ("zh_TW", "zh"), (" id ", "id"), (None, None)])
def test_languages(tag: str | None, language: str | None) -> None:
    """Regions and capitals do not matter."""
    assert read_language(tag) == language


@pytest.mark.parametrize("tag", ["", "e", "english please", "en-", "12"])
def test_what_is_no_language(tag: str) -> None:
    """A name is no code."""
    with pytest.raises(InvalidConfiguration, match="language"):
        make_normalizer("auto", tag)


def test_what_is_no_normalizer() -> None:
    """The sentence lists the choices."""
    with pytest.raises(InvalidConfiguration, match="auto, english, basic, none"):
        make_normalizer("klingon", None)
