"""What engines are told to listen for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_server.text.formatter import tidy_text
from stream_server.text.formatting import Term
from stream_server.text.hotwords import MOST_CHARACTERS, with_terms

TERMS = st.lists(st.builds(Term, st.text(min_size=1, max_size=100)), max_size=20)


def test_terms_stand_behind_the_sessions_own() -> None:
    """As they are written, not as they sound."""
    assert with_terms("rapat", [Term("Meemo", ("mimo",)), Term("Prosa")]) == "rapat, Meemo, Prosa"
    assert with_terms("", [Term("Meemo")]) == "Meemo"


@given(st.text(max_size=500), TERMS)
def test_no_term_is_cut(hotwords: str, terms: list[Term]) -> None:
    """The first ones that there is room for are given whole; the session's own words always."""
    given_words = with_terms(hotwords, terms)
    texts = [tidy_text(text) for text in (hotwords, *(term.text for term in terms))]
    assert given_words in {", ".join(filter(None, texts[:count])) for count in range(1, len(texts) + 1)}
    assert len(given_words) <= max(MOST_CHARACTERS, len(hotwords))


def test_what_no_engine_takes_is_left_out() -> None:
    """Halves of surrogate pairs, and what nobody can read."""
    assert with_terms("ra\ud800pat\n", [Term("Caf\ud800é"), Term("\u200b"), Term("Prosa\0  AI")]) == (
        "rapat, Café, Prosa AI"
    )
