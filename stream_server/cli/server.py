"""`serve` and `check`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from stream_server.cli.options import ENGINE_SETTINGS, STORE_SETTINGS, run, with_settings
from stream_server.settings import Settings, load_settings


@click.command()
@with_settings()
def serve(config: Path | None, **flags: str | None) -> None:
    """Run the server until SIGTERM or Ctrl-C; a second one ends it at once."""
    from stream_server.logs import configure_logs

    settings = load_settings(flags, config)
    configure_logs(settings.log_format, settings.log_level)
    run(_serve(settings))


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
        if app.certificate is not None:
            for address in addresses(app.url):
                click.echo(f"  {address}")
            click.echo(f"certificate, SHA-256: {app.certificate.fingerprint}")
        sys.stdout.flush()
        await app.wait()
    finally:
        await app.stop()


def addresses(url: str) -> list[str]:
    """Return where browsers find a server that listens on every address of this machine; none for any other."""
    from stream_server.net.own_names import LOOPBACK, own_names

    parts = urlsplit(url)
    if parts.hostname not in ("0.0.0.0", "::"):
        return []
    names = [name for name in own_names() if name not in LOOPBACK]
    if parts.hostname == "0.0.0.0":
        names = [name for name in names if ":" not in name]
    hosts = [f"[{name}]" if ":" in name else name for name in names]
    return [f"{parts.scheme}://{host}:{parts.port}" for host in hosts]


@click.command()
@with_settings(*ENGINE_SETTINGS, *STORE_SETTINGS)
def check(config: Path | None, **flags: str | None) -> None:
    """Say which engine, model and device would run and why, without starting."""
    from stream_server.asr.loading import find_engine
    from stream_server.open_workers import engine_wish
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
