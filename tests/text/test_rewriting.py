"""A rule rewrites a passage; what it may still say otherwise is not settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, passage_of


def pairs(reader: Reader) -> Sequence[Part] | None:
    """Join "a" and the "b"s behind it, and hide an "x"."""
    if reader.key() == "x":
        return [Part(1, "")]
    if reader.key() != "a":
        return None
    count = 1
    while reader.key(count) == "b":
        count += 1
    return [Part(count, "a" + "b" * (count - 1))] if count > 1 else None


def texts(passage: Passage) -> list[str]:
    """Return what is shown, token by token."""
    return [token.text for token in passage.tokens]


def test_words_become_one() -> None:
    """What a rule says replaces what it read; the token knows which words it was."""
    passage = rewrite(passage_of(["c", "a", "b", "b", "c"]), pairs)
    assert texts(passage) == ["c", "abb", "c"]
    assert [(token.first, token.behind) for token in passage.tokens] == [(0, 1), (1, 4), (4, 5)]
    assert passage.settled == 3


def test_nothing_is_joined_over_a_turn() -> None:
    """What two people say stays two tokens, whatever a rule says; a mask alone may be of both."""
    given = passage_of(["a", "b", "a", "b"])
    turned = replace(given, tokens=(given.tokens[0], replace(given.tokens[1], turn=True), *given.tokens[2:]))
    passage = rewrite(turned, pairs)
    assert [(token.text, token.turn) for token in passage.tokens] == [("a", False), ("b", True), ("ab", False)]
    masked = rewrite(turned, lambda _: [Part(4, "[NAME]", masked=True)])
    assert texts(masked) == ["[NAME]"]
    kept = rewrite(turned, lambda _: [Part(4, kept=True)])
    assert kept.tokens == turned.tokens


def test_what_may_grow_is_open() -> None:
    """While more may come, the last run is not settled; a word that nothing can change is."""
    assert rewrite(passage_of(["c", "a", "b"], ended=False), pairs).settled == 1
    assert rewrite(passage_of(["c", "a", "b", "c"], ended=False), pairs).settled == 3
    assert rewrite(passage_of(["c", "a", "b", "c"], settled=2, ended=False), pairs).settled == 1


def test_hidden_words_are_not_read() -> None:
    """A rule sees past what is hidden, and what it joins takes that in."""
    hidden = rewrite(passage_of(["a", "x", "b", "x"]), lambda reader: [Part(1, "")] if reader.key() == "x" else None)
    passage = rewrite(hidden, pairs)
    assert [(token.text, token.first, token.behind) for token in passage.tokens] == [("ab", 0, 3), ("", 3, 4)]


@given(st.lists(st.sampled_from("abcx")), st.lists(st.sampled_from("abcx")), st.integers(0, 5))
def test_settled_stays(words: list[str], more: list[str], unsettled: int) -> None:
    """Whatever comes behind, the settled tokens are those of the longer passage; every word is in one token."""
    count = max(0, len(words) - unsettled)
    early = rewrite(rewrite(passage_of(words, settled=count, ended=False), pairs), pairs)
    late = rewrite(rewrite(passage_of(words[:count] + more), pairs), pairs)
    assert early.tokens[: early.settled] == late.tokens[: early.settled]
    for passage in (early, late):
        firsts = [token.first for token in passage.tokens]
        assert firsts == [0, *(token.behind for token in passage.tokens)][: len(firsts)]
