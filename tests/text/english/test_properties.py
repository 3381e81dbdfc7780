"""What holds for whatever is said in English about numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.text.written import rewritten, shown

_WORDS = """
    one two three five nine ten eleven twelve thirteen nineteen twenty thirty ninety hundred thousand million
    billion zero oh a and point half quarter past to through from between in at of by the minus plus double
    triple percent per cent dollars cents euros pounds sterling rupiah kilometers hour degrees celsius minutes
    hours second first third ninth tenth twentieth thirds quarters october may march monday am pm p m o'clock
    page number room year since people at john u a i mister doctor Smith tv 5
    9 10 12 20 25 2026 1945 3.30 3:30 50% $5 500 1,250 475 2466 twenty-five twenty-first two-thirds 9th 3.5
    five, twenty.
"""
words = st.lists(st.sampled_from(_WORDS.split()), max_size=8)


@given(words=words)
def test_formatting_twice_is_formatting_once(words: list[str]) -> None:
    """What is written stays so when it is read again."""
    once = shown(rewritten(words))
    assert shown(rewritten(once.split())) == once


@given(words=words, more=words, unsettled=st.integers(0, 4))
def test_what_is_settled_stays(words: list[str], more: list[str], unsettled: int) -> None:
    """Whatever comes behind, and whatever unsettled words turn out to be, settled tokens stay as they are."""
    settled = max(0, len(words) - unsettled)
    early = rewritten(words, settled=settled, ended=False)
    late = rewritten([*words[:settled], *more])
    assert early.tokens[: early.settled] == late.tokens[: early.settled]


@given(words=st.lists(st.one_of(st.text(), st.text("0123456789-.,$%:st"), st.sampled_from(_WORDS.split()))))
def test_it_takes_anything(words: list[str]) -> None:
    """No text is too odd, and each word is in one token, in order."""
    tokens = rewritten(words).tokens
    assert [token.first for token in tokens] == [0, *(token.behind for token in tokens)][: len(tokens)]


@given(
    words=st.lists(st.sampled_from(["so", "we", "have", "seen", "that", "nobody", "knows", "it", "today"]), min_size=2)
)
def test_plain_words_are_soon_settled(words: list[str]) -> None:
    """Words that begin nothing leave only the last two open."""
    assert rewritten(words, ended=False).settled >= len(words) - 2
