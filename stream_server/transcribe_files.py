"""The command `transcribe-file`: recordings go to a server, transcripts come back into files."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from stream_server.errors import InvalidConfiguration
from stream_server.file_progress import FileProgress
from stream_server.local_server import ServerDied, ended_by_signals
from stream_server.lone_server import lone_server
from stream_server.recordings_client import NoServer, Recording, RecordingsClient, RequestFailed
from stream_server.settings import Settings
from stream_server.store.exports import Format

FILES_AT_ONCE = 8
"""More than a server works on together, so that it never waits for an upload."""

CANCEL_SECONDS = 10.0
"""For the server to take note that somebody lost interest."""

STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is wanted; `fields` are those of the form at `/v1/recordings`, `output` is a directory or "-".

    Without `output` a transcript goes beside its recording, without a label its name is the recording's.
    """

    files: Sequence[Path]
    form: Format = "txt"
    output: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def target(self, file: Path) -> Path | None:
        """Return where a file's transcript goes; None: to standard output."""
        if self.output == STANDARD_OUTPUT:
            return None
        return (file.parent if self.output is None else Path(self.output)) / f"{file.stem}.{self.form}"

    def check(self) -> None:
        """Raise `InvalidConfiguration` if one file would be written over another."""
        sources = {file.resolve() for file in self.files}
        taken: dict[Path, Path] = {}
        for file in self.files:
            target = self.target(file)
            if target is None:
                continue
            if target.resolve() in sources:
                raise InvalidConfiguration(f"the transcript of {file} would be written over {target}")
            other = taken.setdefault(target.resolve(), file)
            if other is not file:
                raise InvalidConfiguration(f"the transcripts of {other} and {file} would both be {target}")


async def run_transcribe_files(order: Order, url: str, key: str | None, settings: Settings) -> int:
    """Have files transcribed; return the exit status, 1 if any failed.

    `settings` are for a server that has to be started. Ctrl-C and SIGTERM cancel what was handed in. Raises
    `InvalidConfiguration` before anything is sent.
    """
    order.check()
    task = asyncio.current_task()
    assert task is not None
    with ended_by_signals(task):
        try:
            async with _server(url, key, settings) as client:
                return await _transcribe_all(order, client)
        except asyncio.CancelledError:
            sys.stderr.write("Stopped.\n")
            return 130
        except (RequestFailed, ServerDied) as error:
            sys.stderr.write(f"Error: {error}\n")
            return 1


@asynccontextmanager
async def _server(url: str, key: str | None, settings: Settings) -> AsyncIterator[RecordingsClient]:
    """Give a client of the server, or of one that is started because nobody answers on this machine."""
    async with RecordingsClient(url, key) as client:
        try:
            await client.check()
        except NoServer:
            if not client.local:
                raise
        else:
            yield client
            return
    sys.stderr.write(f"No server answers at {client.url}; starting one for this …\n")
    async with lone_server(settings) as own, RecordingsClient(own) as client:
        yield client


async def _transcribe_all(order: Order, client: RecordingsClient) -> int:
    """Have all files transcribed, some at a time, and write them down as they come; say what failed at the end."""
    room = asyncio.Semaphore(FILES_AT_ONCE)
    with FileProgress(len(order.files), sys.stderr) as progress:
        work = _Work(order, client, progress)

        async def one(file: Path) -> str | RequestFailed:
            async with room:
                return await work.transcribe(file)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(file)) for file in order.files]
            outcomes = []
            for task in tasks:
                outcomes.append(await task)
                if order.output == STANDARD_OUTPUT and isinstance(outcomes[-1], str):
                    sys.stdout.write(outcomes[-1].removesuffix("\n") + "\n")
                    sys.stdout.flush()
    failures = [
        (file, outcome) for file, outcome in zip(order.files, outcomes, strict=True) if not isinstance(outcome, str)
    ]
    for file, error in failures:
        sys.stderr.write(f"Error: {file}: {error}\n")
    return int(bool(failures))


@dataclass(frozen=True, slots=True)
class _Work:
    """One file's way, the same for all."""

    order: Order
    client: RecordingsClient
    progress: FileProgress

    async def transcribe(self, file: Path) -> str | RequestFailed:
        """Hand a file in, wait, write its transcript down; return it, or why there is none."""
        try:
            text = await self._transcript(file)
            target = self.order.target(file)
            if target is not None:
                await asyncio.to_thread(_write, target, text)
        except RequestFailed as error:
            self.progress.tell(str(file), "failed", 1.0)
            return error
        self.progress.tell(str(file), "done" if target is None else f"written to {target}", 1.0)
        return text

    async def _transcript(self, file: Path) -> str:
        self.progress.tell(str(file), "uploading")
        recording = await self.client.submit(file, {"label": file.stem} | dict(self.order.fields))
        recording_id = recording["id"]
        try:
            async for recording in self.client.follow(recording_id):
                self.progress.tell(str(file), recording["status"], 0.99 * recording["progress"])
        except asyncio.CancelledError:
            with suppress(RequestFailed, TimeoutError):
                async with asyncio.timeout(CANCEL_SECONDS):
                    await self.client.cancel(recording_id)
            raise
        _require_complete(recording)
        return await self.client.transcript(recording_id, self.order.form)


def _require_complete(recording: Recording) -> None:
    """Raise `RequestFailed` unless there is a transcript."""
    if recording["status"] == "cancelled":
        raise RequestFailed("somebody cancelled it")
    if recording["status"] == "failed":
        raise RequestFailed(str(recording["error"]["message"]))


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestFailed(f"{target} cannot be written: {error.strerror or error}") from None
