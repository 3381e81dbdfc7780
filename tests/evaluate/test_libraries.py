from __future__ import annotations

import sys

import pytest

from stream_server.errors import NotInstalled
from stream_server.evaluate.libraries import scoring_library
from stream_server.evaluate.words import word_errors


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the library and the command that brings it."""
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(NotInstalled, match=r"^evaluation needs jiwer: pip install 'stream-server\[evaluate\]'$"):
        word_errors(["a"], ["a"])


def test_other_errors_pass() -> None:
    """Only what cannot be imported is missing."""
    with pytest.raises(ZeroDivisionError), scoring_library():
        _ = 1 / 0
