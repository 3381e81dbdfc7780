"""Number words and digits in a row become the numbers that they say."""

from __future__ import annotations

import pytest

from stream_server.text.redaction.counting import numbers_of
from stream_server.text.redaction.readings import read


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("satu dua tiga", ["1", "2", "3"]),
        ("dua puluh lima", ["25"]),
        ("dua puluh lima puluh", ["20", "50"]),
        ("lima belas sebelas", ["15", "11"]),
        ("twenty one thirty", ["21", "30"]),
        ("nineteen forty five", ["19", "45"]),
        ("twenty-five", ["25"]),
        ("satu-dua-4", ["1", "2", "4"]),
        ("double five triple zero", ["5", "5", "0", "0", "0"]),
        ("nol 81 2", ["0", "81", "2"]),
        ("4111 1111", ["4111", "1111"]),
        ("seribu dua ratus lima puluh", ["1250*"]),
        ("satu juta dua ratus lima puluh ribu", ["125*"]),
        ("1 juta 750 ribu", ["175*"]),
        ("17 ribu 500", ["17500*"]),
        ("one hundred five", ["105*"]),
        ("empat ribu seratus sebelas seribu seratus sebelas", ["4111*", "1111*"]),
        ("000 juta", ["000", "1000000*"]),
        ("12 triliun", ["12*"]),
        ("2,5 miliar", ["25*"]),
        ("a million", ["1000000*"]),
        ("1.250.000 5", ["1250000*", "5"]),
        ("9" * 5_000, ["9" * 5_000]),
    ],
)
def test_numbers(said: str, numbers: list[str]) -> None:
    """As they would be written; amounts are those with hundreds and more, or written as one."""
    parts = [(each.pieces, each.sort == "amount") for each in read(said)]
    assert [number.digits + "*" * number.amount for number in numbers_of(parts)] == numbers
