"""Usage marks that wait on disk while the live store is away.

One SQLite file, synced at every write, holds the latest mark of each session and day in the order of days; a process
that is killed leaves it to the next one. Calls block for the disk, so shells make them in a thread.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from stream_server.store.base import UsageMark

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (
    session_id TEXT NOT NULL, day TEXT NOT NULL, samples INTEGER NOT NULL, mark TEXT NOT NULL,
    PRIMARY KEY (session_id, day)
) WITHOUT ROWID
"""


class MarkBuffer:
    """The file `usage-buffer.sqlite3` in a directory; local processes may share it, since marks never count twice."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        path = directory / "usage-buffer.sqlite3"
        self._database = sqlite3.connect(path, timeout=10.0, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = DELETE")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(_SCHEMA)

    def __len__(self) -> int:
        with self._lock:
            return int(self._database.execute("SELECT count(*) FROM marks").fetchone()[0])

    def put(self, marks: Sequence[UsageMark]) -> None:
        """Keep the marks, each in the place of an earlier one of its session and day; on disk when this returns."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(
                "INSERT INTO marks VALUES (?, ?, ?, ?) ON CONFLICT (session_id, day) DO UPDATE"
                " SET samples = excluded.samples, mark = excluded.mark WHERE excluded.samples >= samples",
                [(mark.session_id, mark.day, mark.session, json.dumps(asdict(mark))) for mark in marks],
            )

    def first(self, count: int) -> list[UsageMark]:
        """Return up to `count` marks, earlier days first."""
        with self._lock:
            texts = self._database.execute(
                "SELECT mark FROM marks ORDER BY day, session_id LIMIT ?", (count,)
            ).fetchall()
        return [_read(text) for (text,) in texts]

    def drop(self, marks: Sequence[UsageMark]) -> None:
        """Forget delivered marks; one that was replaced meanwhile stays."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(
                "DELETE FROM marks WHERE session_id = ? AND day = ? AND mark = ?",
                [(mark.session_id, mark.day, json.dumps(asdict(mark))) for mark in marks],
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


def _read(text: str) -> UsageMark:
    values = json.loads(text)
    values["tracks"] = tuple(values["tracks"])
    return UsageMark(**values)
