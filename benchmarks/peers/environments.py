"""The peers' environments: one for each, outside the tree, from the package registry that pip is configured for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DEFAULT = Path.home() / ".cache" / "stream-server-benchmarks"
STAMP = "installed.txt"

CHECKS = {
    "whisper_live": "import whisper_live.server, whisper_live.backend.faster_whisper_backend",
    "whisperlivekit": "import whisperlivekit.basic_server, librosa",
}
"""What must work in each environment."""


class NoEnvironment(Exception):
    """An environment is not there or cannot be made; one sentence for a person."""


def python(environments: Path, name: str) -> Path:
    """Return the interpreter of an environment; raise `NoEnvironment` unless it holds what the recipe names now."""
    stamp = environments / name / STAMP
    if not stamp.exists() or stamp.read_text("utf-8") != recipe(name).read_text("utf-8"):
        raise NoEnvironment(f"{name} is not installed: run `python benchmarks/peers.py --set-up` once")
    return environments / name / "bin" / "python"


def recipe(name: str) -> Path:
    """Return the file that names an environment's packages."""
    return HERE / f"{name}.txt"


def set_up(environments: Path, name: str) -> None:
    """Make one environment anew unless it is there; raise `NoEnvironment` if that fails.

    Everything is installed without dependencies. Where pip gives a build of torch for CUDA, its NVIDIA libraries are
    missing then and it cannot be imported, not even for the CPU: only then its dependencies come too (some GB).
    """
    folder = environments / name
    try:
        python(environments, name)
    except NoEnvironment:
        print(f"installing {name} into {folder} …", flush=True)
    else:
        print(f"{name} is installed in {folder}")
        return
    environments.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", "--clear", str(folder)], name)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _run([*pip, "--no-deps", "--requirement", str(recipe(name))], name)
    if not _imports(folder, "import torch"):
        print("this build of torch needs its CUDA libraries: installing them too …", flush=True)
        pin = next(line for line in recipe(name).read_text("utf-8").splitlines() if line.startswith("torch=="))
        _run([*pip, pin], name)
    if not _imports(folder, CHECKS[name]):
        raise NoEnvironment(f"{name} is installed, but `{CHECKS[name]}` fails")
    (folder / STAMP).write_text(recipe(name).read_text("utf-8"), encoding="utf-8")


def _run(command: list[str], name: str) -> None:
    if subprocess.run(command, check=False).returncode:
        raise NoEnvironment(f"{name} cannot be installed: `{' '.join(command[-3:])}` failed")


def _imports(folder: Path, statement: str) -> bool:
    done = subprocess.run(
        [str(folder / "bin" / "python"), "-c", statement], check=False, capture_output=True, text=True, cwd=folder
    )
    if done.returncode:
        print("\n".join(done.stderr.strip().splitlines()[-1:]), file=sys.stderr)
    return not done.returncode
