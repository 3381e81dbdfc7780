"""The command line. Errors are one sentence and a non-zero exit; models are imported only by commands that use them."""

from __future__ import annotations

from collections.abc import Sequence

import click

from stream_server import __version__
from stream_server.cli.client import demo, transcribe
from stream_server.cli.evaluate import evaluate
from stream_server.cli.formatting import format_text
from stream_server.cli.keys import keys
from stream_server.cli.models import calibrate, models
from stream_server.cli.recordings import transcribe_file
from stream_server.cli.server import check, serve
from stream_server.cli.speakers import speakers
from stream_server.cli.usage import usage
from stream_server.cli.vocabulary import vocabulary
from stream_server.errors import StreamServerError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="stream-server")
def cli() -> None:
    """Transcribe meetings live, on your own machine."""


for command in (
    serve,
    check,
    keys,
    usage,
    speakers,
    vocabulary,
    models,
    calibrate,
    transcribe,
    transcribe_file,
    evaluate,
    format_text,
    demo,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    try:
        return int(cli.main(arguments, prog_name="stream-server", standalone_mode=False) or 0)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except StreamServerError as error:
        click.echo(f"Error: {error.message}", err=True)
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # noqa: BLE001  # the boundary between the program and a person
        click.echo(f"Error: something unforeseen happened ({type(error).__name__}: {error})", err=True)
    return 1
