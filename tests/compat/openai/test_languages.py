"""Languages are called by their English names."""

from __future__ import annotations

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES

from stream_server.compat.openai.languages import NAMES, language_name


def test_every_language_of_the_models_has_a_name() -> None:
    """Whisper's codes, all of them and no others."""
    assert set(NAMES) == set(_LANGUAGE_CODES)


@pytest.mark.parametrize(
    ("code", "name"), [("id", "indonesian"), ("ht", "haitian creole"), (None, "english"), ("tlh", "tlh")]
)
def test_names(code: str | None, name: str) -> None:
    """A language nobody has a name for keeps its code; nothing said counts as English."""
    assert language_name(code) == name
