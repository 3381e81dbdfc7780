"""Words without the marks around them."""

from __future__ import annotations

import pytest

from stream_server.text.bare import bare_word


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Hello,", "Hello"),
        ("...so", "so"),
        ("“It’s”", "It’s"),
        ("(co-op).", "co-op"),
        ("は。", "は"),
        ("–hello–", "hello"),
        ("$5,", "$5"),
        ("50%", "50%"),
        ("50%.", "50%"),
        ("%", "%"),
        ("-5", "-5"),
        ("(-5)", "-5"),
        ("-$5", "-$5"),
        ("−5.", "−5"),
        ("C#,", "C#"),
        ("C++", "C++"),
        ("#1", "#1"),
        (".NET", ".NET"),
        ("?!", ""),
        ("–", ""),
        ("...", ""),
        ("", ""),
        ("[CARD].", "[CARD]"),
        ("([CARD]),", "[CARD]"),
        ("[NUMBER]%", "[NUMBER]%"),
        ("[NAME]'s", "[NAME]'s"),
        ("[note]", "note"),
    ],
)
def test_a_bare_word(text: str, bare: str) -> None:
    """Signs that are said stay, masks are whole, and what is punctuation only is no word."""
    assert bare_word(text) == bare
