"""Hints are taken as far as they go, and are never a reason to refuse."""

from __future__ import annotations

import pytest

from stream_server.compat.openai.hints import LONGEST_CONTEXT, LONGEST_HOTWORDS, hints, languages_of
from stream_server.session.options import SessionOptions


def test_words_and_prompt_are_cut_to_what_a_session_takes() -> None:
    """Of words the first ones stay whole, of a prompt its end."""
    hotwords, context = hints("never " * 1_000 + "the end", ["Budi", *["word"] * 1_000])
    SessionOptions(hotwords=hotwords, context=context)
    assert hotwords.startswith("Budi, word, ")
    assert LONGEST_HOTWORDS - 6 <= len(hotwords) <= LONGEST_HOTWORDS
    assert context.endswith("never the end")
    assert len(context) <= LONGEST_CONTEXT


@pytest.mark.parametrize(("prompt", "keywords"), [(None, None), (1, "Budi"), ({}, [1, None, "  "])])
def test_what_is_no_hint_says_nothing(prompt: object, keywords: object) -> None:
    """Other types than text are passed over."""
    assert hints(prompt, keywords) == ("", "")


@pytest.mark.parametrize(
    ("language", "languages", "codes"),
    [
        ("en-US", None, ("en",)),
        ("id_ID", ["en"], ("id",)),
        ("", ["en", "de-DE", "en-GB"], ("en", "de")),
        (None, None, ()),
        ("multi", None, ()),
        (5, [None, "auto", "fr"], ("fr",)),
    ],
)
def test_languages_are_codes(language: object, languages: object, codes: tuple[str, ...]) -> None:
    """The one named counts, else the candidates; regions say nothing to the models."""
    assert languages_of(language, languages) == codes
