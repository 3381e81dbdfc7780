"""Laws of a whole installation that is killed, stopped, cut off from Redis, or out of quota.

Real server processes, a real Redis, real websockets, real time: nothing here asserts how fast anything was, only what
was counted.
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import wave
from functools import partial
from typing import Any

import msgpack
import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.child_server import (
    RATE,
    ChildServer,
    Client,
    Pcm,
    Serve,
    billed,
    ledger,
    native,
    prosa,
    redis_pid,
    speech,
    store_of,
)
from tests.live import make_key

pytestmark = [pytest.mark.durability, pytest.mark.timeout(300)]

MOST_LOST = 5 * RATE
"""What a crash may lose of a session's usage."""


@pytest.fixture
def serve(serve: Serve) -> Serve:
    """Give servers that do not tell voices apart: that takes most of their time and changes nothing that counts."""
    return partial(serve, "--diarization", "false")


async def say_and_finish(server: ChildServer, audio: Pcm, key: str | None = None, **start: Any) -> Client:
    """Hold a whole session at file speed; it must end well."""
    async with native(server, key, **start) as client:
        await client.speak(audio, speed=0)
        assert await client.finish() == 1000
    return client


# ── kill -9 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def speak_until_killed(server: ChildServer, seconds: float) -> int:
    """Stream at 1x, kill the server in mid-sentence, and return the samples sent."""
    async with native(server) as client:
        await client.speak(speech(round(seconds * RATE)))
        await client.arrived()
        await server.kill()
        await client.closed()
        assert client.of_type("partial")
        return client.sent


async def test_kill_in_mid_session_and_restart(serve: Serve) -> None:
    """After `kill -9` Redis is adopted, usage misses at most 5 s and counts nothing twice; twice over."""
    server = await serve()
    redis = redis_pid(server.directory)
    first = await speak_until_killed(server, 7.3)
    assert redis_pid(server.directory) == redis is not None

    server = await serve()
    assert redis_pid(server.directory) == redis
    kept = await billed(server.directory)
    assert first - MOST_LOST <= kept <= first
    _, usage, _ = await server.get("/v1/usage")
    assert usage["total"]["billable_seconds"] == round(kept / RATE, 2)
    whole = await say_and_finish(server, speech(3 * RATE + 7))
    assert await billed(server.directory, at_last=kept + whole.sent) == kept + whole.sent

    second = await speak_until_killed(server, 6.1)
    server = await serve()
    more = await billed(server.directory) - kept - whole.sent
    assert second - MOST_LOST <= more <= second
    assert await server.stop() == 0
    server = await serve()
    assert await billed(server.directory, at_last=kept + whole.sent + more) == kept + whole.sent + more
    assert sum(row.sessions for row in await ledger(server.directory)) == 3


async def test_kill_of_redis_with_the_server(serve: Serve) -> None:
    """When the embedded Redis dies by `kill -9` with its server, a new one serves from the same append-only file."""
    server = await serve()
    redis = redis_pid(server.directory)
    assert redis is not None
    whole = await say_and_finish(server, speech(2 * RATE + 1))
    sent = await speak_until_killed(server, 4.2)
    os.kill(redis, signal.SIGKILL)
    server = await serve()
    assert redis_pid(server.directory) not in (None, redis)
    assert sent - MOST_LOST <= await billed(server.directory) - whole.sent <= sent


async def test_kill_of_redis_in_mid_session(serve: Serve) -> None:
    """When the embedded Redis alone dies, the server starts it anew and the session loses nothing."""
    server = await serve()
    redis = redis_pid(server.directory)
    assert redis is not None
    async with native(server) as client:
        await client.speak(speech(2 * RATE))
        os.kill(redis, signal.SIGKILL)
        await client.speak(speech(3 * RATE))
        await server.ready_when(lambda body: redis_pid(server.directory) not in (None, redis))
        await server.ready_when(lambda body: body["redis"] == "up")
        assert await client.finish() == 1000
    await server.ready_when(lambda body: body["usage_buffered"] == 0)
    assert await billed(server.directory, at_last=5 * RATE) == client.sent == 5 * RATE


