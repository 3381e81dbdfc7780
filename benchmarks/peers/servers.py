"""How each server is started, with the same weights, on a free loopback port, and what it runs in."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from processes import server_pid

from peers.environments import HERE, python
from stream_server.local_server import ServerDied, local_server

START_SECONDS = 120.0
STOP_SECONDS = 20.0

OFFLINE = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
"""For every peer: nothing is fetched, and the CPU is what it runs on."""


class PeerDied(Exception):
    """A server did not start; one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens: its websocket URL and the processes it began with."""

    url: str
    roots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a server is started with: a catalog model, where its weights are, for how many sessions, where it writes."""

    model: str
    weights: Path
    sessions: int
    directory: Path
    environments: Path


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to run a server: the wire it speaks, its environment, more options, and threads if not the machine's."""

    wire: str
    environment: str | None = None
    options: tuple[str, ...] = ()
    threads: int | None = None


KINDS = {
    "ours": Kind("ours"),
    "whisper_live": Kind("whisper_live", "whisper_live"),
    "whisper_live_one_thread": Kind("whisper_live", "whisper_live", threads=1),
    "whisper_live_batched": Kind("whisper_live", "whisper_live", ("--batch",)),
    "whisperlivekit": Kind("whisperlivekit", "whisperlivekit"),
    "whisperlivekit_one_thread": Kind("whisperlivekit", "whisperlivekit", threads=1),
    "whisperlivekit_paced": Kind("whisperlivekit", "whisperlivekit", ("--asr-coalesce-min-s", "1")),
    "loop": Kind("loop"),
    "loop_one_thread": Kind("loop", threads=1),
}
"""Every server that can be measured."""


@asynccontextmanager
async def running(name: str, setting: Setting) -> AsyncIterator[Running]:
    """Run a server for as long as a block of code runs. Raises `PeerDied`, or `NoEnvironment`."""
    if name == "ours":
        options = ["--model", setting.model, "--max-sessions", "1000"]
        try:
            async with local_server(setting.directory, options) as url:
                redis = [int(note.read_text("ascii")) for note in setting.directory.rglob("redis.pid")]
                yield Running(url.replace("http", "ws", 1), (server_pid(setting.directory), *redis))
        except ServerDied as error:
            raise PeerDied(str(error)) from error
        return
    threads = KINDS[name].threads
    limits = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    port = free_port()
    log = setting.directory / f"{name}.log"
    with process_log(log) as errors:
        process = await asyncio.create_subprocess_exec(
            *command(name, setting, port),
            env=os.environ | OFFLINE | limits,
            cwd=HERE.parent,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    try:
        await listening(process, port, log)
        yield Running(f"ws://127.0.0.1:{port}", (process.pid,))
    finally:
        await stop(process)


def command(name: str, setting: Setting, port: int) -> list[str]:
    """Return what starts a peer: its own defaults, but for the weights, the language and raw audio."""
    kind, weights = KINDS[name], str(setting.weights)
    if kind.environment is None:
        return [sys.executable, "-m", "peers.loop_server", weights, str(port)]
    interpreter = str(python(setting.environments, kind.environment))
    if kind.environment == "whisper_live":
        # one more: the session that warmed it up may not be gone yet
        most = str(setting.sessions + 1)
        return [interpreter, str(HERE / "whisper_live_server.py"), weights, str(port), most, *kind.options]
    return [
        *(interpreter, "-m", "whisperlivekit.basic_server", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-policy", "localagreement", "--backend", "faster-whisper", "--model_dir", weights),
        *("--language", "en", "--pcm-input", "--warmup-file", "", *kind.options),
    ]


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process_log(path: Path) -> Iterator[int]:
    """Open a file for a process to write to."""
    with path.open("wb") as file:
        yield file.fileno()


async def listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    """Wait until a port takes connections; raise `PeerDied` if the process ends first or takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.2)
    raise PeerDied(f"it did not start: {last_words(log)}")


async def stop(process: asyncio.subprocess.Process) -> None:
    """End a server with all that it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
            return


def last_words(log: Path) -> str:
    """Return the last line of a log."""
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it left no message"
