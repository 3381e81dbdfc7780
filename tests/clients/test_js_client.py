"""The JavaScript client against a whole server."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.browser.servers import data_directory
from tests.child_server import RATE, ChildServer
from tests.child_server import speech as spoken
from tests.clients.test_js_package import SCRIPTS, node
from tests.hostile import speech
from tests.live import LiveServerFactory
from tests.test_record_durability import record_when


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
async def test_it_streams_to_a_server(live_server: LiveServerFactory, tmp_path: Path, encoding: str) -> None:
    """In either spelling the words are there when `flush` and `finish` resolve, and every sample counts once."""
    file = tmp_path / "sound.raw"
    file.write_bytes(speech())
    async with live_server(keys=True) as server:
        key = await server.create_key()
        job = {"url": server.url, "key": key, "file": str(file), "encoding": encoding, "flush": True}
        told = json.loads(await node(SCRIPTS / "stream_pcm.mjs", json.dumps(job)))
    assert told["states"] == ["connecting", "open", "finishing", "closed"]
    assert told["types"].index("partial") < told["types"].index("final")
    assert told["flushed"]["at_sample"] == told["usage"]["session_samples"] == len(speech()) // 2
    assert told["atFlush"] == " ".join(each["text"] for each in told["transcript"]["utterances"]) + "\n"
    assert told["closed"]["error"] is None


@pytest.mark.durability
@pytest.mark.timeout(300)
async def test_it_outlives_a_killed_server(tmp_path: Path) -> None:
    """A server that is killed in mid-sentence and started again costs no word, and none comes twice."""
    file = tmp_path / "sound.raw"
    file.write_bytes(spoken(40 * RATE).tobytes())
    async with data_directory() as directory:
        server = await ChildServer.start(directory)
        port = server.url.rpartition(":")[2]
        running = asyncio.create_task(node(SCRIPTS / "outlive.mjs", json.dumps({"url": server.url, "file": str(file)})))
        await record_when(server, lambda record: len(record["segments"]) > 0)  # it is in the middle of it
        await server.kill()
        server = await ChildServer.start(directory, "--port", port)
        told = json.loads(await running)
        await server.kill()
    assert (told["resumed"], told["session_lost"], told["closed"]["error"]) == (1, 0, None)
    assert told["usage"]["session_samples"] == 40 * RATE
    times = [(each["start"], each["end"]) for each in told["utterances"]]
    assert len(times) > 1
    assert all(each["final"] for each in told["utterances"])
    assert all(before[1] <= after[0] for before, after in pairwise(times))
