"""E-mail addresses and URLs that are said aloud."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("john dot smith at example dot com", "john.smith@example.com"),
        ("Info at example dot org, please", "info@example.org, please"),
        ("bob hyphen jones at mail dot example dot co dot uk", "bob-jones@mail.example.co.uk"),
        ("j o h n at example dot com", "john@example.com"),
        ("jane underscore doe twenty five at example dot com", "jane_doe25@example.com"),
        ("john.smith at example.com", "john.smith@example.com"),
    ],
)
def test_a_mailbox_the_sign_and_a_host(heard: str, read: str) -> None:
    """A mailbox, the sign and a host are one word."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("www dot example dot com slash news", "www.example.com/news"),
        ("see example dot org slash docs slash two", "see example.org/docs/2"),
        ("https colon slash slash example dot com", "https://example.com"),
        ("my dash company dot io is ours", "my-company.io is ours"),
        ("www.example.com slash pricing", "www.example.com/pricing"),
    ],
)
def test_a_host_and_its_path_are_one(heard: str, read: str) -> None:
    """A host and its path are one word."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("look at example dot com", "look at example.com"),
        ("meet me at example dot com", "meet me at example.com"),
        ("the dot com bubble", "the dot com bubble"),
        ("we met at lunch", "we met at lunch"),
        ("version two dot five", "version 2 dot five"),
        ("we laughed at the slash and the underscore", "we laughed at the slash and the underscore"),
        ("stop. dot com", "stop. dot com"),
    ],
)
def test_without_a_known_end_it_is_none(heard: str, read: str) -> None:
    """Without a known end it is none, and what stands in front of an address is not in it."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("budi titik santoso at gmail titik com", "budi.santoso@gmail.com"),
        ("b u d i a keong perusahaan titik com", "budi@perusahaan.com"),
        ("rapat a keong perusahaan titik co titik id", "rapat@perusahaan.co.id"),
        ("budi garis bawah santoso at gmail titik com", "budi_santoso@gmail.com"),
        ("www titik prosa titik ai", "www.prosa.ai"),
        ("prosa titik ai garis miring meemo", "prosa.ai/meemo"),
        ("kita sudah sampai di titik temu", "kita sudah sampai di titik temu"),
        ("tulis garis miring di antaranya", "tulis garis miring di antaranya"),
        ("situs itu pindah ke prosa titik ai minggu lalu", "situs itu pindah ke prosa.ai minggu lalu"),
    ],
)
def test_indonesian_has_marks_of_its_own_and(heard: str, read: str) -> None:
    """Indonesian has marks of its own, and says the English ones too."""
    assert written(heard, "id") == read
