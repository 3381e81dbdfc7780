"""Audio that is kept because somebody asked: whole, playable, and gone with its record."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import numpy.typing as npt
from faster_whisper import decode_audio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from stream_server.kept_audio import KeptAudio
from tests.live import LiveServer, LiveServerFactory


def tone(seconds: float, hertz: float, rate: int = 16_000) -> npt.NDArray[np.float32]:
    """Return a tone."""
    time = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


async def test_every_sample_is_kept_on_its_track(tmp_path: Path) -> None:
    """However it was cut; nobody else may look into the directory."""
    keeper = KeptAudio(tmp_path / "audio")
    tape = keeper.open("ab12", 16_000, 2)
    both = np.stack([tone(2.3, 440), tone(2.3, 220)], axis=1)
    for at in range(0, len(both), 777):
        tape.write(both[at : at + 777], None)
    tape.close()
    await keeper.stop()
    for track in range(2):
        path = keeper.find("ab12", track)
        assert path is not None
        assert path.parent.stat().st_mode & 0o077 == 0
        heard = decode_audio(str(path), sampling_rate=16_000)
        assert len(heard) == len(both)
        assert np.abs(heard - both[:, track]).max() < 1e-3


async def test_a_track_of_its_own_goes_to_its_file(tmp_path: Path) -> None:
    """Independent tracks have different lengths; one that said nothing has no file."""
    keeper = KeptAudio(tmp_path)
    tape = keeper.open("ab", 8_000, 3)
    tape.write(tone(1.5, 300, 8_000)[:, None], 1)
    tape.close()
    await keeper.stop()
    assert keeper.find("ab", 0) is None
    assert keeper.find("ab", 1) is not None
    assert keeper.find("../ab", 1) is None


async def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    """A record's own files alone."""
    for name in ("aa-0.flac", "aa-1.flac", "ab-0.flac"):
        (tmp_path / name).write_bytes(b"x")
    keeper = KeptAudio(tmp_path)
    await keeper.forget(["aa", "../ab", "*"])
    assert names_in(tmp_path) == ["ab-0.flac"]
    await keeper.stop()


def names_in(directory: Path) -> list[str]:
    """Return the files of a directory."""
    return sorted(path.name for path in directory.iterdir())


async def hold(server: LiveServer, audio: bytes, **options: Any) -> str:
    """Hold a session; return its id."""
    async with connect(f"{server.ws_url}/v1/stream") as socket:
        await socket.send(json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le"}} | options))
        session: str = json.loads(await socket.recv())["session_id"]
        await socket.send(audio)
        await socket.send(json.dumps({"type": "finish"}))
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return session


async def test_only_who_asks_has_audio_kept(live_server: LiveServerFactory, tmp_path: Path) -> None:
    """It is read at the record and deleted with it."""
    sound = (tone(1.2, 440) * 32_767).astype("<i2").tobytes()
    async with live_server() as server, aiohttp.ClientSession(server.url) as client:
        silent, kept = await hold(server, sound), await hold(server, sound, keep_audio=True)
        async with client.get(f"/v1/records/{silent}/audio") as answer:
            assert answer.status == 404
        while True:
            async with client.get(f"/v1/records/{kept}/audio") as answer:
                if answer.status == 200 and len(body := await answer.read()) > 1_000:
                    break
            await asyncio.sleep(0.05)
        assert answer.content_type == "audio/flac"
        assert body[:4] == b"fLaC"
        async with client.get(f"/v1/records/{kept}/audio?track=x") as answer:
            assert answer.status == 400
        async with client.delete(f"/v1/records/{kept}") as answer:
            assert answer.status == 204
        assert not names_in(tmp_path / "audio")
