"""`models list`, `models get`, `models verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stream_server.cli.options import with_settings
from stream_server.errors import InvalidConfiguration
from stream_server.settings import load_settings


@click.group()
def models() -> None:
    """List, fetch and verify models."""


@models.command("list")
@with_settings("data_directory")
def models_list(config: Path | None, **flags: str | None) -> None:
    """List the released models and where they are on this machine."""
    from stream_server.asr.models import list_models

    for row in list_models(load_settings(flags, config).data_directory):
        state = f"{row.where}{', verified' if row.verified else ''}" if row.where else "-"
        click.echo(f"{row.name:22}{row.size / 1e6:8.0f} MB  {row.languages:13} {state}  {row.note}".rstrip())


@models.command("get")
@click.argument("name")
@with_settings("data_directory")
def models_get(name: str, config: Path | None, **flags: str | None) -> None:
    """Fetch a model from wherever it is nearest, and check its digests."""
    from stream_server.asr.models import get

    found = get(name, load_settings(flags, config).data_directory, _show_progress)
    click.echo(f"{found.name} is in {found.path} (from the {found.source}, verified)")


@models.command("verify")
@click.argument("name")
@with_settings("data_directory")
def models_verify(name: str, config: Path | None, **flags: str | None) -> None:
    """Hash every file of a model."""
    from stream_server.asr.models import verify

    checks = verify(name, load_settings(flags, config).data_directory)
    for file in checks:
        click.echo(f"{file.state:8}{file.name}")
    if any(file.state not in ("ok", "unknown") for file in checks):
        raise InvalidConfiguration(f"the files of {name} are not those that were released")


def _show_progress(name: str, here: int, total: int) -> None:
    """Rewrite one line of a terminal."""
    share = f"{here / total:4.0%}" if total else f"{here / 1e6:.0f} MB"
    if sys.stderr.isatty():
        click.echo(f"\r{name} {share}", nl=here >= total > 0, err=True)
