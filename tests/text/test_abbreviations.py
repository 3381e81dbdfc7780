"""Abbreviations and spelled letters."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("u s a", "USA"),
        ("c e o and two c e o s", "CEO and two CEOs"),
        ("a i is here", "AI is here"),
        ("the u s and the e u", "the US and the EU"),
        ("C-E-O", "CEO"),
        ("I I think", "I I think"),
        ("plan b i think", "plan b i think"),
        ("I see a b c", "I see ABC"),
        ("a C function, I c you", "a C function, I c you"),
    ],
)
def test_letters_in_a_row_are_one_word(heard: str, read: str) -> None:
    """Letters in a row are one word; a and I alone are words."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("ok send the pdf to the ceo, tv off", "OK send the PDF to the CEO, TV off"),
        ("two faqs and apis", "two FAQs and APIs"),
        ("it is us, okay", "it is us, okay"),
    ],
)
def test_known_ones_have_their_form(heard: str, read: str) -> None:
    """Known ones have their form."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("mister smith is here", "Mr. Smith is here"),
        ("Doctor Brown, Professor Jones and missus Lee", "Dr. Brown, Prof. Jones and Mrs. Lee"),
        ("doctor smith said", "Dr. Smith said"),
        ("ask the doctor about it", "ask the doctor about it"),
        ("the professor was late", "the professor was late"),
        ("Doctor, come in", "Doctor, come in"),
        ("mister nineteen", "mister 19"),
        ("Doctor I think", "Doctor I think"),
    ],
)
def test_a_title_is_short_before_a_name(heard: str, read: str) -> None:
    """A title is short before a name."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("nik dan ktp untuk bpjs", "NIK dan KTP untuk BPJS"),
        ("pt maju jaya tbk", "PT Maju Jaya Tbk"),
        ("pt maju jaya", "PT maju jaya"),
        ("n i k", "NIK"),
        ("sma negeri tiga puluh", "SMA negeri 30"),
        ("dia masih sekolah di sma", "dia masih sekolah di sma"),
        ("api itu panas", "api itu panas"),
    ],
)
def test_indonesian_abbreviations_have_their_form_schools_only(heard: str, read: str) -> None:
    """Indonesian abbreviations have their form; schools only before a number."""
    assert written(heard, "id") == read
