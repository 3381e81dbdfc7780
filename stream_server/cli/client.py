"""`transcribe` and `demo`: the server's other side."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from stream_server.cli.formatting_options import with_formatting
from stream_server.cli.options import exit_with
from stream_server.text.formatting import Formatting


@click.command()
@click.argument("source", metavar="FILE|-|mic")
@click.option("--url", default="http://127.0.0.1:8765", show_default=True, help="The server.")
@click.option("--key", envvar="STREAM_SERVER_KEY", help="API key; better in the environment: STREAM_SERVER_KEY.")
@click.option("--language", help="ISO 639-1 code; detected if absent.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(min=0.01), help="1 is real time.")
@click.option("--json", "as_json", is_flag=True, help="Print events instead of captions.")
@with_formatting
def transcribe(
    *,
    source: str,
    url: str,
    key: str | None,
    language: str | None,
    speed: float,
    as_json: bool,
    formatting: Formatting,
) -> None:
    """Stream audio to a server and show captions as they form."""
    from stream_server.client import run_transcribe
    from stream_server.session.options import SessionOptions
    from stream_server.sources import SourceError, open_source

    try:
        opened = open_source(source)
    except SourceError as error:
        raise click.ClickException(str(error)) from None
    options = SessionOptions(language=language, formatting=formatting)
    exit_with(asyncio.run(run_transcribe(opened, url, key, options, speed, as_json=as_json)))


@click.command()
@click.option("--speed", default=1.0, show_default=True, help="How fast the meeting is spoken.")
@click.option("--record", type=click.Path(path_type=Path), help="Write the finals and the usage to this file as JSON.")
@click.option("--model", help="Instead of the one this machine would choose.")
@click.option("--engine", type=click.Choice(["whisper", "scripted"]), help="Instead of whisper.")
def demo(speed: float, record: Path | None, model: str | None, engine: str | None) -> None:
    """Watch a meeting being transcribed while it is spoken."""
    from stream_server.demo import run_demo

    flags = {"--model": model, "--engine": engine}
    options = tuple(part for name, value in flags.items() if value for part in (name, value))
    exit_with(asyncio.run(run_demo(speed=speed, record_file=record, serve_options=options)))
