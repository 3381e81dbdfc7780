"""Phrases are found among words, the longest first, and nothing is read that cannot be part of one."""

from __future__ import annotations

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
