"""Say in one sentence what is missing when the libraries of the scores are not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stream_server.errors import NotInstalled


@contextmanager
def scoring_library() -> Iterator[None]:
    """Import libraries inside; raises `NotInstalled` for one that is not there."""
    try:
        yield
    except ImportError as error:
        name = (error.name or "a library").partition(".")[0]
        raise NotInstalled(f"evaluation needs {name}: pip install 'stream-server[evaluate]'") from error
