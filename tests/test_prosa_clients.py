"""Prosa's clients against a running server: what each needs, and every close code provoked and seen."""

from __future__ import annotations

import io
import json
import wave
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.clients.livekit_plugin import recognize
from tests.clients.prosa_java import CLOSE_CODES_2023, run_2022, run_2023
from tests.live import LiveServer, LiveServerFactory

CLIP = Path(__file__).parent / "audio" / "clips" / "train.flac"
PATHS = ("/v2/speech/stt", "/v2/speech/stt/streaming")
CONFIGURATION = json.dumps({"model": "stt-general-online", "label": None})


@pytest.fixture(scope="module")
def pcm() -> bytes:
    """Give six seconds of speech, s16le at 16 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    with av.open(str(CLIP)) as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


@pytest.fixture(scope="module")
def wav(pcm: bytes) -> bytes:
    """Give the same as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 16_000, 0, "NONE", ""))
        writer.writeframes(pcm)
    return file.getvalue()


def stt(server: LiveServer) -> str:
    """Return the address that a Prosa client is given."""
    return server.ws_url + PATHS[0]


async def rest_of(socket: ClientConnection) -> tuple[list[dict[str, Any]], int | None]:
    """Return every further message and the close code."""
    messages = []
    with suppress(ConnectionClosed):
        while True:
            messages.append(json.loads(await socket.recv()))
    return messages, socket.close_code


async def test_the_2022_client_is_content(live_server: LiveServerFactory, wav: bytes) -> None:
    """It throws at nothing, has results, partials and the metadata, and sees close 1000."""
    async with live_server(keys=True) as server:
        transcript = await run_2022(stt(server), await server.create_key(), wav)
    assert transcript.printed == []
    assert transcript.results
    assert transcript.job_id
    assert transcript.statuses == ["created", "in_progress", "complete"]
    assert transcript.metadata is not None
    assert transcript.metadata[0] == pytest.approx((len(wav) - 44) / 32_000, abs=0.001)
    assert transcript.close_code == 1000


async def test_the_2023_client_is_content(live_server: LiveServerFactory, wav: bytes) -> None:
    """Its job ends without an exception, with results and `complete`, stale bytes behind the file or not."""
    async with live_server(keys=True) as server:
        transcript = await run_2023(stt(server), await server.create_key(), wav)
    assert transcript.failure is None
    assert transcript.complete
    assert transcript.results
    assert transcript.partials == []
    assert transcript.close_code == 1000


async def test_the_messages_come_in_their_order(live_server: LiveServerFactory, wav: bytes) -> None:
    """`created`, two statuses, words, `metadata`, `complete`; never `quota`, never `error`."""
    async with live_server() as server:
        types = (await run_2022(stt(server), None, wav)).types
    assert types[:3] == ["created", "status", "status"]
    assert set(types[3:-2]) <= {"partial", "result"}
    assert types[-2:] == ["metadata", "status"]


async def test_times_are_on_the_clock_and_in_order(live_server: LiveServerFactory, wav: bytes) -> None:
    """Every result starts before it ends, within the audio, and after the one before it began."""
    async with live_server() as server:
        results = (await run_2023(stt(server), None, wav)).results
    starts = [start for _, start, _ in results]
    assert starts == sorted(starts)
    assert all(0 <= start < end <= 6.5 for _, start, end in results)


async def test_both_paths_are_one(live_server: LiveServerFactory, wav: bytes) -> None:
    """The same audio gives the same results on either path."""
    async with live_server() as server:
        first, second = [(await run_2023(server.ws_url + path, None, wav)).results for path in PATHS]
    assert first == second != []


async def test_the_livekit_plugin_has_its_words(live_server: LiveServerFactory, pcm: bytes, wav: bytes) -> None:
    """gl-speech's own plugin waits for `created`, sends everything at once and gets the words of every other client."""
    async with live_server(keys=True) as server:
        key = await server.create_key()
        text = await recognize(stt(server), key, pcm)
        others = await run_2022(stt(server), key, wav)
    assert text == " ".join(words for words, _, _ in others.results) != ""


async def test_the_bytes_are_believed_and_not_the_declaration(live_server: LiveServerFactory, wav: bytes) -> None:
    """A browser that says WAV and sends something else is understood."""
    declared = {"format": "wav", "channels": 1, "sample_rate": 16_000}
    async with live_server() as server:
        flac = await run_2023(stt(server), None, CLIP.read_bytes(), audio_format=declared)
        plain = await run_2023(stt(server), None, wav, audio_format={"format": "s16le"})
    assert flac.failure is plain.failure is None
    assert flac.results
    assert plain.results


async def test_raw_audio_needs_its_format_alone(live_server: LiveServerFactory, pcm: bytes) -> None:
    """Headerless samples are heard when their format is declared."""
    async with live_server() as server:
        transcript = await run_2023(stt(server), None, pcm, audio_format={"format": "s16le"})
    assert transcript.failure is None
    assert transcript.results


async def test_a_token_after_a_valid_header_is_fine(live_server: LiveServerFactory) -> None:
    """A client may present its key twice, or in the query alone."""
    async with live_server(keys=True) as server:
        key = await server.create_key()
        async with connect(stt(server), additional_headers={"x-api-key": key}) as socket:
            for message in (json.dumps({"token": key}), CONFIGURATION, b""):
                await socket.send(message)
            assert (await rest_of(socket))[1] == 1000
        async with connect(f"{stt(server)}?x-api-key={key}") as socket:
            for message in (CONFIGURATION, b""):
                await socket.send(message)
            assert (await rest_of(socket))[1] == 1000


