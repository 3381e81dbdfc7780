"""Opens where things are kept: the data directory, Redis and the database."""

from __future__ import annotations

from pathlib import Path

from stream_server.errors import InternalError, StartupError, StoreUnavailable
from stream_server.settings import Settings
from stream_server.store.base import Store
from stream_server.store.embedded import RedisHandle, open_redis
from stream_server.store.journals import JournalStore
from stream_server.store.local_media import LocalMedia
from stream_server.store.media import MediaStore
from stream_server.store.memory_journals import MemoryJournals
from stream_server.store.redis import RedisStore
from stream_server.store.redis_journals import RedisJournals
from stream_server.store.s3_media import open_s3
from stream_server.store.sql import Database

DATABASE_NAME = "records.sqlite3"
"""Of the file in the data directory where no other database is named."""


def make_directory(path: Path) -> Path:
    """Make a directory that only its owner can read; raises `StartupError`."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(f"setting data_directory: {path} cannot be made: {error.strerror or error}") from None
    return path


async def find_redis(settings: Settings) -> RedisHandle:
    """Return the Redis of the settings, else one of our own that lives in the data directory; raises `StartupError`."""
    return await open_redis(settings.redis_url, make_directory(settings.data_directory) / "redis")


def find_journals(store: Store) -> JournalStore:
    """Return the journals of sessions, where the live store is."""
    return RedisJournals(store) if isinstance(store, RedisStore) else MemoryJournals()


async def open_database(settings: Settings) -> Database:
    """Return the database of records and voices, its tables brought to this version; raises `StartupError`."""
    try:
        return await Database.open(settings.database_url or make_directory(settings.data_directory) / DATABASE_NAME)
    except (StoreUnavailable, InternalError) as error:
        name = "database_url" if settings.database_url else "data_directory"
        raise StartupError(f"setting {name}: {error.message}") from None


def open_media(settings: Settings) -> MediaStore:
    """Return what keeps recordings: a bucket where one is named, else a directory; raises `StartupError`."""
    if settings.media_url:
        return open_s3(settings.media_url, settings.media_access_key, settings.media_secret_key)
    return LocalMedia(make_directory(settings.data_directory) / "media")
