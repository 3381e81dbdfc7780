"""Laws for a Redis that takes connections and never answers: it costs patience once, and gets no rival."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from stream_server.errors import StartupError, StoreUnavailable
from stream_server.store.embedded import open_redis
from stream_server.store.redis import RedisStore


class Silence:
    """Listens on a Unix socket where Redis would, and says nothing."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.callers = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers += 1
        self._writers.append(writer)

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()


@pytest_asyncio.fixture
async def silence() -> AsyncIterator[Silence]:
    """Give a silent server whose socket has the embedded Redis' name in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="ss-silent-") as directory:
        silent = Silence(Path(directory) / "redis.sock")
        server = await asyncio.start_unix_server(silent.take, silent.socket)
        yield silent
        silent.hang_up()
        server.close()
        await server.wait_closed()


async def test_the_store_waits_once(silence: Silence, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one caller waited in vain the others are told at once, until it is time to ask again."""
    store = RedisStore(f"unix://{silence.socket}", timeout_seconds=0.05)
    for _ in range(5):
        with pytest.raises(StoreUnavailable) as refused:
            await store.ping()
        assert refused.value.retry_after_seconds == 5
        with pytest.raises(StoreUnavailable):
            await store.find_key("digest")
    assert silence.callers == 1
    monkeypatch.setattr(store, "_hangs_until", float("-inf"))
    with pytest.raises(StoreUnavailable):
        await store.ping()
    assert silence.callers == 2
    await store.close()


async def test_no_second_server_starts_beside_it(silence: Silence, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers would append to one file; so the start fails, in one sentence, and the socket stays."""
    monkeypatch.setattr("stream_server.store.embedded.PATIENCE_SECONDS", 0.0)
    with pytest.raises(StartupError, match="does not answer"):
        await open_redis(None, silence.socket.parent)
    assert silence.callers == 1
    assert silence.socket.exists()
    assert not (silence.socket.parent / "redis.pid").exists()
