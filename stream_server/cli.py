"""The command line. Errors are one sentence and a non-zero exit; models are imported only by commands that use them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from stream_server import __version__
from stream_server.errors import InvalidConfiguration, StreamServerError
from stream_server.settings import Settings, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])

STORE_SETTINGS = ("data_directory", "redis_url")
ENGINE_SETTINGS = ("engine", "model", "device", "compute_type", "cpu_threads", "final_beam_size", "max_batch")


def with_settings(*names: str) -> Callable[[Command], Command]:
    """Give a command one option per setting (all of them if none is named) and `--config`."""

    def decorate(command: Command) -> Command:
        for name in reversed(names or tuple(Settings.model_fields)):
            field = Settings.model_fields[name]
            shown = "" if field.default is None or name == "data_directory" else f" [{_shown(field.default)}]"
            option = click.option(f"--{name.replace('_', '-')}", name, metavar="…", help=f"{field.description}.{shown}")
            command = option(command)
        config = click.option("--config", type=click.Path(path_type=Path), help="TOML file with settings.")
        return config(command)

    return decorate


def _shown(default: object) -> str:
    return ",".join(default) if isinstance(default, tuple) else str(default)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="stream-server")
def cli() -> None:
    """Transcribe meetings live, on your own machine."""


@cli.command()
@with_settings()
def serve(config: Path | None, **flags: str | None) -> None:
    """Run the server until SIGTERM or Ctrl-C; a second one ends it at once."""
    from stream_server.logs import configure_logs

    settings = load_settings(flags, config)
    configure_logs(settings.log_format, settings.log_level)
    _run(_serve(settings))


async def _serve(settings: Settings) -> None:
    """Start, say where, wait, stop."""
    from stream_server.app import App

    app = App(settings)
    starting = asyncio.ensure_future(app.start())

    def on_signal() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, os._exit, 128 + number)
        starting.cancel()
        app.ask_to_stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    try:
        await starting
    except asyncio.CancelledError:
        return
    try:
        click.echo(f"listening on {app.url}")
        sys.stdout.flush()
        await app.wait()
    finally:
        await app.stop()


@cli.command()
@with_settings(*ENGINE_SETTINGS, *STORE_SETTINGS)
def check(config: Path | None, **flags: str | None) -> None:
    """Say which engine, model and device would run and why, without starting."""
    from stream_server.app import engine_wish
    from stream_server.asr.loading import find_engine
    from stream_server.store.embedded import find_redis_server

    settings = load_settings(flags, config)
    found = find_engine(engine_wish(settings), allow_download=False)
    redis = "the one given" if settings.redis_url else f"embedded ({find_redis_server()})"
    rows = {
        "engine": found.engine,
        "model": f"{found.model}{'' if found.verified else ' (unverified)'}",
        "device": f"{found.device}, {found.compute_type}",
        "why": found.reason,
        "better": found.advice,
        "redis": redis,
        "data": str(settings.data_directory),
    }
    for name, value in rows.items():
        if value:
            click.echo(f"{name:8}{value}")


@cli.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("create")
@click.option("--organisation", default="default", show_default=True, help="Owner of the key; made if it is new.")
@click.option("--organisation-name", help="Its name, if it is new.")
@click.option("--label", default="", help="A note for people.")
@click.option("--user", help="An opaque user id that usage is told apart by.")
@click.option("--scope", "scopes", multiple=True, default=("transcribe",), show_default=True, help="May be repeated.")
@click.option("--quota-seconds", type=float, help="Audio the key may use per period.")
@click.option("--quota-period", type=click.Choice(["month", "life"]), default="month", show_default=True)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC) on which it is refused.")
@click.option("--sessions-per-minute", type=int, help="Sessions it may begin in a minute.")
@click.option("--max-sessions", "key_max_sessions", type=int, help="Sessions it may hold at once.")
@with_settings(*STORE_SETTINGS)
def keys_create(
    *,
    organisation: str,
    organisation_name: str | None,
    expires: datetime | None,
    key_max_sessions: int | None,
    config: Path | None,
    data_directory: str | None,
    redis_url: str | None,
    **fields: Any,
) -> None:
    """Make a key and print it; it is shown this once."""
    from stream_server.store.base import ApiKey, Organisation, Store
    from stream_server.store.keys import issue_key

    async def create(store: Store) -> str:
        now = time.time()
        if await store.find_organisation(organisation) is None:
            name = organisation_name or organisation
            await store.create_organisation(Organisation(id=organisation, name=name, created_at=now))
        end = expires.replace(tzinfo=UTC).timestamp() if expires else None
        template = ApiKey(
            id="", organisation=organisation, created_at=now, expires_at=end, max_sessions=key_max_sessions, **fields
        )
        token, key = await issue_key(store, template)
        click.echo(f"created {key.id} for {organisation}; keep the key, it is not shown again:", err=True)
        return token

    click.echo(_with_store(create, config, data_directory, redis_url))


@keys.command("list")
@click.option("--organisation", help="Only this one's.")
@with_settings(*STORE_SETTINGS)
def keys_list(organisation: str | None, config: Path | None, data_directory: str | None, redis_url: str | None) -> None:
    """List keys, without their secrets."""
    from stream_server.store.base import ApiKey

    def line(key: ApiKey) -> str:
        quota = "no quota" if key.quota_seconds is None else f"{key.quota_seconds:g} s per {key.quota_period}"
        over = key.expires_at is not None and key.expires_at <= time.time()
        state = "revoked" if key.revoked_at else "expired" if over else "valid"
        return "  ".join([key.id, key.organisation, key.user or "-", ",".join(key.scopes), quota, state, key.label])

    for key in _with_store(lambda store: store.list_keys(organisation), config, data_directory, redis_url):
        click.echo(line(key).rstrip())


@keys.command("revoke")
@click.argument("key_id")
@with_settings(*STORE_SETTINGS)
def keys_revoke(key_id: str, config: Path | None, data_directory: str | None, redis_url: str | None) -> None:
    """Revoke a key for good; servers follow within seconds."""
    key = _with_store(lambda store: store.revoke_key(key_id, None, time.time()), config, data_directory, redis_url)
    click.echo(f"revoked {key.id}")


@cli.command()
@click.option("--organisation", help="Only this one's; all of them otherwise.")
@click.option("--user", help="Only this user's.")
@click.option("--kind", type=click.Choice(["live", "recording"]), help="Only this kind.")
@click.option("--from", "from_date", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC).")
@click.option("--to", "to_date", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC).")
@click.option("--by", default="organisation,user,kind,day", show_default=True, help="What to group by.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@with_settings(*STORE_SETTINGS)
def usage(
    *,
    organisation: str | None,
    user: str | None,
    kind: Any,
    from_date: datetime | None,
    to_date: datetime | None,
    by: str,
    form: str,
    config: Path | None,
    data_directory: str | None,
    redis_url: str | None,
) -> None:
    """Tell who used how much."""
    from stream_server.store.base import UsageFilter
    from stream_server.store.report import usage_csv, usage_json

    first, last = (day.date().isoformat() if day else None for day in (from_date, to_date))
    wanted = UsageFilter(organisation=organisation, user=user, kind=kind, first_day=first, last_day=last)
    rows = _with_store(lambda store: store.query_usage(wanted), config, data_directory, redis_url)
    group_by = tuple(part.strip() for part in by.split(",") if part.strip())
    if form == "json":
        click.echo(json.dumps(usage_json(rows, group_by), indent=2))
        return
    text = usage_csv(rows, group_by)
    click.echo(text if form == "csv" else _table(text), nl=False)


def _table(text: str) -> str:
    """Align the columns of CSV for people."""
    import csv

    rows = [[cell or "-" for cell in row] for row in csv.reader(text.splitlines())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)


@cli.group()
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


@cli.command()
@click.argument("source", metavar="FILE|-|mic")
@click.option("--url", default="http://127.0.0.1:8765", show_default=True, help="The server.")
@click.option("--key", envvar="STREAM_SERVER_KEY", help="API key; better in the environment: STREAM_SERVER_KEY.")
@click.option("--language", help="ISO 639-1 code; detected if absent.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(min=0.01), help="1 is real time.")
@click.option("--json", "as_json", is_flag=True, help="Print events instead of captions.")
def transcribe(*, source: str, url: str, key: str | None, language: str | None, speed: float, as_json: bool) -> None:
    """Stream audio to a server and show captions as they form."""
    from stream_server.client import run_transcribe
    from stream_server.session.options import SessionOptions
    from stream_server.sources import SourceError, open_source

    try:
        opened = open_source(source)
    except SourceError as error:
        raise click.ClickException(str(error)) from None
    _exit(asyncio.run(run_transcribe(opened, url, key, SessionOptions(language=language), speed, as_json=as_json)))


@cli.command()
@click.option("--speed", default=1.0, show_default=True, help="How fast the meeting is spoken.")
@click.option("--record", type=click.Path(path_type=Path), help="Write the finals and the usage to this file as JSON.")
@click.option("--model", help="Instead of the one this machine would choose.")
@click.option("--engine", type=click.Choice(["whisper", "scripted"]), help="Instead of whisper.")
def demo(speed: float, record: Path | None, model: str | None, engine: str | None) -> None:
    """Watch a meeting being transcribed while it is spoken."""
    from stream_server.demo import run_demo

    flags = {"--model": model, "--engine": engine}
    options = tuple(part for name, value in flags.items() if value for part in (name, value))
    _exit(asyncio.run(run_demo(speed=speed, record_file=record, serve_options=options)))


def _with_store(
    ask: Callable[[Any], Any], config: Path | None, data_directory: str | None, redis_url: str | None
) -> Any:
    """Ask the installation's Redis, which a running server may hold already."""

    async def run() -> Any:
        from stream_server.app import make_directory
        from stream_server.store.embedded import open_redis
        from stream_server.store.redis import RedisStore

        settings = load_settings({"data_directory": data_directory, "redis_url": redis_url}, config)
        make_directory(settings.data_directory)
        handle = await open_redis(settings.redis_url, settings.data_directory / "redis")
        store = RedisStore(handle.url)
        try:
            return await ask(store)
        finally:
            await store.close()
            await handle.close()

    return _run(run())


def _run(main_coroutine: Any) -> Any:
    """Run on uvloop where it is installed."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop

        factory = new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main_coroutine)


def _exit(status: int) -> None:
    if status:
        raise click.exceptions.Exit(status)


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
