"""`format`: text as people read it, line by line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stream_server.cli.formatting_options import with_formatting
from stream_server.errors import InvalidConfiguration
from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting
from stream_server.text.rewording import reword_text


@click.command("format")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--language", help="Code such as en or id; without it only what holds in any language is done.")
@click.option(
    "--raw/--punctuated", default=None, help="Whether the text has no marks yet; without either, whether it looks so."
)
@with_formatting
def format_text(
    *,
    files: tuple[Path, ...],
    language: str | None,
    raw: bool | None,
    formatting: Formatting,
) -> None:
    """Write the text of FILES (- or none: standard input) as people read it, to standard output.

    The file of --formatting holds what `formatting` does on the wire: vocabulary, replace, redact_names and so on.
    """
    from stream_server.protocol.start import read_language

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
