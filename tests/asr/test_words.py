"""Laws of cutting tokens into words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.asr.words import readable_pieces, split_words


class Letters:
    """A tokenizer whose tokens are the bytes of UTF-8, the worst case."""

    def decode(self, tokens: list[int]) -> str:
        return bytes(tokens).decode("utf-8", errors="replace")


class Runs:
    """A tokenizer whose tokens are the given strings."""

    def __init__(self, *runs: str) -> None:
        self.runs = runs
        self.tokens = list(range(len(runs)))

    def decode(self, tokens: list[int]) -> str:
        return "".join(self.runs[token] for token in tokens)


def words(*runs: str, language: str = "en", prefix: int = 0) -> list[str]:
    """Split a text given as its tokens."""
    tokenizer = Runs(*runs)
    return [word.text for word in split_words(tokenizer, tokenizer.tokens, language, prefix)]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ((" Hello", " world", "."), ["Hello", "world."]),
        ((" don", "'t", " know"), ["don't", "know"]),
        ((" twenty", "-", "five", " men"), ["twenty-five", "men"]),
        ((" $", "250", ",", "000", "."), ["$250,000."]),
        ((" He", " said", ' "', "yes", '"', "!"), ["He", "said", '"yes"!']),
        ((" “", " No", "”", ","), ["“No”,"]),
        ((" shop", "y"), ["shopy"]),
        ((".",), ["."]),
        ((" (", " aside", ")", " then"), ["(aside)", "then"]),
        ((" end", " ."), ["end."]),
        ((), []),
    ],
)
def test_punctuation_stays_with_its_word(runs: tuple[str, ...], expected: list[str]) -> None:
    """Words carry their punctuation; what is written without a space is one word."""
    assert words(*runs) == expected


def test_languages_without_spaces_split_by_character() -> None:
    """Japanese and Chinese characters are words of their own, with their punctuation; Latin runs stay whole."""
    assert words("今", "日", "は", "。", "良", "い", language="ja") == ["今", "日", "は。", "良", "い"]
    assert words("用", "Pyt", "hon", "写", language="zh") == ["用", "Python", "写"]


def test_a_prefix_keeps_its_number_of_words() -> None:
    """What continues the last committed word without a space is attached to it."""
    assert words(" meet", "ing", " now", prefix=1) == ["meeting", "now"]
    assert words(" Hello", ",", " you", prefix=1) == ["Hello,", "you"]
    assert words(" Hello", ' "', " you", prefix=2) == ['Hello"', "you"]


def test_characters_over_several_tokens_are_kept_whole() -> None:
    """A word is cut only where whole characters end."""
    tokens = list(" día größer".encode())
    assert [word.text for word in split_words(Letters(), tokens, "de")] == ["día", "größer"]


def test_a_character_cut_short_joins_the_last_piece() -> None:
    """Tokens of an unfinished character are not lost."""
    tokens = list(" dí".encode())[:-1]
    pieces = readable_pieces(Letters(), tokens)
    assert pieces[-1].stop == len(tokens)


@given(st.text(max_size=40), st.sampled_from(["en", "ja", "th"]), st.integers(0, 60), st.integers(0, 3))
def test_every_token_stays_with_a_word(line: str, language: str, prefix: int, cut: int) -> None:
    """The words' tokens in order are the text's tokens, whatever the text, wherever it is cut."""
    tokens = list(line.encode("utf-8", errors="ignore"))
    tokens = tokens[: max(0, len(tokens) - cut)]
    split = split_words(Letters(), tokens, language, min(prefix, len(tokens)))
    covered = [index for word in split for piece in word.pieces for index in range(piece.first, piece.stop)]
    assert covered == list(range(len(tokens)))
