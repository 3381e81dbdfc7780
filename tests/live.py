"""A whole server in the test's own event loop, on a free loopback port: the fixture `live_server`.

    async with live_server(keys=True, max_sessions=1) as server:
        key = await server.create_key(quota_seconds=5)
        async with connect(server.ws_url + "/v1/stream", additional_headers={"x-api-key": key}) as socket: ...

The engine is the scripted one unless another is named, the store is in memory unless `redis_url` is given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from stream_server.app import App

from stream_server.asr.engine import Engine
from stream_server.settings import load_settings
from stream_server.store.base import ApiKey, Organisation, Store
from stream_server.store.keys import issue_key
from stream_server.store.memory import MemoryStore


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running server."""

    app: App

    @property
    def url(self) -> str:
        """Where HTTP is answered."""
        return self.app.url

    @property
    def ws_url(self) -> str:
        """Where websockets are."""
        return self.app.url.replace("http", "ws", 1)

    async def create_key(self, organisation: str = "default", **fields: Any) -> str:
        """Make a key; `fields` are those of `ApiKey`."""
        return await make_key(self.app.store, organisation, **fields)


async def make_key(store: Store, organisation: str = "default", **fields: Any) -> str:
    """Make a key of an organisation, which is made if it is new."""
    if await store.find_organisation(organisation) is None:
        await store.create_organisation(Organisation(id=organisation, name=organisation))
    token, _ = await issue_key(store, ApiKey(id="", organisation=organisation, **fields))
    return token


UNHURRIED = dict.fromkeys(("load_slow_partials_ms", "load_finals_only_ms", "load_full_ms"), 600_000)
"""However busy the machine is, nobody is refused and all partials come, unless a test is about that."""

LiveServerFactory = Callable[..., AbstractAsyncContextManager[LiveServer]]


@pytest.fixture
def live_server(tmp_path: Path) -> LiveServerFactory:
    """Give a factory of servers; `keys` makes one key beforehand, so that access is not open."""
    from stream_server.app import App

    @asynccontextmanager
    async def serve(
        *,
        engine: str = "scripted",
        keys: bool = False,
        store: Store | None = None,
        engine_object: Engine | None = None,
        **settings: Any,
    ) -> AsyncIterator[LiveServer]:
        chosen = store if store is not None or "redis_url" in settings else MemoryStore()
        values = {"port": 0, "data_directory": tmp_path, "engine": engine, "shutdown_grace_seconds": 5.0}
        values |= {} if UNHURRIED.keys() & settings else UNHURRIED
        values |= {"diarization": False} | settings  # its networks would be loaded for every test
        if keys and chosen is not None:
            await make_key(chosen)
        async with App(load_settings(values), store=chosen, engine=engine_object) as app:
            yield LiveServer(app)

    return serve
