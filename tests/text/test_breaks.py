"""Laws of `stream_server.text.breaks`."""

from __future__ import annotations

import pytest

from stream_server.text.breaks import Break, judge


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("there.", "We", Break.SENTENCE),
        ("really?”", "We", Break.SENTENCE),
        ("了。", "我", Break.SENTENCE),
        ("first,", "we", Break.CLAUSE),
        ("went", "because", Break.PHRASE),
        ("pergi", "karena", Break.PHRASE),
        ("green", "house", Break.ANYWHERE),
        ("the", "house", Break.CLINGING),
        ("in", "winter", Break.CLINGING),
        ("Dr.", "Smith", Break.CLINGING),
        ("because", "of", Break.CLINGING),
    ],
)
def test_places(before: str, after: str, place: Break) -> None:
    """Punctuation is best, then the beginning of a phrase; an article is not torn from its noun."""
    assert judge(before, after) is place
