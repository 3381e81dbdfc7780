"""Numbers that are said otherwise than by counting: "forty-second", "the hundredth", "three quarters". Pure.

They are part of no secret, but numbers all the same. What is no more than nine stays: "the second", "a quarter".
"""

from __future__ import annotations

import re

from stream_server.text.redaction.lexicon import NUMBER_WORDS, words
from stream_server.text.rewriting import Reader
from stream_server.text.tokens import Token

_MOST_WORDS = 12
"""Words of one number."""

_UNITS = words("satu dua tiga empat lima enam tujuh delapan sembilan")
_SORTS = {
    **dict.fromkeys(NUMBER_WORDS, "N"),
    **{word: "T" for word, (deed, value) in NUMBER_WORDS.items() if value >= 20 or deed in ("times", "teen")},
    **dict.fromkeys(words("first second"), "o"),
    **dict.fromkeys(words("third fourth fifth sixth seventh eighth ninth"), "q"),
    **dict.fromkeys(
        words(
            "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
            "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth thousandth "
            "millionth billionth tenths hundredths thousandths kesepuluh kesebelas keseratus keseribu persepuluh "
            "perseratus perseribu sepersepuluh seperseratus seperseribu"
        ),
        "O",
    ),
    **{f"ke{word}": "K" for word in _UNITS},
    **{f"per{word}": "F" for word in _UNITS},
    **dict.fromkeys(words("halves thirds quarter quarters fourths fifths sixths sevenths eighths ninths"), "F"),
    **dict.fromkeys(("half", "setengah"), "H"),
    **dict.fromkeys(("past", "to", "lewat", "kurang"), "p"),
    **dict.fromkeys(("and", "a", "dan"), "a"),
}
"""Number words of units and of tens, ordinals and parts, small ones or not, and what stands between."""

_NUMBER = re.compile(
    r"[NT]*(?:T[Ta]*N)?O"  # the (one) hundredth
    r"|[NT]*Ta?[oq]"  # forty second
    r"|KT[NT]*"  # kedua belas
    r"|[NT]+a*[FHq]"  # three quarters, two and a half, one third
    r"|[HF]p?[NT]+"  # half past three, quarter to ten, setengah tiga
)


def length_of(reader: Reader) -> int:
    """Return how many tokens from here on say such a number; 0 if they do not."""
    sorts = ""
    ends: dict[int, int] = {}
    """How many tokens there are up to so many words."""
    for ahead in range(_MOST_WORDS):
        token = reader.peek(ahead)
        said = "".join(_SORTS.get(word, " ") for word in _words_of(token)) if token is not None else ""
        if not said or " " in said:
            if not ahead:
                return 0
            break
        sorts += said
        ends[len(sorts)] = ahead + 1
        if token is not None and token.trail:
            break
    found = [ends[stop] for stop in ends if _NUMBER.fullmatch(sorts[:stop])]
    return max(found, default=0)


def _words_of(token: Token) -> list[str]:
    """Return the words of a token, those of "forty-second" too; of one that is fixed as well."""
    return token.core.casefold().replace("-", " ").split()
