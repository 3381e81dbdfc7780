"""What a pause leaves together."""

from __future__ import annotations

from stream_server.text.indonesian import RULES
from stream_server.text.rewriting import first_of, rewrite
from stream_server.text.tokens import passage_of
from stream_server.text.unbroken import unbroken


def texts(said: str, pauses: list[float]) -> list[str]:
    """Return what is shown, token by token."""
    return [token.text for token in rewrite(passage_of(said.split(), pauses), unbroken(first_of(RULES))).tokens]


def test_a_number_and_what_it_counts_are_one_over_a_pause() -> None:
    """No mark can get between a number and its scale or unit; without a pause they are two tokens."""
    assert texts("lima menit", [0, 0.5]) == ["5 menit"]
    assert texts("sebelas juta rupiah", [0, 0.5, 0]) == ["Rp11 juta"]
    assert texts("lima menit", [0, 0.1]) == ["5", "menit"]


def test_what_stays_in_words_is_one_as_well() -> None:
    """One hour that is kept as it is has no mark in it either."""
    assert texts("satu jam", [0, 0.5]) == ["satu jam"]
    assert texts("jam tujuh", [0, 0.5]) == ["jam 7"]


def test_the_pause_in_front_changes_nothing() -> None:
    """Only silence within counts."""
    assert texts("lima menit", [0.9, 0.1]) == ["5", "menit"]
