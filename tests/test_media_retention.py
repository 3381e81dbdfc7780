"""Recordings go when they have been kept for long enough."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from stream_server.errors import NotFound
from stream_server.media_retention import DAY_SECONDS, MediaRetention
from stream_server.store.local_media import LocalMedia

NOW = 1_700_000_000.0


@pytest.fixture
async def store(tmp_path: Path) -> LocalMedia:
    """Give recordings of a week and of a day."""
    store = LocalMedia(tmp_path / "media")
    for name, days in (("week", 7), ("day", 1)):
        path = tmp_path / name
        path.touch()
        os.utime(path, (0, NOW - days * DAY_SECONDS))
        await store.put(f"acme/-/{name}.wav", path)
    return store


async def test_the_old_go_and_the_new_stay(store: LocalMedia) -> None:
    """Days count from when a recording was put."""
    retention = MediaRetention(store, days=3, clock=lambda: NOW)
    assert await retention.purge() == 1
    assert await retention.purge() == 0
    await store.find("acme/-/day.wav")
    with pytest.raises(NotFound):
        await store.find("acme/-/week.wav")


@pytest.mark.parametrize(("days", "left"), [(0, 2), (3, 1)])
async def test_it_purges_while_it_runs_unless_it_is_off(
    days: int, left: int, store: LocalMedia, tmp_path: Path
) -> None:
    """The first round comes at the start; with no days nothing is ever deleted."""
    retention = MediaRetention(store, days=days, clock=lambda: NOW)
    retention.start()
    while len(list((tmp_path / "media").rglob("*.wav"))) != left:  # noqa: ASYNC110  # a folder tells no events
        await asyncio.sleep(0)
    await retention.stop()
    assert len(list((tmp_path / "media").rglob("*.wav"))) == left
