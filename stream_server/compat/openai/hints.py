"""What clients tell beforehand of what will be said: languages, a prompt, words to expect. Never a reason to refuse."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_HOTWORDS, LONGEST_CONTEXT = 1_000, 2_000
"""Characters that a session takes; the rest is left out, as the vendor's models do with what they cannot hold."""

DETECT = ("", "multi", "auto")
"""Names that mean: find out."""


def hints(prompt: object, keywords: object) -> tuple[str, str]:
    """Return hotwords and context: of too long a prompt the end, for that is what the speech follows."""
    words = [word.strip() for word in keywords if isinstance(word, str)] if isinstance(keywords, list | tuple) else []
    hotwords = ""
    for word in filter(None, words):
        longer = f"{hotwords}, {word}" if hotwords else word
        if len(longer) > LONGEST_HOTWORDS:
            break
        hotwords = longer
    context = prompt.strip() if isinstance(prompt, str) else ""
    return hotwords, context[-LONGEST_CONTEXT:].strip()


def languages_of(language: object, languages: object) -> tuple[str, ...]:
    """Return what may be spoken, as ISO 639-1 codes: the one named, else a list of candidates; empty: anything."""
    several = languages if isinstance(languages, list | tuple) else ()
    named: Iterable[object] = [language] if isinstance(language, str) and language.strip() else several
    codes = [name.strip().lower().replace("_", "-").partition("-")[0] for name in named if isinstance(name, str)]
    return tuple(dict.fromkeys(code for code in codes if code not in DETECT))