async def test_redis_that_hangs_in_mid_session(serve: Serve) -> None:
    """A Redis that stands still gets no second one beside it; the session goes on and nothing counts twice."""
    server = await serve()
    redis = redis_pid(server.directory)
    assert redis is not None
    async with native(server) as client:
        await client.speak(speech(2 * RATE))
        os.kill(redis, signal.SIGSTOP)
        await client.speak(speech(10 * RATE))
        other = await say_and_finish(server, speech(RATE))
        await server.ready_when(lambda body: body["usage_buffered"] > 0)
        os.kill(redis, signal.SIGCONT)
        await server.ready_when(lambda body: body["redis"] == "up" and not body["usage_buffered"])
        assert await client.finish() == 1000
    assert redis_pid(server.directory) == redis
    assert await billed(server.directory, at_last=13 * RATE) == client.sent + other.sent == 13 * RATE


# ── Redis away ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def make_keys(url: str, *users: str, **fields: Any) -> list[str]:
    """Make a key for each user."""
    async with store_of(url) as store:
        return [await make_key(store, user=user, **fields) for user in users]


async def close_of(client: Client) -> tuple[int | None, str]:
    """Return the close code and its reason."""
    return await client.closed(), client.socket.close_reason or ""


async def check_known_key(server: ChildServer, key: str) -> int:
    """Hold a session on each wire; return the samples sent."""
    plain = await say_and_finish(server, speech(2 * RATE), key)
    assert plain.said
    async with prosa(server, key) as client:
        await client.speak(speech(RATE), speed=0)
        await client.say(b"")
        assert await client.closed() == 1000
        assert client.last == {"type": "status", "status": "complete"}
    return plain.sent + client.sent


async def check_unknown_key(server: ChildServer) -> None:
    """See it refused on each wire, with a hint when to try again."""
    async with native(server, "ss_never_seen_before") as client:
        code, reason = await close_of(client)
        assert (code, "retry after 5 s" in reason) == (1013, True)
        [error] = client.of_type("error")
        assert (error["code"], error["retryable"]) == ("store_unavailable", True)
        assert error["retry_after_seconds"] == 5
    async with prosa(server, "ss_never_seen_before") as client:
        code, reason = await close_of(client)
        assert (code, "retry after 5 s" in reason) == (1013, True)
        assert not client.told
    status, body, headers = await server.get("/v1/usage", "ss_never_seen_before")
    assert (status, body["error"]["code"], headers["Retry-After"]) == (503, "store_unavailable", "5")