async def test_a_client_that_leaves_early_hurts_nobody(live_server: LiveServerFactory, wav: bytes) -> None:
    """Some clients go after the first result; the next one is served as if nothing had been."""
    async with live_server() as server:
        async with connect(stt(server)) as socket:
            for message in (CONFIGURATION, wav, b""):
                await socket.send(message)
            while json.loads(await socket.recv())["type"] != "result":
                pass
        assert (await run_2023(stt(server), None, wav)).failure is None


async def test_the_longest_duration_is_told_and_complete(live_server: LiveServerFactory, wav: bytes) -> None:
    """Who reaches the longest session learns so from `metadata`, with what was heard until then."""
    async with live_server(max_session_seconds=2.0) as server:
        transcript = await run_2022(stt(server), None, wav)
    assert transcript.metadata == (2.0, 2.0, True, 2.0)
    assert transcript.complete
    assert transcript.close_code == 1000


# ── close codes ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["wrong", None])
async def test_4000_for_a_bad_or_missing_key(live_server: LiveServerFactory, wav: bytes, key: str | None) -> None:
    """A wrong key, and a null one, are refused inside the websocket; both clients report it."""
    async with live_server(keys=True) as server:
        old, new = await run_2022(stt(server), key, wav), await run_2023(stt(server), key, wav)
    assert old.close_code == 4000
    assert new.failure == "InvalidAuthenticationException"
    assert old.types == new.types == []


@pytest.mark.parametrize(
    "frames",
    [
        ["{}", '{"label": "no model"}'],
        ['{"model": "stt-general", "audio": {"channels": 99}}'],
        [b"\0\0"],
        [b""],
        ["no JSON"],
        [CONFIGURATION, "text where audio belongs"],
        [CONFIGURATION, bytes(range(256)) * 400, b""],
    ],
)
async def test_4001_for_a_bad_configuration(live_server: LiveServerFactory, frames: list[str | bytes]) -> None:
    """A configuration that is missing or malformed, and audio that nobody can read, close with 4001."""
    async with live_server() as server, connect(stt(server)) as socket:
        for frame in frames:
            with suppress(ConnectionClosed):
                await socket.send(frame)
        messages, code = await rest_of(socket)
    assert code == 4001
    assert {"type": "status", "status": "complete"} not in messages


async def test_4001_reaches_the_2023_client(live_server: LiveServerFactory, wav: bytes) -> None:
    """It reports the right exception."""
    async with live_server() as server:
        transcript = await run_2023(stt(server), None, wav, audio_format={"channels": 99})
    assert transcript.failure == "InvalidConfigurationException"


async def test_4002_for_a_model_that_is_not_offered(live_server: LiveServerFactory, wav: bytes) -> None:
    """Only the accepted names open a session; which they are is a setting."""
    async with live_server(prosa_models=("mine",)) as server:
        old = await run_2022(stt(server), None, wav)
        new = await run_2023(stt(server), None, wav)
        mine = await run_2023(stt(server), None, wav, model="mine")
    assert old.close_code == 4002
    assert new.failure == "InvalidModelException"
    assert mine.failure is None


async def test_4005_when_the_quota_runs_out(live_server: LiveServerFactory, wav: bytes) -> None:
    """The last results come first, then 4005 alone: no `quota`, no `complete`, nothing that a client throws at."""
    async with live_server(keys=True) as server:
        old = await run_2022(stt(server), await server.create_key(quota_seconds=3), wav)
        new = await run_2023(stt(server), await server.create_key(quota_seconds=3), wav)
    assert (old.close_code, old.printed, old.complete) == (4005, [], False)
    assert new.failure == "InsufficientQuotaException"
    assert old.results
    assert new.results
    assert all(end <= 3 for _, _, end in old.results)


async def test_4029_for_too_many_starts(live_server: LiveServerFactory, wav: bytes) -> None:
    """The second session within a minute is refused."""
    async with live_server(keys=True) as server:
        key = await server.create_key(sessions_per_minute=1)
        first, second = [await run_2023(stt(server), key, wav) for _ in range(2)]
    assert first.failure is None
    assert second.failure == CLOSE_CODES_2023[4029]


async def test_4029_for_too_many_sessions_and_a_full_server(live_server: LiveServerFactory, wav: bytes) -> None:
    """A key's limit of concurrent sessions and the server's own end with the same code, before `created`."""
    async with live_server(keys=True, max_sessions=2) as server:
        key, other = await server.create_key(max_sessions=1), await server.create_key()
        async with connect(stt(server), additional_headers={"x-api-key": key}) as busy:
            await busy.send(CONFIGURATION)
            assert json.loads(await busy.recv())["type"] == "created"
            over = await run_2022(stt(server), key, wav)
            async with connect(stt(server), additional_headers={"x-api-key": other}) as busier:
                await busier.send(CONFIGURATION)
                assert json.loads(await busier.recv())["type"] == "created"
                full = await run_2022(stt(server), other, wav)
    assert (over.close_code, full.close_code) == (4029, 4029)
    assert over.types == full.types == []
