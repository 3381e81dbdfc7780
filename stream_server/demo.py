"""The demonstration: a server of its own, the sample meeting played to it in real time, its captions, its usage.

Everything runs in a temporary directory and ends with the demonstration, embedded Redis included.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import aiohttp

from stream_server.client import Event, Screen, StreamError, stream
from stream_server.durations import clock_face
from stream_server.local_server import ServerDied, ended_by_signals, local_server, passing_directory
from stream_server.sample import Meeting, sample_meeting
from stream_server.session.options import SessionOptions
from stream_server.sources import SourceError, file_source

USAGE_PATIENCE_SECONDS = 10.0


@dataclass(slots=True, kw_only=True)
class Record:
    """What happened, for the closing lines and for a test."""

    model: str = ""
    engine: str = ""
    finals: list[Event] = field(default_factory=list)
    error: str | None = None
    usage_seconds: float | None = None

    def went_well(self, seconds: float) -> bool:
        """Whether captions came and the usage is that many seconds, to 10 ms."""
        used = self.usage_seconds
        return self.error is None and bool(self.finals) and used is not None and abs(used - seconds) <= 0.01

    def note(self, event: Event) -> None:
        """Remember what matters of an event."""
        match event["type"]:
            case "ready":
                self.model, self.engine = event["model"], event["engine"]
            case "final":
                self.finals.append(event)
            case "error":
                self.error = event["message"]


async def run_demo(
    *,
    speed: float = 1.0,
    output: TextIO | None = None,
    record_file: Path | None = None,
    serve_options: tuple[str, ...] = (),
) -> int:
    """Play the sample meeting to a server started for it; return the exit status.

    `record_file` receives the finals, the model and the usage as JSON. `serve_options` are added to the command that
    starts the server. Ctrl-C and SIGTERM end everything in order.
    """
    screen_output = output or sys.stdout
    task = asyncio.current_task()
    assert task is not None
    with ended_by_signals(task):
        try:
            record = await _play(sample_meeting(), speed, screen_output, serve_options)
        except asyncio.CancelledError:
            screen_output.write("\nStopped.\n")
            return 130
        except (ServerDied, StreamError, SourceError) as error:
            sys.stderr.write(f"Error: {error}\n")
            return 1
    if record_file is not None:
        _write(record, record_file)
    return 0 if record.went_well(sample_meeting().seconds) else 1


async def _play(meeting: Meeting, speed: float, output: TextIO, serve_options: tuple[str, ...]) -> Record:
    """Start a server, stream the meeting to it, show what comes, ask for the usage, stop the server."""
    async with passing_directory("stream-server-demo-") as directory:
        output.write("Starting a server with a Redis of its own …\n")
        output.flush()
        async with local_server(directory, serve_options) as url:
            output.write(await _chosen(url))
            _introduce(meeting, url, output)
            record = await _listen(meeting, url, speed, output)
            record.usage_seconds = await _usage(url, meeting.seconds)
            _conclude(meeting, record, output)
        output.write("The server has stopped; nothing is left running.\n")
        return record


async def _listen(meeting: Meeting, url: str, speed: float, output: TextIO) -> Record:
    """Stream the meeting and show its captions."""
    record = Record()
    screen = Screen(output)
    source = file_source(meeting.audio, meeting.tracks)
    events = stream(source, url, options=SessionOptions(language=meeting.language), speed=speed)
    try:
        async with contextlib.aclosing(events):
            async for event in events:
                record.note(event)
                screen.show(event)
    finally:
        screen.close()
    return record


def _introduce(meeting: Meeting, url: str, output: TextIO) -> None:
    *others, last = meeting.tracks
    output.write(
        f"It is listening on {url}. {', '.join(others)} and {last} meet for {meeting.seconds:.0f} seconds:\n\n"
    )
    output.flush()


def _conclude(meeting: Meeting, record: Record, output: TextIO) -> None:
    words = sum(len(final["words"]) for final in record.finals)
    output.write(f"\nModel {record.model} ({record.engine}): {len(record.finals)} captions, {words} words")
    if record.finals:
        output.write(f"; the last one came {record.finals[-1]['lag_ms'] / 1000:.2f} s after it was heard")
    used = record.usage_seconds
    told = "is not known" if used is None else f"{used:.2f} s = {clock_face(used)}"
    output.write(f"\nUsage read back from Redis: {told}; the meeting is {meeting.seconds:.2f} s long\n")
    output.flush()


def _write(record: Record, path: Path) -> None:
    path.write_text(json.dumps(asdict(record), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


async def _chosen(url: str) -> str:
    """Return which model runs, why, and how to get a better one."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/health/ready") as response:
        ready = await response.json()
    better = f" Better: {ready['advice']}." if ready["advice"] else ""
    return f"Model {ready['model']} on {ready['device']}: {ready['reason']}.{better}\n"


async def _usage(url: str, expected_seconds: float) -> float | None:
    """Ask `GET /v1/usage` until Redis holds the whole meeting, for a few seconds at most; None without an answer."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + USAGE_PATIENCE_SECONDS
    seconds: float | None = None
    async with aiohttp.ClientSession() as session:
        while loop.time() < deadline:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url.rstrip('/')}/v1/usage") as response:
                    if response.ok:
                        seconds = _billable_seconds(await response.json())
            if seconds is not None and seconds >= expected_seconds - 0.005:
                break
            await asyncio.sleep(0.1)
    return seconds


def _billable_seconds(report: dict[str, Any]) -> float:
    return float(report["total"]["billable_seconds"])
