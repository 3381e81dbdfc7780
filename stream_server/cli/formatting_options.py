"""How words are to be written, as flags of the commands that ask for it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.protocol.formatting import SWITCHES, read_formatting
from stream_server.text.formatting import SECRETS, Formatting

Command = TypeVar("Command", bound=Callable[..., Any])


def with_formatting(command: Command) -> Command:
    """Give a command `--without`, `--redact` and `--formatting`, which reach it as one `Formatting`."""

    @click.option(
        "--without", multiple=True, type=click.Choice(SWITCHES), help="A stage that is left out, or what is not kept."
    )
    @click.option("--redact", multiple=True, type=click.Choice(SECRETS), help="What is masked.")
    @click.option(
        "--formatting",
        "--options",
        "options",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="JSON file that says all about how words are written: see docs/formatting.md.",
    )
    @functools.wraps(command)
    def with_one(*, without: tuple[str, ...], redact: tuple[str, ...], options: Path | None, **rest: Any) -> Any:
        return command(formatting=_formatting(without, redact, options), **rest)

    return with_one  # type: ignore[return-value]  # the same but for these flags


def _formatting(without: tuple[str, ...], redact: tuple[str, ...], options: Path | None) -> Formatting:
    given = ({} if options is None else read_object(options)) | dict.fromkeys(without, False)
    return read_formatting(Fields(given | ({"redact": list(redact)} if redact else {})))


def read_object(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; raises `InvalidConfiguration`."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidConfiguration(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise InvalidConfiguration(f"{path} is not JSON") from None
    if not isinstance(value, dict):
        raise InvalidConfiguration(f"{path} must hold an object")
    return value
