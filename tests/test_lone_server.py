"""A server for the time being hears as the installation does and is no part of it."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from stream_server.lone_server import HEARING, lone_server, serve_options
from stream_server.settings import Settings, load_settings
from tests.test_demo import running_in


def test_it_is_told_what_is_unusual() -> None:
    """Flags are given for settings of hearing that somebody chose, and for no others."""
    chosen = load_settings({"engine": "scripted", "diarization": "false", "port": "1", "redis_url": "redis://host"})
    assert serve_options(chosen) == ["--engine", "scripted", "--diarization", "False"]
    assert set(HEARING) <= set(Settings.model_fields)


async def test_it_leaves_the_installation_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its Redis nor its database is used; its models are, and stay when the server goes."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("STREAM_SERVER_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("STREAM_SERVER_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    installation = tmp_path / "installation"
    (installation / "models" / "mine").mkdir(parents=True)
    settings = load_settings({"engine": "scripted", "data_directory": installation, "diarization": "false"})
    async with lone_server(settings) as url, aiohttp.ClientSession() as client:
        async with client.get(f"{url}/health/ready") as answer:
            assert answer.status == 200
        (directory,) = list(tmp_path.glob("stream-server-files-*"))  # noqa: ASYNC240  # a look at a directory of ours
        assert (directory / "models" / "mine").is_dir()
    assert not directory.exists()
    assert (installation / "models" / "mine").is_dir()
    assert running_in(directory) == []