async def test_redis_away_for_twenty_seconds(serve: Serve, private_redis: Any) -> None:
    """Sessions go on, known keys open new ones, unknown ones are refused, and no sample is lost or counted twice."""
    url = private_redis.url
    steady, passing = await make_keys(url, "steady", "passing", quota_seconds=3600.0)
    server = await serve("--redis-url", url, "--key-fresh-seconds", "0.5")
    already = await check_known_key(server, passing)

    async with native(server, steady) as client:
        speaking = asyncio.create_task(client.speak(speech(28 * RATE)))
        await server.ready_when(lambda body: client.sent >= 3 * RATE)
        await asyncio.to_thread(private_redis.stop)
        away_from = client.sent
        back = asyncio.create_task(asyncio.sleep(20))
        body = await server.ready_when(lambda body: body["usage_buffered"] > 0)
        assert (body["status"], body["redis"]) == ("degraded", "away")
        meanwhile = await check_known_key(server, passing)
        await check_unknown_key(server)
        await back
        away_until = client.sent
        await asyncio.to_thread(private_redis.start)
        body = await server.ready_when(lambda body: body["status"] == "ready" and not body["usage_buffered"])
        assert body["redis"] == "up"
        await speaking
        assert await client.finish() == 1000
    starts = [start for start, _, _ in client.said]
    assert any(away_from < start < away_until for start in starts)
    assert any(away_until < start for start in starts)
    assert client.sent == 28 * RATE
    assert await billed(url, user="steady", at_last=client.sent) == client.sent
    assert await billed(url, user="passing", at_last=already + meanwhile) == already + meanwhile
    with private_redis.client as redis:
        used = [int(redis.get(name)) for name in redis.scan_iter("ss:quota:*")]
    assert sorted(used) == sorted(samples * 1_000_000 // RATE for samples in (client.sent, already + meanwhile))


async def test_restart_while_redis_is_away(serve: Serve, private_redis: Any) -> None:
    """A server does not start without its Redis and says so; what an earlier one left on disk comes with the next."""
    url = private_redis.url
    [key] = await make_keys(url, "anna")
    server = await serve("--redis-url", url)
    async with native(server, key) as client:
        await client.speak(speech(2 * RATE))
        private_redis.stop()
        await client.speak(speech(2 * RATE))
        await server.ready_when(lambda body: body["usage_buffered"] > 0)
        assert await server.stop() == 0
        assert await client.closed() == 1012
    refused = await serve("--redis-url", url)
    assert (refused.url, await refused.process.wait()) == ("", 1)
    assert refused.log.splitlines()[-1] == "Error: setting redis_url: Redis does not answer there"
    private_redis.start()
    assert await billed(url) < client.sent
    server = await serve("--redis-url", url)
    assert await billed(url, at_last=4 * RATE) == client.sent == 4 * RATE
    assert (await server.get("/health/ready"))[1]["usage_buffered"] == 0


# ── quota ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("quota", "rate"), [(3.217, 44_100), (12.5, RATE)])
async def test_quota_ends_a_native_session_at_its_sample(serve: Serve, redis_url: str, quota: float, rate: int) -> None:
    """The client is told the sample, has finals of everything before, and pays the quota to the sample."""
    [key] = await make_keys(redis_url, "anna", quota_seconds=quota)
    server = await serve("--redis-url", redis_url)
    end = round(quota * 1_000_000) * rate // 1_000_000
    audio = speech(end + 2 * rate, rate)
    async with native(server, key, audio={"sample_rate": rate}) as client:
        await client.speak(audio, speed=3)
        assert await client.closed() == 4005
    [error] = client.of_type("error")
    assert (error["code"], error["at_sample"], error["retryable"]) == ("quota_exceeded", end, False)
    assert (client.last["type"], client.last["at_sample"]) == ("closed", end)
    assert client.of_type("usage")[-1]["session_samples"] == end
    assert client.said
    assert client.said[-1][1] > end - rate
    assert await billed(redis_url, at_last=end) == end

    async with native(server, key, audio={"sample_rate": rate}) as client:
        assert await client.closed() == 4005
        assert [message["type"] for message in client.told] == ["error", "closed"]
    async with prosa(server, key) as client:
        assert (await client.closed(), client.told) == (4005, [])


async def test_quota_ends_a_prosa_session_at_its_sample(serve: Serve, redis_url: str) -> None:
    """Close 4005 without `status` complete; results of everything before; the quota to the sample."""
    [key] = await make_keys(redis_url, "anna", quota_seconds=4.25, quota_period="life")
    server = await serve("--redis-url", redis_url)
    async with prosa(server, key) as client:
        await client.speak(speech(6 * RATE))
        assert await client.closed() == 4005
    results = client.of_type("result")
    assert results
    assert results[-1]["time_end"] > 3.25
    assert "complete" not in [message["status"] for message in client.of_type("status")]
    assert await billed(redis_url, at_last=round(4.25 * RATE)) == round(4.25 * RATE)


async def test_parallel_sessions_share_a_quota(serve: Serve, redis_url: str) -> None:
    """Six sessions of one key use up its quota together and overshoot it by at most one lease in sum."""
    [key] = await make_keys(redis_url, "anna", quota_seconds=100.5)
    server = await serve("--redis-url", redis_url)

    async def use(seconds: int) -> int:
        async with native(server, key) as client:
            await client.speak(speech(seconds * RATE), speed=8)
            assert await client.closed() == 4005
            return int(client.last["at_sample"])

    ends = await asyncio.gather(*(use(60) for _ in range(6)))
    assert round(100.5 * RATE) <= sum(ends) <= round(110.5 * RATE)
    assert await billed(redis_url, at_last=sum(ends)) == sum(ends)


# ── graceful stop ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("seconds", "speed"), [(4.7, 1.0), (60.3, 0.0)], ids=["mid-sentence", "recording"])
async def test_sigterm_finishes_what_was_received(serve: Serve, seconds: float, speed: float) -> None:
    """After SIGTERM the finals are those of a session that finished there, and nothing is left running or unpaid."""
    server = await serve("--usage-interval-seconds", "2.5", "--shutdown-grace-seconds", "120")
    audio = speech(round(seconds * RATE))
    finished = await say_and_finish(server, audio)
    async with native(server) as client, prosa(server) as other:
        await asyncio.gather(client.speak(audio, speed=speed), other.speak(audio[: 3 * RATE], speed=speed))
        await asyncio.gather(client.arrived(), other.arrived())
        status = asyncio.create_task(server.stop())
        assert await client.closed() == await other.closed() == 1012
        assert await status == 0
    assert [error["code"] for error in client.of_type("error")] == ["server_stopping"]
    assert client.said == finished.said != []
    assert (client.last["type"], client.last["at_sample"]) == ("closed", len(audio))
    assert other.of_type("result")
    assert {"type": "status", "status": "complete"} not in other.told
    assert redis_pid(server.directory) is None
    server = await serve()
    assert await billed(server.directory, at_last=2 * len(audio) + other.sent) == 2 * len(audio) + other.sent


# ── two servers, one directory ──────────────────────────────────────────────────────────────────────────────────────


async def test_two_servers_share_a_directory(serve: Serve) -> None:
    """Both write to one ledger; the first to stop leaves Redis to the second, whose end is its end."""
    first, second = await asyncio.gather(serve(), serve())
    redis = redis_pid(first.directory)
    clients = [await say_and_finish(server, speech(2 * RATE)) for server in (first, second)]
    assert await billed(first.directory, at_last=4 * RATE) == sum(client.sent for client in clients) == 4 * RATE
    async with native(second) as client:
        await client.speak(speech(RATE))
        assert await first.stop() == 0
        assert redis_pid(second.directory) == redis is not None
        await client.speak(speech(RATE))
        assert await client.finish() == 1000
    assert await billed(second.directory, at_last=6 * RATE) == 6 * RATE
    _, usage, _ = await second.get("/v1/usage")
    assert (usage["total"]["billable_seconds"], usage["total"]["sessions"]) == (6, 3)
    assert await second.stop() == 0
    assert redis_pid(second.directory) is None


# ── exactness ───────────────────────────────────────────────────────────────────────────────────────────────────────


def wav(audio: Pcm, rate: int) -> bytes:
    """Return a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1 if audio.ndim == 1 else audio.shape[1], 2, rate, 0, "NONE", ""))
        writer.writeframes(audio.astype("<i2").tobytes())
    return file.getvalue()


def mulaw(audio: Pcm) -> bytes:
    """Return G.711 µ-law, by its definition."""
    magnitude = np.minimum(np.abs(audio.astype(np.int32)), 32_635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return bytes((~((audio < 0) * 0x80 | exponent << 4 | mantissa) & 0xFF).astype(np.uint8))


async def use(server: ChildServer, key: str, data: bytes, **start: Any) -> Client:
    """Send bytes as they are, in frames of an odd size."""
    async with native(server, key, **start) as client:
        for first in range(0, len(data), 10_007):
            await client.say(data[first : first + 10_007])
        assert await client.finish() == 1000
    return client


async def use_tracks(server: ChildServer, key: str, tracks: list[Pcm]) -> None:
    """Send each track on its own, in turns, over msgpack."""
    names = [f"person {number}" for number in range(len(tracks))]
    audio = {"encoding": "pcm_s16le", "sample_rate": RATE}
    start = {"type": "start", "audio": audio, "tracks": names, "independent_tracks": True}
    async with connect(
        f"{server.ws_url}/v1/stream",
        additional_headers={"x-api-key": key},
        subprotocols=[Subprotocol("stream-server.v1.msgpack")],
        proxy=None,
    ) as socket:
        await socket.send(msgpack.packb(start))
        for first in range(0, max(len(track) for track in tracks), RATE):
            for number, track in enumerate(tracks):
                samples = track[first : first + RATE].astype("<i2").tobytes()
                if samples:
                    await socket.send(msgpack.packb({"type": "audio", "track": number, "samples": samples}))
        await socket.send(msgpack.packb({"type": "finish"}))
        async for _ in socket:
            pass
        assert socket.close_code == 1000


async def test_usage_is_exact_to_the_sample(serve: Serve, redis_url: str) -> None:
    """Billable is the session clock, whatever the channels; tracks add up; a clock face rounds started seconds up."""
    users = ("stereo", "wav", "undeclared", "mulaw", "tracks")
    stereo, wave_44, undeclared, telephone, meeting = await make_keys(redis_url, *users, scopes=("transcribe", "usage"))
    server = await serve("--redis-url", redis_url)
    minute = np.stack([speech(60 * RATE), np.roll(speech(60 * RATE), 5 * RATE)], axis=1)
    await use(server, stereo, minute.astype("<i2").tobytes(), audio={"channels": 2})
    odd = speech(441_007, 44_100)
    await use(server, wave_44, wav(odd, 44_100), audio={"encoding": None, "sample_rate": 44_100})
    await use(server, undeclared, wav(odd, 44_100), audio={"encoding": None})
    spoken = await use(
        server, telephone, mulaw(speech(80_003, 8_000)), audio={"encoding": "pcm_mulaw", "sample_rate": 8_000}
    )
    await use_tracks(server, meeting, [speech(5 * RATE), speech(3 * RATE + 11), speech(9 * RATE // 2)])

    rows = {row.user: row for row in await ledger(redis_url, rows=len(users))}
    counted = {user: (row.clock_rate, row.billable_samples, row.track_samples) for user, row in rows.items()}
    resampled = -(-441_007 * RATE // 44_100)
    assert counted == {
        "stereo": (RATE, 60 * RATE, 120 * RATE),
        "wav": (44_100, 441_007, 441_007),
        "undeclared": (RATE, resampled, resampled),
        "mulaw": (8_000, 80_003, 80_003),
        "tracks": (RATE, 5 * RATE, 5 * RATE + 3 * RATE + 11 + 9 * RATE // 2),
    }
    assert all(0 < row.speech_samples <= row.track_samples for row in rows.values())
    assert rows["mulaw"].speech_samples == spoken.of_type("usage")[-1]["speech_samples"]
    assert [row.sessions for row in rows.values()] == [1] * 5

    _, usage, _ = await server.get("/v1/usage?group_by=user", stereo)
    shown = {row["user"]: (row["billable_seconds"], row["billable"], row["track_seconds"]) for row in usage["rows"]}
    assert shown["stereo"] == (60.0, "0:01:00", 120.0)
    assert shown["wav"] == (10.0, "0:00:11", 10.0)
    assert shown["mulaw"] == (10.0, "0:00:11", 10.0)
    assert shown["tracks"] == (5.0, "0:00:05", 12.5)
