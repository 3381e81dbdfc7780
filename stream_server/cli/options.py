"""What several commands share: settings as flags, the event loop, the installation's Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from stream_server.settings import Settings, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])

STORE_SETTINGS = ("data_directory", "redis_url")
ENGINE_SETTINGS = ("engine", "model", "device", "compute_type", "cpu_threads", "final_beam_size", "max_batch")


def with_settings(*names: str) -> Callable[[Command], Command]:
    """Give a command one option per setting (all of them if none is named) and `--config`.

    What is true or false is true where its option stands alone.
    """

    def decorate(command: Command) -> Command:
        for name in reversed(names or tuple(Settings.model_fields)):
            field = Settings.model_fields[name]
            shown = "" if field.default is None or name == "data_directory" else f" [{_shown(field.default)}]"
            alone: dict[str, Any] = {"is_flag": False, "flag_value": "true"} if field.annotation is bool else {}
            option = click.option(
                f"--{name.replace('_', '-')}", name, metavar="…", help=f"{field.description}.{shown}", **alone
            )
            command = option(command)
        config = click.option("--config", type=click.Path(path_type=Path), help="TOML file with settings.")
        return config(command)

    return decorate


def _shown(default: object) -> str:
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)


def with_store(
    ask: Callable[[Any], Any], config: Path | None, data_directory: str | None, redis_url: str | None
) -> Any:
    """Ask the installation's Redis, which a running server may hold already."""

    async def answer() -> Any:
        from stream_server.open_stores import make_directory
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

    return run(answer())


def run(main_coroutine: Any) -> Any:
    """Run on uvloop where it is installed."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop

        factory = new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main_coroutine)


def exit_with(status: int) -> None:
    """Leave with this status; go on if it is 0."""
    if status:
        raise click.exceptions.Exit(status)
