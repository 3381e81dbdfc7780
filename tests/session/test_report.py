"""Log and observer hear of every session once, and of every second once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import structlog
from structlog.testing import capture_logs

from stream_server.auth import ANONYMOUS
from stream_server.events import Audio
from stream_server.session.limits import Limits
from stream_server.session.observer import Observer
from stream_server.session.options import SessionOptions
from stream_server.session.report import Report
from tests.session.test_runner import House


class Watcher(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def session_opened(self, dialect: str) -> None:
        self.told.append(("opened", dialect))

    def session_closed(self, dialect: str, outcome: str) -> None:
        self.told.append(("closed", dialect, outcome))

    def heard(self, dialect: str, audio_seconds: float, speech_seconds: float) -> None:
        self.told.append(("heard", audio_seconds, speech_seconds))

    def words_removed(self, reason: str, count: int) -> None:
        self.told.append(("removed", reason, count))

    def partials_dropped(self, count: int) -> None:
        self.told.append(("dropped", count))


def test_what_was_heard_is_told_once(tmp_path: Path) -> None:
    """What comes later is told as more, not as all."""
    services = House(tmp_path).services
    session = services.new_session("s", SessionOptions(), ANONYMOUS, limits=Limits(), granted_until=None)
    watcher = Watcher()
    report = Report(session, watcher, "native", structlog.get_logger())
    with capture_logs() as logged:
        report.opened(ANONYMOUS, "model")
        session.receive_command(Audio(samples=np.zeros((16_000, 1), np.float32)), 0.0)
        session.guard_removals["repeated"] = 2
        report.heard()
        session.receive_command(Audio(samples=np.zeros((8_000, 1), np.float32)), 0.0)
        session.guard_removals["repeated"] = 3
        report.closed("ok", 4)
    assert watcher.told == [
        ("opened", "native"),
        ("heard", 1.0, 0.0),
        ("removed", "repeated", 2),
        ("dropped", 4),
        ("heard", 0.5, 0.0),
        ("removed", "repeated", 1),
        ("closed", "native", "ok"),
    ]
    assert [(line["event"], line.get("outcome"), line.get("seconds")) for line in logged] == [
        ("session opened", None, None),
        ("session closed", "ok", 1.5),
    ]
