"""What labels of punctuation models mean."""

from __future__ import annotations

import pytest

from stream_server.asr.punctuation_labels import Label, read_label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("0", Label("", None)),
        ("O", Label("", "none")),
        (".", Label(".", None)),
        ("?", Label("?", None)),
        ("-", Label("", None)),
        ("COMMA", Label(",", None)),
        ("B-QUESTION", Label("?", None)),
        ("Upper_,", Label(",", "first")),
        ("lower_.", Label(".", "none")),
        ("UPPER_", Label("", "all")),
        (".U", Label(".", "first")),
        ("?O", Label("?", "none")),
        ("OU", Label("", "first")),
        ("OO", Label("", "none")),
        (".O", Label(".", "none")),
        (";U", Label(";", "first")),
        ("'U", Label("", "first")),
        ("-O", Label("", "none")),
        ("comma", Label(",", None)),
        ("Question_Mark", Label("?", None)),
        ("period_lower", Label(".", "none")),
        ("LABEL_3", Label("", None)),
        ("", Label("", None)),
    ],
)
def test_labels(text: str, label: Label) -> None:
    """A mark or its name, and a word for capitals; what is unknown means nothing."""
    assert read_label(text) == label
