"""The JavaScript client against a whole server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.test_js_package import SCRIPTS, node
from tests.hostile import speech
from tests.live import LiveServerFactory


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
