"""How far recordings are, told to a person: one bar on a terminal, elsewhere a line for each step."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self, TextIO

import click

STEPS = 100
"""Of a recording in the bar."""

LINE_PERCENT = 10
"""A log gets one line for so much of a recording."""


class FileProgress:
    """Told where each of so many files is, by its name; writes to `output` inside of a `with` block."""

    def __init__(self, files: int, output: TextIO) -> None:
        self._output = output
        self._done: dict[str, int] = {}
        self._said: dict[str, str] = {}
        self._stack = ExitStack()
        self._bar = None
        if output.isatty():
            label = "1 recording" if files == 1 else f"{files} recordings"
            bar = click.progressbar(length=files * STEPS, label=label, file=output, item_show_func=lambda item: item)
            self._bar = bar

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._bar is not None:
            self._stack.enter_context(self._bar)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal tidy."""
        self._stack.close()

    def tell(self, name: str, status: str, share: float = 0.0) -> None:
        """Say what becomes of a file and which share of it is done; a share that has ended is 1."""
        percent = int(share * 100)
        if self._bar is not None:
            steps = max(0, int(share * STEPS) - self._done.get(name, 0))
            self._done[name] = self._done.get(name, 0) + steps
            self._bar.update(steps, f"{name}: {status}")
            return
        line = f"{name}: {status}"
        if status == "in_progress":
            line += f", {percent - percent % LINE_PERCENT} %"
        if self._said.get(name) != line:
            self._said[name] = line
            self._output.write(f"{line}\n")
            self._output.flush()
