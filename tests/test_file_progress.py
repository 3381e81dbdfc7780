"""Progress is a bar for eyes and lines for logs."""

from __future__ import annotations

import io

from stream_server.file_progress import FileProgress


class Terminal(io.StringIO):
    """Says of itself that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_lines_where_nobody_watches() -> None:
    """Each step is said once, and a tenth at a time, with nothing that moves a cursor."""
    output = io.StringIO()
    with FileProgress(2, output) as progress:
        progress.tell("a.mp3", "uploading")
        for percent in (0, 1, 9, 10, 11, 57):
            progress.tell("a.mp3", "in_progress", percent / 100)
        progress.tell("b.mp3", "queued")
        progress.tell("a.mp3", "written to a.txt", 1.0)
    assert output.getvalue().splitlines() == [
        "a.mp3: uploading",
        *(f"a.mp3: in_progress, {percent} %" for percent in (0, 10, 50)),
        "b.mp3: queued",
        "a.mp3: written to a.txt",
    ]


def test_one_bar_for_all_files() -> None:
    """On a terminal it fills as they all get on, never back, and is full at the end."""
    output = Terminal()
    with FileProgress(2, output) as progress:
        progress.tell("a.mp3", "in_progress", 0.5)
        progress.tell("a.mp3", "queued", 0.0)
        assert " 25%" in output.getvalue()
        progress.tell("a.mp3", "failed", 1.0)
        progress.tell("b.mp3", "done", 1.0)
    assert "2 recordings" in output.getvalue()
    assert "100%" in output.getvalue()
    assert output.getvalue().endswith("\n")
