"""Numbers in Indonesian addresses."""

from __future__ import annotations

import pytest

from stream_server.text.indonesian.spoken_digits import spoken_digits
from stream_server.text.rewriting import Reader
from stream_server.text.runs import Run
from stream_server.text.tokens import passage_of

CASES = [
    ("lima", ("5", 1)),
    ("dua puluh lima", ("25", 3)),
    ("seribu dua ratus", ("1200", 3)),
    ("satu dua tiga", ("123", 3)),
    ("nol tujuh", ("0", 1)),
    ("nol nol tujuh", ("007", 3)),
    ("dua koma lima", ("2", 1)),
    ("minus lima", None),
    ("titik", None),
    ("25", None),
]


@pytest.mark.parametrize(("said", "digits"), CASES)
def test_digits_alone(said: str, digits: tuple[str, int] | None) -> None:
    """A number is its digits, without any mark; what is no count, or written already, is left to others."""
    words = said.split()
    assert spoken_digits(Run(Reader(passage_of(words).tokens, len(words), ended=True)), 0) == digits
