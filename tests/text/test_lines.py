"""Laws of `stream_server.text.lines`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_server.text.formatter import join
from stream_server.text.lines import CUE_LINES, LINE_CHARACTERS, Ruler, break_lines, pieces

texts = st.lists(st.text("abcdefg,.", min_size=1, max_size=LINE_CHARACTERS), min_size=1, max_size=20)


@given(words=texts)
def test_lines_fit_and_lose_nothing(words: list[str]) -> None:
    """Every word is there, in order, and no line is too long."""
    lines = break_lines(words)
    assert " ".join(lines) == " ".join(words)
    assert max(map(len, lines)) <= LINE_CHARACTERS


@given(words=texts, label=st.sampled_from(["", "Ann:", "Speaker 12:"]))
def test_a_ruler_tells_what_two_lines_hold(words: list[str], label: str) -> None:
    """It agrees with the lines themselves, for every stretch of the words."""
    ruler = Ruler(words, label)
    for first in range(len(words)):
        for behind in range(first + 1, len(words) + 1):
            lines = break_lines([label, *words[first:behind]])
            assert ruler.fits(first, behind) == (len(lines) <= CUE_LINES)


@given(words=texts)
def test_one_line_where_one_is_enough(words: list[str]) -> None:
    """Nothing is broken that fits into a line."""
    assert (len(break_lines(words)) == 1) == (len(join(words)) <= LINE_CHARACTERS)


def test_a_good_place_is_worth_more_than_balance() -> None:
    """Lines break behind punctuation, else before a phrase; an article stays with its noun."""
    for upper, lower in (
        ("Yes, that is what we said yesterday.", "But nobody listened."),
        ("When we came home,", "the whole of the house was cold."),
        ("The people from the office met", "in the old house near the river"),
    ):
        assert break_lines(f"{upper} {lower}".split()) == [upper, lower]


def test_no_line_of_one_word() -> None:
    """A last word does not stand alone where another can keep it company."""
    assert break_lines(["somebody", "talked", "about", "everything", "yesterday", "afternoon"])[-1] != "afternoon"


def test_scripts_without_spaces() -> None:
    """They break between any words, and fill lines where words are longer than that."""
    assert [len(line) for line in break_lines(["字"] * 60)] == [30, 30]
    assert [len(piece) for piece in pieces("字" * 100)] == [LINE_CHARACTERS, LINE_CHARACTERS, 100 - 2 * LINE_CHARACTERS]
