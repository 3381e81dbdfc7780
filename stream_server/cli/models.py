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


@click.command()
@click.argument("name", metavar="MODEL")
@click.argument("clips", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--most", type=click.IntRange(1), default=60, show_default=True, help="Clips to use, at most.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where the profile goes.")
@with_settings("data_directory")
def calibrate(name: str, clips: Path, most: int, output: Path | None, config: Path | None, **flags: str | None) -> None:
    """Measure how much silence MODEL needs behind a window, and keep the answer as its profile.

    CLIPS is a JSON list of {"file", "reference", "language"}, with the files beside it: sentences of 3 to 20 seconds as
    your users say them. Takes some minutes; nothing else should run meanwhile.
    """
    from stream_server.asr.calibrate import Listener, Trial, read_clips
    from stream_server.asr.calibrate import calibrate as measure
    from stream_server.asr.models import resolve
    from stream_server.asr.whisper import WhisperEngine
    from stream_server.asr.windows import own_profile, write_profile

    directory = load_settings(flags, config).data_directory
    model = resolve(name, directory, allow_download=True, progress=_show_progress)
    engine = WhisperEngine(model.path, name=model.name, cpu_threads=1)
    engine.warm_up()

    def show(kind: str, trial: Trial) -> None:
        window = trial.window
        click.echo(
            f"{kind:8}silence {window.silence_seconds:g} s, tail {window.tail_seconds:2g} s, n-grams "
            f"{window.no_repeat_ngram}: {trial.errors:4} word errors, {trial.second_looks:2} second looks, "
            f"{trial.seconds:6.1f} CPU s"
        )

    chosen = read_clips(clips)
    profile, evidence = measure(Listener(engine), chosen[:: -(-len(chosen) // most) or 1], on_trial=show)
    path = output or own_profile(directory, model.name)
    write_profile(path, profile, evidence)
    click.echo(f"{profile.partial} for partials and {profile.final} for finals: written to {path}")


def _show_progress(name: str, here: int, total: int) -> None:
    """Rewrite one line of a terminal."""
    share = f"{here / total:4.0%}" if total else f"{here / 1e6:.0f} MB"
    if sys.stderr.isatty():
        click.echo(f"\r{name} {share}", nl=here >= total > 0, err=True)
