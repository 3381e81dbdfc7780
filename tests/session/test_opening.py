"""What a session is opened with: refused, or made to fit, if the model cannot do it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import InvalidConfiguration
from stream_server.events import ChangeOptions
from stream_server.session.opening import check_change, check_options
from stream_server.session.options import SessionOptions

CAPABILITIES = ScriptedEngine().capabilities


def test_an_unknown_language_is_refused() -> None:
    """Who names a language wants that one, unless its wire is lenient."""
    with pytest.raises(InvalidConfiguration):
        check_options(SessionOptions(language="xx"), CAPABILITIES)
    with pytest.raises(InvalidConfiguration):
        check_options(SessionOptions(languages=("en", "xx")), CAPABILITIES)


def test_a_lenient_wire_detects_what_the_model_does_not_know() -> None:
    """An unknown language becomes detection, among those of the candidates that are known."""
    options = SessionOptions(language="xx", languages=("id", "yy"), lenient_language=True)
    checked = check_options(options, CAPABILITIES)
    assert (checked.language, checked.languages) == (None, ("id",))
    assert check_options(SessionOptions(language="id", lenient_language=True), CAPABILITIES).language == "id"


def test_a_change_in_mid_session_is_lenient() -> None:
    """The session is running: nobody can refuse it any more."""
    assert check_change(ChangeOptions(language="xx", languages=("de", "xx")), CAPABILITIES) == ChangeOptions(
        language="", languages=("de",)
    )
    assert check_change(ChangeOptions(hotwords="Budi"), CAPABILITIES) == ChangeOptions(hotwords="Budi")


def test_a_model_that_cannot_translate_says_so() -> None:
    """English that is asked for and cannot be had is refused, not forgotten."""
    check_options(SessionOptions(translate=True), CAPABILITIES)
    with pytest.raises(InvalidConfiguration):
        check_options(SessionOptions(translate=True), replace(CAPABILITIES, translates=False))
