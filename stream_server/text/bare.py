"""A word alone, without the marks around it, as clients have it that get words and display forms side by side. Pure."""

from __future__ import annotations

import re
import unicodedata

from stream_server.text.redaction.kinds import MASK
from stream_server.text.tokens import LEADING_MARKS, TRAILING_MARKS

_MARKS = f"{LEADING_MARKS}{TRAILING_MARKS}„‚「」『』（）【】《》。、，；：？！؟،؛।-‐‑–—―"
_IN_FRONT = re.compile(rf"(?:\.{{2,}}|(?!\.|-[\d$€£¥])[{re.escape(_MARKS)}])+")
"""A stop may begin a word, as in `.NET`, and a minus a number."""

_SIGNS = "%‰#@&"
"""Said aloud, though Unicode calls them punctuation."""


def bare_word(text: str) -> str:
    """Return a word without the punctuation around it; "" for what is nothing else.

    A mask stays whole, and what belongs to a word stays with it: `50%`, `-5`, `C#`.
    """
    if masks := list(MASK.finditer(text)):
        first, behind = masks[0].start(), masks[-1].end()
        return _without_front(text[:first]) + text[first:behind] + text[behind:].rstrip(_MARKS)
    return _without_front(text).rstrip(_MARKS) if any(map(_is_said, text)) else ""


def _without_front(text: str) -> str:
    found = _IN_FRONT.match(text)
    return text if found is None else text[found.end() :]


def _is_said(character: str) -> bool:
    """Tell letters, digits, marks and signs such as $ from punctuation."""
    return character in _SIGNS or unicodedata.category(character)[0] in "LMNS"
