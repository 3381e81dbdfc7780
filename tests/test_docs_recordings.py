"""docs/recordings.md says what the server does: its curl lines are sent, its tables compared."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from typing import get_args

import aiohttp
import pytest

from stream_server.jobs.job import JobStatus
from stream_server.recordings_client import RecordingsClient
from stream_server.rest.recordings import FIELDS, HIGHEST_LIMIT, PARAMETERS, USUAL_LIMIT, Recordings
from tests.live import LiveServer, LiveServerFactory

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "recordings.md").read_text("utf-8")
CLIP = Path(__file__).parent / "audio" / "clips" / "short.flac"
CURL = [
    line.partition("  #")[0]
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("curl") and "localhost:8765/v1/record" in line
]


def arguments(line: str) -> argparse.Namespace:
    """Return what a line tells curl."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-F", dest="form", action="append", default=[])
    parser.add_argument("-N", dest="unbuffered", action="store_true")
    return parser.parse_args(shlex.split(line)[1:])


async def send(line: str, server: LiveServer, recording_id: str) -> tuple[int, str]:
    """Do what curl would; the file is one of ours."""
    told = arguments(line.replace("$ID", recording_id))
    form = aiohttp.FormData()
    for name, _, value in (field.partition("=") for field in told.form):
        if value.startswith("@"):
            form.add_field(name, CLIP.read_bytes(), filename=value[1:])
        else:
            form.add_field(name, value)
    method = told.method or ("POST" if told.form else "GET")
    url = "http://" + told.url.replace("localhost:8765", server.url.removeprefix("http://"))
    async with (
        aiohttp.ClientSession() as client,
        client.request(method, url, data=form if told.form else None) as answer,
    ):
        return answer.status, await answer.text()


async def test_the_pages_lines_work(live_server: LiveServerFactory) -> None:
    """One after the other, on one server, each does what its comment says."""
    async with live_server() as server, RecordingsClient(server.url) as client:
        recording_id = (await client.submit(CLIP))["id"]
        assert [each async for each in client.follow(recording_id)][-1]["status"] == "complete"
        answers = {line: await send(line, server, recording_id) for line in CURL}
    assert {status for status, _ in answers.values()} == {200, 202}
    assert len(answers) == 5
    events = next(text for line, (_, text) in answers.items() if "/events" in line)
    assert events.startswith("event: complete\ndata: {")


def test_everything_has_its_name_on_the_page() -> None:
    """Requests, states, fields and parameters."""
    routes = Recordings(
        authenticator=None, desk=None, intake=None, uploads=None  # type: ignore[arg-type]
    ).routes()  # fmt: skip
    requests = {f"| `{route.method} {route.path}` |" for route in routes}
    assert all(request in PAGE for request in requests)
    assert all(f"| `{status}` |" in PAGE for status in get_args(JobStatus))
    assert all(f"`{name}`" in PAGE for name in (*FIELDS, *PARAMETERS) if name != "url")
    assert f"`limit` ({USUAL_LIMIT}, at most {HIGHEST_LIMIT})" in PAGE


@pytest.mark.parametrize("block", re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
def test_commands_have_options_that_exist(block: str) -> None:
    """What the page shows of `transcribe-file` can be typed."""
    from stream_server.cli import cli

    options = {option for each in cli.commands["transcribe-file"].params for option in each.opts}
    shown = [line for line in block.splitlines() if line.startswith("stream-server transcribe-file")]
    assert {word for line in shown for word in line.partition("  #")[0].split() if word.startswith("--")} <= options
