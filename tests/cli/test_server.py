"""`serve` says how it is reached, and by what certificate it is known."""

from __future__ import annotations

import re
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stream_server.cli import main
from stream_server.cli.server import addresses
from stream_server.net.own_names import LOOPBACK
from stream_server.net.self_signed import FILE_NAME


@pytest.fixture
def directory() -> Iterator[Path]:
    """Give a data directory whose path leaves room for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="ss-cli-") as path:
        yield Path(path)


@contextmanager
def serving(directory: Path, *flags: str) -> Iterator[subprocess.Popen[str]]:
    """Run the server in a process of its own and stop it in order."""
    command = [sys.executable, "-m", "stream_server", "serve", "--engine", "scripted", "--diarization", "false"]
    command += ["--port", "0", "--data-directory", str(directory), *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=100)


def test_a_certificate_is_told_by_its_fingerprint(directory: Path) -> None:
    """A flag that is true or false may stand alone; the address is https, the certificate the one that is served."""
    with serving(directory, "--tls-self-signed", "--tls-names", "box.example") as process:
        assert process.stdout is not None
        listening, told = process.stdout.readline(), process.stdout.readline()
        found = re.fullmatch(r"listening on https://127\.0\.0\.1:(\d+)\n", listening)
        assert found is not None
        served = ssl.get_server_certificate(("127.0.0.1", int(found[1])))
    assert re.fullmatch(r"certificate, SHA-256: ([0-9A-F]{2}:){31}[0-9A-F]{2}\n", told)
    assert served.strip() in (directory / FILE_NAME).read_text()


def test_a_server_that_others_reach_without_tls_says_what_it_lacks(directory: Path) -> None:
    """Whoever starts it learns of it before a browser does."""
    assert main(["keys", "create", "--data-directory", str(directory)]) == 0
    with serving(directory, "--host", "0.0.0.0", "--log-format", "json") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening on http://0.0.0.0:")
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=100)
    assert "browsers give no microphone" in logged
    assert "--tls-self-signed" in logged


def test_where_browsers_find_a_server() -> None:
    """By the machine's names where it listens on all its addresses; else the address itself has been told."""
    assert addresses("https://127.0.0.1:8765") == []
    for url in ("https://0.0.0.0:8765", "https://[::]:8765"):
        found = addresses(url)
        assert all(re.fullmatch(r"https://([a-z0-9.-]+|\[[0-9a-f:]+\]):8765", each) for each in found), found
        assert not [each for each in found for name in LOOPBACK if f"/{name}:" in each]
    assert not [each for each in addresses("https://0.0.0.0:8765") if "[" in each]
