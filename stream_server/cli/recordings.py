"""`transcribe-file`: finished recordings, as jobs of a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from stream_server.cli.formatting_options import with_formatting
from stream_server.cli.options import exit_with, run, with_settings
from stream_server.protocol.formatting import write_formatting
from stream_server.settings import load_settings
from stream_server.text.formatting import Formatting


@click.command("transcribe-file")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--url", default="http://127.0.0.1:8765", show_default=True, help="The server.")
@click.option("--key", envvar="STREAM_SERVER_KEY", help="API key; better in the environment: STREAM_SERVER_KEY.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["txt", "srt", "vtt", "md", "json"]),
    default="txt",
    show_default=True,
    help="Text, subtitles, Markdown or everything that is known.",
)
@click.option("--output", metavar="DIR|-", help="Where transcripts go; beside their recordings if absent.")
@click.option("--language", help="ISO 639-1 code; detected if absent.")
@click.option("--meeting-id", help="The meeting that they are of.")
@click.option("--label", help="What to call them; their files' names if absent.")
@click.option("--hotwords", help="Words to listen for, with commas between them.")
@click.option("--speaker-count", type=click.IntRange(1), help="How many people speak.")
@click.option("--channels", type=click.Choice(["mixed", "separate"]), help="Whether each channel is a person's.")
@with_formatting
@with_settings("engine", "model", "device")
def transcribe_file(
    *,
    files: tuple[Path, ...],
    url: str,
    key: str | None,
    form: Any,
    output: str | None,
    engine: str | None,
    model: str | None,
    device: str | None,
    config: Path | None,
    formatting: Formatting,
    **fields: object,
) -> None:
    """Transcribe finished recordings and write down what is said in them.

    If no server answers at --url on this machine, one is started for the time being: --engine, --model, --device and
    --config are its own.
    """
    from stream_server.transcribe_files import Order, run_transcribe_files

    given = {name: str(value) for name, value in fields.items() if value is not None}
    if formatting != Formatting():
        given["formatting"] = json.dumps(write_formatting(formatting))
    order = Order(files=tuple(dict.fromkeys(files)), form=form, output=output, fields=given)
    settings = load_settings({"engine": engine, "model": model, "device": device}, config)
    exit_with(run(run_transcribe_files(order, url, key, settings)))
