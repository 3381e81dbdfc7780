"""The package's metadata and the locks: installable with pip, complete, hashed, without torch."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from stream_server import __version__

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
PULL_TORCH = {"torch", "torchaudio", "silero-vad", "resemblyzer", "whisperx", "openai-whisper", "pyannote-audio"}


def distribution(requirement: str) -> str:
    """Return the normalized name in a requirement (PEP 503)."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def locked(name: str) -> dict[str, str]:
    """Return each distribution in a lock with its entry: version, marker and hashes."""
    entries = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return {distribution(entry): entry for entry in entries if entry.strip() and not entry.startswith("#")}


def test_metadata_names_nothing_that_pulls_torch() -> None:
    """A plain `pip install stream-server` stays small; extras too."""
    project = PROJECT["project"]
    named = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    assert not PULL_TORCH & {distribution(each) for each in named}


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_pin_and_hash_every_line(lock: str) -> None:
    """Installing with --require-hashes needs both for every distribution."""
    for name, entry in locked(lock).items():
        assert re.match(r"[a-z0-9.-]+==[^\s;]+", entry), name
        assert "--hash=sha256:" in entry, name


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_index_and_no_torch(lock: str) -> None:
    """A lock works with whatever registry pip is set up for, and carries no deep-learning framework."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)
    assert not {name for name in locked(lock) if name.startswith(("torch", "nvidia", "tensorflow", "triton"))}


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_every_dependency_and_the_data_wheels(lock: str) -> None:
    """Nothing that the metadata or requirements.in asks for is missing, and the demo's model is there."""
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["models"]]
    wanted += [line for line in (ROOT / "requirements.in").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert {distribution(each) for each in wanted} <= set(locked(lock))


def test_the_development_lock_agrees_with_the_other() -> None:
    """Tests run with the very versions that the server is installed with."""
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")
    version = {name: entry.split()[0] for name, entry in development.items()}
    assert {name: entry.split()[0] for name, entry in runtime.items()}.items() <= version.items()


def test_everything_but_python_ships_in_the_package() -> None:
    """Scripts of Redis, the sample and the marker for type checkers lie inside the package's folder."""
    package = ROOT / "stream_server"
    assert (package / "py.typed").is_file()
    assert (package / "sample" / "meeting.flac").is_file()
    assert list((package / "store" / "scripts").glob("*.lua"))
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["stream_server"]


def test_the_version_is_written_once() -> None:
    """The package's own `__version__` is the metadata's."""
    assert "version" in PROJECT["project"]["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
