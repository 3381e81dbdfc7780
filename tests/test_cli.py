"""The command line: what it prints, how it fails, what it does not import."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_server.cli import main
from stream_server.settings import Settings

HEAVY = ("numpy", "ctranslate2", "faster_whisper", "onnxruntime", "av", "aiohttp", "websockets", "redis")


@pytest.fixture
def directory() -> Iterator[Path]:
    """Give a data directory whose path leaves room for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="ss-cli-") as path:
        yield Path(path)


def test_importing_the_command_line_is_light() -> None:
    """`--help` loads no model library, no numpy and no network library."""
    code = "import sys, stream_server.cli, stream_server.settings; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(loaded)


def test_serve_offers_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """Each setting is a flag with its reason."""
    assert main(["serve", "--help"]) == 0
    text = capsys.readouterr().out
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')} " in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--port", "99999"], "setting port (--port, STREAM_SERVER_PORT)"),
        (["serve", "--config", "missing.toml"], "missing.toml cannot be read"),
        (["serve", "--engine", "scripted", "--tls-key", "x", "--tls-certificate", "x"], "tls_certificate"),
        (["check", "--model", "no-such-model"], "no-such-model"),
        (["models", "get", "no-such-model"], "no-such-model"),
        (["models", "verify", "no-such-model"], "no-such-model"),
        (["keys", "create", "--scope", "fly"], "scopes must be some of"),
        (["keys", "revoke", "key_none"], "key_none"),
        (["usage", "--by", "mood"], "group_by"),
        (["transcribe", "missing.wav"], "missing.wav"),
        (["serve", "--no-such-flag"], "no-such-flag"),
    ],
)
def test_errors_are_one_sentence(
    arguments: list[str],
    sentence: str,
    directory: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On standard error, without a traceback, with an exit status."""
    monkeypatch.setenv("STREAM_SERVER_DATA_DIRECTORY", str(directory))
    assert main(arguments) != 0
    written = capsys.readouterr()
    assert sentence in written.err
    assert "Traceback" not in written.err
    assert written.out == ""


def test_keys_and_usage(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key is made, listed without its secret, and revoked; usage is told in three forms."""
    where = ["--data-directory", str(directory)]
    options = ["--organisation", "acme", "--user", "u1", "--scope", "usage", "--quota-seconds", "60"]
    assert main(["keys", "create", *options, *where]) == 0
    made = capsys.readouterr()
    token = made.out.strip()
    key_id = made.err.split()[1]
    assert token.startswith("ss_")
    assert main(["keys", "create", "--expires", "2020-01-01", *where]) == 0
    capsys.readouterr()
    assert main(["keys", "list", *where]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == [key_id, "acme", "u1", "usage", "60", "s", "per", "month", "valid"]
    assert second.endswith("expired")
    assert token not in first
    assert main(["keys", "revoke", key_id, *where]) == 0
    assert main(["keys", "list", "--organisation", "acme", *where]) == 0
    assert "revoked" in capsys.readouterr().out.splitlines()[1]
    assert main(["usage", *where]) == 0
    assert capsys.readouterr().out.startswith("organisation  user  kind  day  sessions")
    assert main(["usage", "--format", "json", "--from", "2026-01-01", *where]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["billable"] == "0:00:00"
    assert main(["usage", "--format", "csv", "--by", "day", *where]) == 0
    assert capsys.readouterr().out.startswith("day,sessions")


def test_check_and_models(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` says what would run; `models list` names every released model."""
    assert main(["check", "--engine", "scripted", "--data-directory", str(directory)]) == 0
    assert "scripted" in capsys.readouterr().out
    assert main(["models", "list", "--data-directory", str(directory)]) == 0
    assert {"tiny.en", "base", "large-v3-turbo"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_until_a_signal(directory: Path, number: int) -> None:
    """It prints exactly one line once it can take a session, ends in order, and takes its Redis along."""
    command = [sys.executable, "-m", "stream_server", "serve", "--engine", "scripted", "--port", "0"]
    environment = os.environ | {"STREAM_SERVER_DATA_DIRECTORY": str(directory), "STREAM_SERVER_LOG_FORMAT": "json"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:")
    process.send_signal(number)
    out, err = process.communicate(timeout=100)
    assert (process.returncode, out) == (0, "")
    assert "no API keys exist" in json.loads(err.splitlines()[0])["event"]
    assert not list(directory.rglob("redis.pid"))
