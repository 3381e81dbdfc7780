"""`format`: text as people read it, line by line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.protocol.formatting import SWITCHES, read_formatting
from stream_server.protocol.start import read_language
from stream_server.text.formatter import join
from stream_server.text.formatting import SECRETS
from stream_server.text.rewording import reword_text


@click.command("format")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--language", help="Code such as en or id; without it only what holds in any language is done.")
@click.option(
    "--raw/--punctuated", default=None, help="Whether the text has no marks yet; without either, whether it looks so."
)
@click.option(
    "--without", multiple=True, type=click.Choice(SWITCHES), help="A stage that is left out, or what is not kept."
)
@click.option("--redact", multiple=True, type=click.Choice(SECRETS), help="What is masked.")
@click.option("--options", type=click.Path(path_type=Path, exists=True), help="JSON file with an object of options.")
def format_text(
    *,
    files: tuple[Path, ...],
    language: str | None,
    raw: bool | None,
    without: tuple[str, ...],
    redact: tuple[str, ...],
    options: Path | None,
) -> None:
    """Write the text of FILES (- or none: standard input) as people read it, to standard output.

    The options of --options are those of `formatting` on the wire: vocabulary, replace, redact_names and so on.
    """
    given = _read_options(options) | dict.fromkeys(without, False)
    formatting = read_formatting(Fields(given | ({"redact": list(redact)} if redact else {})))
    code = read_language(language, "--language")
    for path in files or (Path("-"),):
        lines = reword_text(_read(path), formatting, code, raw=raw)
        click.echo("\n".join(join(word.text for word in line) for line in lines), nl=False)


def _read(path: Path) -> str:
    try:
        return sys.stdin.buffer.read().decode() if path == Path("-") else path.read_text("utf-8")
    except OSError as error:
        raise InvalidConfiguration(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InvalidConfiguration(f"{path} is not UTF-8") from None


def _read_options(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        value = json.loads(_read(path))
    except (ValueError, RecursionError):
        raise InvalidConfiguration(f"{path} is not JSON") from None
    if not isinstance(value, dict):
        raise InvalidConfiguration(f"{path} must hold an object")
    return value
