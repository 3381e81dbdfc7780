"""Phrases are found among words, the longest first, and nothing is read that cannot be part of one."""

from __future__ import annotations

from itertools import product

import pytest

from stream_server.text.phrases import Found, Phrases
from stream_server.text.tokens import Token

PHRASES = Phrases(
    [(text, text) for text in ("me mo", "me", "more or less", "e-mail", "Dr. Smith", "C++", "post-mortem room")],
    endings=(("'s", 1), ("s", 3)),
)


class Words:
    """Words that note how far they were read."""

    def __init__(self, text: str) -> None:
        self._words = [Token(word, 0, 1) for word in text.split()]
        self.read = 0

    def __call__(self, ahead: int) -> Token | None:
        """Return a word."""
        self.read = max(self.read, ahead + 1)
        return self._words[ahead] if ahead < len(self._words) else None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Me mo", Found(2, "me mo")),
        ("me-mo", Found(1, "me mo")),
        ("me, mo", Found(1, "me")),
        ("me", Found(1, "me")),
        ("me mo's", Found(2, "me mo", "'s")),
        ("memo", None),
        ("more or", None),
        ("more or (less)", None),
        ('"more or less,"', Found(3, "more or less")),
        ("email", Found(1, "e-mail")),
        ("e mails", Found(2, "e-mail", "s")),
        ("dr smith", Found(2, "Dr. Smith")),
        ("Dr. SMITH", Found(2, "Dr. Smith")),
        ("dr, smith", None),
        ("c++", Found(1, "C++")),
        ("postmortem room", Found(2, "post-mortem room")),
        ("post mortem room", Found(3, "post-mortem room")),
        ("mes", None),
        ("", None),
    ],
)
def test_what_is_found(said: str, found: Found[str] | None) -> None:
    """Case, marks around words and hyphens do not matter; spaces, and marks between words, do."""
    assert PHRASES.find(Words(said)) == found


def test_a_phrase_is_one_persons() -> None:
    """What the next one says is no part of it; a shorter phrase may be there all the same."""
    said = [Token("me", 0, 1), Token("mo", 1, 2, turn=True)]
    assert PHRASES.find(lambda ahead: said[ahead] if ahead < len(said) else None) == Found(1, "me")


@pytest.mark.parametrize(("said", "read"), [("other words", 1), ("email", 1), ("me too", 2), ("more and", 2)])
def test_how_far_is_read(said: str, read: int) -> None:
    """A word that goes on with no phrase is the last one read."""
    words = Words(said)
    PHRASES.find(words)
    assert words.read == read


def test_the_first_of_the_same_counts() -> None:
    """Who comes first in the list is more important."""
    phrases = Phrases([("a b", 1), ("A-B", 2)])
    assert phrases.find(Words("a b")) == Found(2, 1)
    assert phrases.find(Words("ab")) == Found(1, 2)


@pytest.mark.parametrize("said", ["cafe\u0301", "CAFÉ", "ca\u00adfé", "ca-fe\u0301"])
def test_how_a_character_is_spelled_does_not_matter(said: str) -> None:
    """Nor what nobody sees; on either side."""
    for written in ("Café", "Cafe\u0301", "ca\u00adfé"):
        assert Phrases([("\u200b", "no"), (written, "yes")]).find(Words(said)) == Found(1, "yes")


def test_each_hyphen_is_read_in_its_own_way() -> None:
    """Of several in a phrase some may be said as spaces and some not at all."""
    phrases = Phrases([("state-of-the-art work", 1)])
    for said in ("state of-theart work", "stateof the-art-work", "state-of-the-art work"):
        assert phrases.find(Words(said)) == Found(len(said.split()), 1)
    assert phrases.find(Words("state of the artwork")) is None
    assert Phrases([("co--op -x-", 1)]).find(Words("co op -x-")) == Found(3, 1)


def test_hyphens_are_looked_up_once() -> None:
    """However many phrases have the same letters: of the ways to part them a few are told apart."""
    phrases = Phrases([(" ".join(parts), parts) for parts in product(("a b", "ab"), repeat=10)])
    assert phrases.find(Words("a-b " * 10)) == Found(10, ("a b",) * 10)
    assert phrases.find(Words("a-b " * 9 + "ab")) == Found(10, (*("a b",) * 9, "ab"))
    assert phrases.find(Words("ab " * 10)) is None
