"""What holds of the rules for Indonesian numbers, whatever is said."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_server.text.formatter import join
from stream_server.text.indonesian.calendar import ALL_MONTHS
from stream_server.text.indonesian.lexicon import NUMBER_WORDS
from stream_server.text.rewriting import rewrite
from stream_server.text.tokens import passage_of
from tests.text.indonesian.spoken import RULE, listed, passage

BESIDE = listed("""
    rupiah persen % dolar euro sen kilometer kilo meter persegi per jam menit hari bulan tahun pukul lewat kurang pagi
    siang malam ini tanggal ke kedua ketujuh lantai nomor rt versi titik dari antara dan sampai hingga dengan orang
    pertiga perempat seperempat setengah koma minus plus derajat celsius rp Rp. $ kali sejak amerika singapura ton
""")
WRITTEN = listed("""
    1 5 0 10 25 100 2026 17.500 1.750.000 2,5 2.5 3.30 09.00 1-1-1-9 1-2 5-10 2–3 0812 3456 08123456789 +62
    812-3456-7890 Rp5.000 Rp5 Rp1,5 $20 50% 007 1,250,000 1,250 -5 ke-25 2/3 30°C
""")

words = st.builds(
    str.__add__,
    st.one_of(*(st.sampled_from(sorted(each)) for each in (NUMBER_WORDS, NUMBER_WORDS, BESIDE, WRITTEN, ALL_MONTHS))),
    st.sampled_from(["", "", "", "", "", "", ",", ".", "?"]),
)
said = st.lists(words, max_size=8)


@given(said)
@settings(max_examples=400)
def test_twice_is_once(heard: list[str]) -> None:
    """What is read of numbers, heard again, is read the same."""
    once = join(token.text for token in passage(" ".join(heard)).tokens)
    assert join(token.text for token in passage(once).tokens) == once


@given(said, st.lists(words, max_size=4), st.integers(0, 4))
@settings(max_examples=400)
def test_settled_words_stay(heard: list[str], more: list[str], unsure: int) -> None:
    """Whatever comes next, what is settled reads the same, and every word is part of one token."""
    count = max(0, len(heard) - unsure)
    early = rewrite(passage_of(heard, settled=count, ended=False), RULE)
    late = rewrite(passage_of([*heard[:count], *more]), RULE)
    assert early.tokens[: early.settled] == late.tokens[: early.settled]
    assert [place for token in early.tokens for place in range(token.first, token.behind)] == list(range(len(heard)))


@given(st.lists(st.text(min_size=1).filter(str.strip), max_size=6))
def test_any_text_at_all(heard: list[str]) -> None:
    """No word of whatever script is too much."""
    tokens = rewrite(passage_of(heard), RULE).tokens
    assert [place for token in tokens for place in range(token.first, token.behind)] == list(range(len(heard)))


def test_a_number_is_open_until_it_ends() -> None:
    """While a number may grow it is open; behind it, and behind plain words, nothing is."""
    assert rewrite(passage_of(["ada", "dua", "puluh", "lima"], ended=False), RULE).settled == 1
    assert rewrite(passage_of(["ada", "dua", "puluh", "lima", "orang", "di", "sana"], ended=False), RULE).settled == 5
    assert rewrite(passage_of(["kita", "pergi", "ke", "kantor"], ended=False), RULE).settled == 4
