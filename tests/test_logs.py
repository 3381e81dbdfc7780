"""Logs: one line per event, for people or as JSON, on standard error."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from stream_server.logs import configure_logs


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and the standard library's loggers write the same shape."""
    configure_logs("json", "info")
    structlog.get_logger("one").bind(session_id="s").info("session opened", dialect="native")
    logging.getLogger("two").warning("it is %s", "late")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["session_id"], ours["dialect"], ours["level"]) == (
        "session opened", "s", "native", "info",
    )  # fmt: skip
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("it is late", "warning", "two")
    assert ours["timestamp"].endswith("Z")


def test_level_and_quiet_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    """What is below the level, or chatter of a library, is not written."""
    configure_logs("console", "info")
    structlog.get_logger("one").debug("too fine")
    logging.getLogger("websockets.server").info("connection open")
    structlog.get_logger("one").warning("seen")
    written = capsys.readouterr()
    assert written.out == ""
    assert len(written.err.splitlines()) == 1
    assert "seen" in written.err


def test_lines_go_where_standard_error_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was standard error when logs were configured may be closed by then."""
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stderr", first)
    configure_logs("json", "info")
    first.close()
    monkeypatch.setattr("sys.stderr", second)
    logging.getLogger("one").warning("still heard")
    assert json.loads(second.getvalue())["event"] == "still heard"
