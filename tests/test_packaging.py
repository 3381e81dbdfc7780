"""The package's metadata and the locks: installable with pip, complete, hashed, without torch."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from stream_server import __version__
from stream_server.browser_files import IN_CHECKOUT, PAGE
from stream_server.rest.assets import CONTENT_TYPES

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


def build(kind: str, root: Path, target: Path) -> Path:
    """Build a wheel, a source distribution or an editable wheel of a checkout; return the file."""
    program = f"import sys; from hatchling.build import build_{kind}; print(build_{kind}(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(target)]
    told = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return target / told.split()[-1]


def below(folder: Path) -> set[str]:
    """Return what lies in a folder that browsers load."""
    files = (path for path in folder.rglob("*") if path.suffix in CONTENT_TYPES)
    return {path.relative_to(folder).as_posix() for path in files}


@pytest.mark.parametrize("from_source", [False, True], ids=["checkout", "sdist"])
def test_a_wheel_has_the_page_and_the_javascript_package(tmp_path: Path, *, from_source: bool) -> None:
    """Whole, be it built from the checkout or from the source distribution, and nothing of clients or tests besides."""
    root = ROOT
    if from_source:
        with tarfile.open(build("sdist", ROOT, tmp_path)) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # since 3.11.4; Debian has 3.11.2
            archive.extractall(tmp_path)  # we have just built it
        root = next(path for path in tmp_path.iterdir() if path.is_dir())
    with zipfile.ZipFile(build("wheel", root, tmp_path)) as wheel:
        names = set(wheel.namelist())
        wheel.extractall(tmp_path / "installed")
    assert {f"stream_server/page/{name}" for name in below(PAGE)} <= names
    assert {f"stream_server/javascript/{name}" for name in below(IN_CHECKOUT)} <= names
    assert "stream_server/javascript/index.js" in names
    assert {name.partition("/")[0] for name in names} == {"stream_server", f"stream_server-{__version__}.dist-info"}
    program = "from stream_server.browser_files import find_javascript; print(find_javascript())"
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {program}"]
    found = subprocess.run([*command, str(tmp_path / "installed")], check=True, capture_output=True, text=True).stdout
    assert Path(found.strip()) == tmp_path / "installed" / "stream_server" / "javascript"


def test_an_editable_install_copies_nothing_of_the_javascript_package(tmp_path: Path) -> None:
    """What is changed in the checkout is what browsers get."""
    with zipfile.ZipFile(build("editable", ROOT, tmp_path)) as wheel:
        assert not [name for name in wheel.namelist() if name.endswith(".js")]


def test_the_version_is_written_once() -> None:
    """The package's own `__version__` is the metadata's."""
    assert "version" in PROJECT["project"]["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
