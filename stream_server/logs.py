"""Write structured logs to standard error: one line each, for people or as JSON.

What is logged: one line at open, one at close, one for each refused input with its error's code and sentence. What is
never logged: spoken words, keys, tokens, values of fields.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, TextIO

import structlog

QUIET_LIBRARIES = (
    *("websockets", "aiohttp", "asyncio", "urllib3", "httpx", "huggingface_hub", "faster_whisper"),
    *("aiosqlite", "sqlalchemy", "psycopg"),
)
"""They are heard from warnings on; their informative lines repeat ours, and those of databases have what was said."""


class _StandardError(logging.StreamHandler):  # type: ignore[type-arg]  # it takes none while it runs
    """Writes to standard error as it is at that moment: who replaces it for a while may close theirs afterwards."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        """Where lines go now."""
        return sys.stderr


def configure_logs(log_format: Literal["console", "json"] = "console", level: str = "info") -> None:
    """Send everything, the standard library's loggers included, through one formatter."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: dict[str, list[Any]] = {
        "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(sort_keys=True)],
        # Its default shows local variables, keys and words among them, wherever `rich` happens to be installed.
        "console": [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ],
    }
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers[log_format]],
    )
    handler = _StandardError()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
