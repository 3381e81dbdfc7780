"""Bad input of every kind: its clear answer, nothing said in a log, and not the least effect on the neighbours."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import random
import re
import signal
import struct
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import msgpack
import numpy as np
import pytest
import structlog
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import InvalidStatus

from stream_server.asr.scripted import ScriptedEngine
from stream_server.logs import configure_logs
from stream_server.net import websocket
from stream_server.session import runner
from stream_server.session.spool import LOOSE_ITEMS
from tests.decoders import begun, forks_of
from tests.hostile import (
    CLIPS,
    MARKER,
    NATIVE,
    PATIENCE_SECONDS,
    PROSA,
    RATE,
    SPOKEN,
    WIRES,
    Wire,
    address,
    converse,
    deaf_client,
    dial,
    encoded,
    neighbours,
    pieces,
    reset,
    resident_bytes,
    speech,
    talk,
    until,
    upgrade,
)
from tests.live import LiveServer, LiveServerFactory

both_wires = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)

SECRETS = {MARKER, *SPOKEN}


@pytest.fixture(autouse=True)
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Log as in production, and hold every line against what may never stand in one.

    Gives what was logged so far. A client's mistake is never worth an error or a traceback.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logs("json", "info")
    [handler] = [each for each in root.handlers if isinstance(each.formatter, structlog.stdlib.ProcessorFormatter)]
    lines_read = io.StringIO()  # pytest puts another standard error in place for each phase of a test
    reader = logging.StreamHandler(lines_read)
    reader.setFormatter(handler.formatter)
    root.addHandler(reader)

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in lines_read.getvalue().splitlines()]

    yield read
    logged = read()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    lines = lines_read.getvalue().splitlines()
    told = [(line, secret) for line in lines for secret in SECRETS if re.search(rf"\b{re.escape(secret)}\b", line)]
    assert told == []
    assert [line for line in logged if line["level"] in ("error", "critical") or "exception" in line] == []


async def make_key(server: LiveServer, **fields: Any) -> str:
    """Make a key that no log may name."""
    key = await server.create_key(**fields)
    SECRETS.add(key)
    return key


def refusals(logged: list[dict[str, Any]]) -> list[str]:
    """Return the codes of what was refused."""
    return [line["error"] for line in logged if line["event"] in ("refused", "handshake refused", "http refused")]


def clearly(sentence: str) -> bool:
    """Tell whether a client's developer gets a sentence, without the values that were sent."""
    return len(sentence) > 15 and " " in sentence and MARKER not in sentence


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

START = NATIVE.opening()
NO_MESSAGES = [
    f"{MARKER} where audio belongs",
    json.dumps({"type": MARKER}),
    json.dumps({"type": [MARKER]}),
    json.dumps({"kind": MARKER}),
    json.dumps([MARKER]),
    f'{{"type": "flush", "id": "{MARKER}"',
    json.dumps({"type": "flush", "id": {MARKER: 1}}),
    "[" * 100_000,
    "",
]


@pytest.mark.parametrize("bad", NO_MESSAGES, ids=range(len(NO_MESSAGES)))
async def test_a_message_that_is_none(live_server: LiveServerFactory, written: Any, bad: str) -> None:
    """In mid-session and before it the answer is `unexpected_message`, 1003; what was heard before is delivered."""
    async with live_server() as server, neighbours(server):
        early = await talk(server, NATIVE, [bad])
        late = await talk(server, NATIVE, [START, speech(), bad, speech(), NATIVE.ending])
        prosa = await talk(server, PROSA, [PROSA.opening(), speech(), bad, speech()])
        unasked = await talk(server, PROSA, [bad])
    assert early.errors == late.errors == ["unexpected_message"]
    assert (early.code, late.code, prosa.code) == (1003, 1003, 4001)
    assert unasked.code == 4001
    assert all(clearly(end.messages[-2]["message"]) for end in (early,))
    assert all(clearly(end.reason) for end in (early, late, prosa, unasked))
    assert len(NATIVE.finals(late.messages)) == len(PROSA.finals(prosa.messages)) > 0
    assert {"unexpected_message"} <= set(refusals(written())) <= {"unexpected_message", "invalid_configuration"}


@both_wires
async def test_audio_before_the_session_is_asked_for(live_server: LiveServerFactory, wire: Wire) -> None:
    """Binary first is a mistake of order and said so."""
    async with live_server() as server, neighbours(server):
        end = await talk(server, wire, [speech(), wire.opening(), wire.ending])
    assert end.code == {"native": 1003, "prosa": 4001}[wire.name]
    assert clearly(end.reason)


@pytest.mark.parametrize(
    "bad",
    [
        MARKER,
        b"\xc1" + MARKER.encode(),
        b"",
        msgpack.packb([MARKER]),
        msgpack.packb({"type": MARKER}),
        msgpack.packb({b"type": MARKER}),
        msgpack.packb({"type": "audio", "samples": MARKER}),
        msgpack.packb({"type": "audio", "samples": b"\0\0", "track": MARKER}),
        msgpack.packb({"type": "audio", "samples": b"\0\0", "sequence": -1}),
        msgpack.packb({"type": "flush", "id": "f"}) + MARKER.encode(),
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\x00\xff\xff\xff" * 1_000,
        b"\x91" * 100_000,
    ],
    ids=range(13),
)
async def test_bad_msgpack(live_server: LiveServerFactory, bad: str | bytes) -> None:
    """Whatever is no map of ours is `unexpected_message`, before start and after."""
    start = msgpack.packb({"type": "start", "audio": {"encoding": "pcm_s16le"}})
    async with live_server() as server, neighbours(server):
        for frames in ([bad], [start, bad]):
            async with dial(server, subprotocols=["stream-server.v1.msgpack"]) as connection:
                for frame in frames:
                    await connection.send(frame)
                messages = [msgpack.unpackb(frame) async for frame in ignoring_close(connection)]
            assert [m["code"] for m in messages if m["type"] == "error"] == ["unexpected_message"]
            assert connection.close_code == 1003
            assert clearly(connection.close_reason or "")


async def ignoring_close(connection: Any) -> Any:
    """Yield messages to the end, however it comes."""
    from websockets.exceptions import ConnectionClosed

    try:
        while True:
            yield await connection.recv()
    except ConnectionClosed:
        return


@both_wires
async def test_a_huge_frame(live_server: LiveServerFactory, wire: Wire, written: Any) -> None:
    """Over the limit: 1009, before the session and in it, whole or in fragments."""
    huge = b"\0" * 70_000
    async with live_server(max_message_bytes=65_536) as server, neighbours(server):
        for frames in ([huge], [wire.opening(), huge], [wire.opening(), [huge[:40_000], huge[:40_000]]]):
            end = await talk(server, wire, frames)
            assert end.code == 1009
    assert refusals(written()) == ["message_too_large"] * 3


@both_wires
async def test_a_huge_text(live_server: LiveServerFactory, wire: Wire) -> None:
    """No message of ours is that long; it is refused unparsed, for parsing it would hold up everybody."""
    text = json.dumps({"type": "start", "model": "stt-general", MARKER: [{}] * 200_000})
    async with live_server() as server, neighbours(server):
        end = await talk(server, wire, [text])
    assert end.code == 1009
    assert clearly(end.reason)


async def test_text_that_is_no_unicode(live_server: LiveServerFactory) -> None:
    """The websocket itself closes with 1007."""
    async with live_server() as server, neighbours(server):
        async with dial(server) as connection:
            await connection.send(START)
            await connection.send(b"\xff\xfe" + MARKER.encode(), text=True)
            end = await converse(connection, ())
        assert end.code == 1007


# ── audio ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def container(name: str) -> bytes:
    """Return the clip `train` in a container."""
    if name == "flac":
        return (CLIPS / "train.flac").read_bytes()
    return {
        "webm": lambda: encoded("webm", "libopus"),
        "ogg": lambda: encoded("ogg", "libopus"),
        "mp3": lambda: encoded("mp3", "libmp3lame", sample_format="fltp"),
    }[name]()


@both_wires
@pytest.mark.parametrize("name", ["flac", "webm", "ogg", "mp3"])
async def test_a_container_that_breaks_off(live_server: LiveServerFactory, wire: Wire, name: str) -> None:
    """Half a file is half the words, the first ones; so are two halves with a hole between them, at least."""
    data = container(name)
    half = data[: len(data) // 2]
    async with live_server() as server, neighbours(server):
        whole, broken, holed = [
            await talk(server, wire, [wire.opening(None), *pieces(sent, 1_000), wire.ending])
            for sent in (data, half, half + data[len(data) * 2 // 3 :])
        ]
    words, kept, most = [" ".join(wire.finals(end.messages)).lower().split() for end in (whole, broken, holed)]
    assert (whole.code, broken.code, holed.code) == (1000, 1000, 1000)
    assert 3 <= len(kept) < len(words)
    assert plain(kept[:-1]) == plain(words[: len(kept) - 1])
    assert len(most) >= len(kept)


def plain(words: list[str]) -> list[str]:
    """Return words without punctuation."""
    return [word.strip(".,") for word in words]


@pytest.mark.parametrize(
    "magic", [b"fLaC", b"OggS", b"\x1a\x45\xdf\xa3", b"ID3\x04", b"\0\0\0\x20ftypisom", b"\xff\xfb\x90"]
)
async def test_a_container_of_rubbish(live_server: LiveServerFactory, magic: bytes) -> None:
    """A right beginning and nothing behind it: `unsupported_audio`, or no words; and the decoder's place is free."""
    rubbish = magic + random.Random(7).randbytes(200_000)
    async with live_server(max_container_sessions=1) as server, neighbours(server):
        for wire, codes in ((NATIVE, {4015, 1000}), (PROSA, {4001, 1000})):
            end = await talk(server, wire, [wire.opening(None), *pieces(rubbish, 10_000), wire.ending])
            assert end.code in codes
        fine = await talk(server, NATIVE, [NATIVE.opening(None), container("flac"), NATIVE.ending])
        assert fine.code == 1000
        assert NATIVE.finals(fine.messages)


def announcing(count: int) -> bytes:
    """Return an MP4 of a second whose index says that it has so many packets."""
    data = bytearray(encoded_on_disk())
    sizes, chunks, times = (data.index(name) for name in (b"stsz", b"stsc", b"stts"))
    struct.pack_into(">II", data, sizes + 8, 1, count)
    struct.pack_into(">IIII", data, chunks + 8, 1, 1, count, 1)
    struct.pack_into(">III", data, times + 8, 1, count, 1_024)
    return bytes(data)


def encoded_on_disk() -> bytes:
    """Return an MP4 whose index comes first, which libav moves there on a disk alone."""
    with tempfile.NamedTemporaryFile(suffix=".m4a") as file:
        with av.open(file.name, "w", options={"movflags": "faststart"}) as output:
            stream: Any = output.add_stream("aac", rate=RATE, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE), np.float32), format="fltp", layout="mono")
            frame.sample_rate = RATE
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                output.mux(packet)
        return Path(file.name).read_bytes()


@both_wires
async def test_an_index_that_wants_all_memory(live_server: LiveServerFactory, wire: Wire) -> None:
    """Two kilobytes that announce forty million packets are refused, and take nothing of the server's."""
    async with live_server(container_memory_bytes=64 << 20) as server, neighbours(server):
        before = resident_bytes()
        end = await talk(server, wire, [wire.opening(None), *pieces(announcing(40_000_000), 1_000), wire.ending])
        assert resident_bytes() - before < 200 << 20
    assert end.code == {"native": 4015, "prosa": 4001}[wire.name]
    assert clearly(end.reason)


@pytest.mark.parametrize(
    ("wire", "number"), [(NATIVE, signal.SIGKILL), (PROSA, signal.SIGKILL), (NATIVE, signal.SIGSTOP)], ids=range(3)
)
async def test_a_decoder_that_breaks(
    live_server: LiveServerFactory, wire: Wire, number: signal.Signals, written: Any
) -> None:
    """Or hangs: its session ends with a clear error and its place is free; the stream beside it loses no word."""
    data = container("webm")
    half = len(data) // 2
    first, second = pieces(data[:half], 500), pieces(data[half:], 500)
    limits = {"max_container_sessions": 2, "container_stall_seconds": 3}
    async with live_server(**limits) as server, neighbours(server):
        fork_server = server.app._fork_server
        (await begun(fork_server))[0].close()  # so that nobody's time goes to its beginning
        alone = await talk(server, NATIVE, [NATIVE.opening(None), *first, *second, NATIVE.ending])
        async with dial(server, NATIVE) as beside, dial(server, wire) as victim:
            await send_all(beside, [NATIVE.opening(None), *first])
            await until(lambda: len(forks_of(fork_server)) == 1)
            await send_all(victim, [wire.opening(None), *first])
            while json.loads(await victim.recv())["type"] != "partial":
                pass
            forks_of(fork_server)[-1].send_signal(number)
            end = await converse(victim, second)
            await until(lambda: len(forks_of(fork_server)) == 1)
            again = await talk(server, wire, [wire.opening(None), *first, *second, wire.ending])
            goes_on = await converse(beside, [*second, NATIVE.ending])
    assert end.code == {"native": 4015, "prosa": 4001}[wire.name]
    assert clearly(end.reason)
    assert (again.code, goes_on.code, goes_on.errors) == (1000, 1000, [])
    assert NATIVE.finals(goes_on.messages) == NATIVE.finals(alone.messages) != []
    assert wire.finals(again.messages)
    outcomes = [line["outcome"] for line in written() if line["event"] == "session closed"]
    assert [outcome for outcome in outcomes if outcome != "ok"] == ["unsupported_audio"]
    assert forks_of(fork_server) == []


async def send_all(connection: ClientConnection, frames: Iterable[str | bytes]) -> None:
    """Send frames."""
    for frame in frames:
        await connection.send(frame)


async def test_who_vanishes_leaves_no_decoder(live_server: LiveServerFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that hangs."""
    monkeypatch.setattr(runner, "ALONE_SECONDS", 0.1)
    async with live_server() as server, neighbours(server), dial(server) as connection:
        await send_all(connection, [NATIVE.opening(None), *pieces(container("mp3"), 1_000)[:3]])
        fork_server = server.app._fork_server
        await until(lambda: len(forks_of(fork_server)) == 1)
        forks_of(fork_server)[0].suspend()
        await connection.send(b"more")
        reset(connection)
        await until(lambda: forks_of(fork_server) == [])


@both_wires
async def test_a_wrong_rate(live_server: LiveServerFactory, wire: Wire) -> None:
    """48 kHz declared for 16 kHz is merely not understood; 1000 Hz and "fast" are no rates."""
    async with live_server() as server, neighbours(server):
        hurried = await talk(server, wire, [wire.opening(rate=48_000), *pieces(speech(), 960), wire.ending])
        slow = await talk(server, wire, [wire.opening(rate=1_000), speech()])
        no_number = await talk(server, wire, [wire.opening(rate=MARKER), speech()])  # type: ignore[arg-type]
    assert (hurried.code, hurried.errors) == (1000, [])
    assert slow.code == no_number.code == 4001
    for end in (slow, no_number):
        assert "audio.sample_rate" in end.reason
        assert clearly(end.reason)
        if wire is NATIVE:
            assert end.errors == ["invalid_configuration"]


@both_wires
async def test_a_header_that_knows_better(live_server: LiveServerFactory, wire: Wire) -> None:
    """A WAV file at 48 kHz, declared as raw audio at 16: the header is believed, the clock stays as declared."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 48_000, 0, "NONE", ""))
        writer.writeframes(speech(rate=48_000))
    async with live_server() as server, neighbours(server):
        plainly = await talk(server, wire, [wire.opening(), *pieces(speech(), 6_400), wire.ending])
        known = await talk(server, wire, [wire.opening(), *pieces(file.getvalue(), 19_200), wire.ending])
    assert wire.finals(known.messages) == wire.finals(plainly.messages) != []
    if wire is NATIVE:
        assert known.messages[-1]["at_sample"] == len(speech()) // 2


@both_wires
async def test_a_minute_of_random_bytes(live_server: LiveServerFactory, wire: Wire) -> None:
    """Declared it is noise, heard to its end; undeclared it is no audio, and nobody waits for all of it."""
    noise = pieces(random.Random(5).randbytes(60 * RATE * 2), 3_200)
    async with live_server() as server, neighbours(server):
        declared = await talk(server, wire, [wire.opening(), *noise, wire.ending])
        undeclared = await talk(server, wire, [wire.opening(None), *noise, wire.ending])
    assert (declared.code, declared.errors) == (1000, [])
    assert undeclared.code == {"native": 4015, "prosa": 4001}[wire.name]
    assert clearly(undeclared.reason)
    if wire is NATIVE:
        assert undeclared.errors == ["unsupported_audio"]
        assert declared.messages[-1]["at_sample"] == 60 * RATE


@both_wires
async def test_a_burst_of_a_hundred_megabytes(live_server: LiveServerFactory, wire: Wire) -> None:
    """The spool's limit ends it with the dialect's error; memory stays bounded; what fitted is transcribed."""
    piece = (speech() * 6)[: 1 << 20]
    spool = {"spool_memory_bytes": 65_536, "spool_disk_bytes": 1 << 20, "unheard_seconds": 5}
    largest = 0

    def burst() -> Iterator[str | bytes]:
        nonlocal largest
        yield wire.opening()
        for number in range(1_000):
            yield piece[:100_000]
            if number % 50 == 0:
                largest = max(largest, resident_bytes())

    async with live_server(**spool) as server, neighbours(server):
        before = resident_bytes()
        end = await talk(server, wire, burst())
        largest = max(largest, resident_bytes())
    assert end.code == {"native": 4013, "prosa": 4029}[wire.name]
    assert clearly(end.reason)
    assert wire.finals(end.messages)
    assert largest - before < 80 << 20


async def test_a_burst_of_commands(live_server: LiveServerFactory, written: Any) -> None:
    """What waits is bounded also when it is no audio."""
    free = threading.Event()
    engine = ScriptedEngine(cost_seconds=1, sleep=lambda _: free.wait(PATIENCE_SECONDS) and None)
    flush = json.dumps({"type": "flush", "id": "f"})
    limits = {"unheard_seconds": 1, "spool_disk_bytes": 0, "outbound_bytes": 1 << 23}
    async with live_server(engine_object=engine, **limits) as server:
        free.set()
        async with neighbours(server):
            free.clear()
            flooding = asyncio.create_task(talk(server, NATIVE, [START, speech() * 3, *[flush] * (LOOSE_ITEMS + 100)]))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await until(lambda: "backlog_exceeded" in refusals(written()))
            free.set()
            end = await flooding
    assert (end.code, end.errors) == (4013, ["backlog_exceeded"])
    assert NATIVE.finals(end.messages)


@both_wires
async def test_one_byte_per_frame(live_server: LiveServerFactory, wire: Wire) -> None:
    """The same words as in one piece."""
    audio = speech("short")[:40_000]
    async with live_server() as server, neighbours(server):
        whole = await talk(server, wire, [wire.opening(), audio, wire.ending])
        single = [bytes([byte]) for byte in audio[:6_000]]
        bytewise = await talk(server, wire, [wire.opening(), *single, audio[6_000:], wire.ending])
    assert wire.finals(bytewise.messages) == wire.finals(whole.messages) != []


# ── clients that do not take part ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel and the transport hold little of what a client does not read, and wait little for it."""
    made = ServerConnection.connection_made

    def connection_made(self: ServerConnection, transport: Any) -> None:
        import socket

        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        made(self, transport)

    monkeypatch.setattr(ServerConnection, "connection_made", connection_made)
    monkeypatch.setattr("stream_server.net.port.WRITE_BUFFER_BYTES", 1_024)
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", 0.3)


def outcomes(logged: list[dict[str, Any]], name: str) -> list[str]:
    """Return how sessions on a wire ended, the well-ended ones aside."""
    ended = [line["outcome"] for line in logged if line["event"] == "session closed" and line["dialect"] == name]
    return [outcome for outcome in ended if outcome != "ok"]


@pytest.mark.usefixtures("narrow")
@both_wires
async def test_a_client_that_never_reads(live_server: LiveServerFactory, wire: Wire, written: Any) -> None:
    """Finals are kept up to the limit, then it is cut off; its session is gone."""
    async with live_server(outbound_bytes=16_384) as server, neighbours(server), deaf_client(server, wire) as deaf:
        await deaf.send(wire.opening(), *[speech("short") + b"\0" * 32_000] * 60)
        await cut_off(written, wire)


async def cut_off(written: Callable[[], list[dict[str, Any]]], wire: Wire) -> None:
    """Wait until the log tells of a slow client, and of nothing worse."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await until(lambda: bool(outcomes(written(), wire.name)))
    assert outcomes(written(), wire.name) == ["slow_client"]


@pytest.mark.usefixtures("narrow")
async def test_a_flood_that_must_be_answered(live_server: LiveServerFactory, written: Any) -> None:
    """Warnings that nobody reads are kept up to the same limit as finals."""
    start = msgpack.packb({"type": "start", "audio": {"encoding": "pcm_s16le"}})
    jumps = [msgpack.packb({"type": "audio", "samples": b"", "sequence": 2 * number}) for number in range(2_000)]
    offer = "Sec-WebSocket-Protocol: stream-server.v1.msgpack"
    async with (
        live_server(outbound_bytes=16_384) as server,
        neighbours(server),
        deaf_client(server, NATIVE, offer) as deaf,
    ):
        await deaf.send(start, *jumps)
        await cut_off(written, NATIVE)


@pytest.mark.usefixtures("narrow")
async def test_a_client_that_reads_late(live_server: LiveServerFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the limit nothing that counts is lost: partials are dropped, the rest forms one gapless sequence."""
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", PATIENCE_SECONDS)  # it does read to the end
    async with live_server() as server, neighbours(server):
        async with deaf_client(server, NATIVE) as deaf:
            talking = pieces((speech("short") + b"\0" * 32_000) * 30, 6_400)
            await deaf.send(NATIVE.opening(partial_interval_ms=100), *talking)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await until(lambda: "Final" in counted(server, "events_total", 30))
            await deaf.send(NATIVE.ending)
            end = await deaf.hear()
        await until(lambda: "partials_dropped_total" in counted(server, "partials_dropped_total", 1))
    durable = [m["sequence"] for m in end.messages if m["type"] in ("final", "flushed", "usage")]
    assert end.code == 1000
    assert durable == list(range(1, len(durable) + 1))
    assert len(NATIVE.finals(end.messages)) == 30


@pytest.mark.usefixtures("narrow")
async def test_a_client_that_holds_up_the_end(live_server: LiveServerFactory, written: Any) -> None:
    """A server that stops waits for who does not read as long as it said, then closes with 1012."""
    async with live_server(shutdown_grace_seconds=0.2) as server:
        deaf = deaf_client(server, PROSA)
        client = await deaf.__aenter__()
        await client.send(PROSA.opening(), *[speech("short") + b"\0" * 32_000] * 12)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await until(lambda: "Final" in counted(server, "events_total", 12))
    assert outcomes(written(), "prosa") == ["server_stopping"]
    await deaf.__aexit__(None, None, None)


def counted(server: LiveServer, name: str, least: float) -> str:
    """Return the labels of the counters of this name that have reached a number."""
    lines = server.app.metrics.render().decode().splitlines()
    return " ".join(line for line in lines if name in line and line[0] != "#" and float(line.split()[-1]) >= least)


@both_wires
async def test_a_client_that_never_says_what_it_wants(live_server: LiveServerFactory, wire: Wire) -> None:
    """The handshake's time runs out; a client that only keeps alive is no better."""
    async with live_server(handshake_seconds=1) as server, neighbours(server):
        silent = await talk(server, wire, [])
    assert silent.code == {"native": 4008, "prosa": 1008}[wire.name]
    assert clearly(silent.reason)
    if wire is NATIVE:
        assert silent.errors == ["idle_timeout"]


@both_wires
async def test_a_client_that_falls_silent(live_server: LiveServerFactory, wire: Wire) -> None:
    """After the idle time the session ends, with the finals of what was said."""
    async with live_server(idle_seconds=2) as server, neighbours(server):
        end = await talk(server, wire, [wire.opening(), speech("short")])
    assert end.code == {"native": 4008, "prosa": 1008}[wire.name]
    assert wire.finals(end.messages)
    assert clearly(end.reason)


@both_wires
async def test_a_client_that_vanishes(live_server: LiveServerFactory, wire: Wire, written: Any) -> None:
    """A reset in mid-utterance frees the session's place, on the server and of its key, at once."""
    async with live_server(keys=True, max_sessions=3) as server:
        key, other = await make_key(server, max_sessions=1), await make_key(server)
        async with neighbours(server, other):
            for _ in range(3):
                async with dial(server, wire, key) as connection:
                    await connection.send(wire.opening())
                    await connection.send(speech()[:100_000])
                    await connection.recv()
                    assert len(server.app.registry) == 3
                    reset(connection)
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await until(lambda: len(server.app.registry) == 2)
                        await until(lambda: not server.app.authenticator._running.get(key))
                await asyncio.sleep(0)
    assert outcomes(written(), wire.name) == ["vanished"] * 3


# ── keys and room ───────────────────────────────────────────────────────────────────────────────────────────────────


@both_wires
async def test_keys_that_do_not_open(live_server: LiveServerFactory, wire: Wire) -> None:
    """Missing, unknown, expired, revoked, without the scope: each says which, and never the key."""
    SECRETS.add("sk-nobody-has-this")
    async with live_server(keys=True) as server:
        good = await make_key(server)
        cases = {
            None: "needed",
            "sk-nobody-has-this": "unknown",
            await make_key(server, expires_at=time.time() - 1): "expired",
            await make_key(server, revoked_at=time.time() - 1): "revoked",
            await make_key(server, scopes=("usage",)): "scope",
        }
        async with neighbours(server, good):
            for key, word in cases.items():
                end = await talk(server, wire, [wire.opening(), *[speech()[:3_200]] * 300], key)
                assert end.code == (4003 if word == "scope" and wire is NATIVE else 4000)
                assert word in end.reason
                assert not key or key not in end.reason
                assert wire.finals(end.messages) == []


@both_wires
async def test_a_key_that_is_revoked_in_use(live_server: LiveServerFactory, wire: Wire) -> None:
    """The running session goes on to its end; a new one is refused at once."""
    async with live_server(keys=True) as server:
        good, key = await make_key(server), await make_key(server, label="short-lived")
        async with neighbours(server, good), dial(server, wire, key) as connection:
            await connection.send(wire.opening())
            await connection.recv()
            [record] = [found for found in await server.app.store.list_keys("default") if found.label == "short-lived"]
            await server.app.authenticator.revoke(record.id, None)
            again = await talk(server, wire, [wire.opening()], key)
            end = await converse(connection, [speech(), wire.ending])
    assert (again.code, "revoked" in again.reason) == (4000, True)
    assert end.code == 1000
    assert wire.finals(end.messages)


async def test_a_full_server(live_server: LiveServerFactory) -> None:
    """Native: 503 with `Retry-After` before the upgrade. Prosa: 4029 after it. Then there is room again."""
    async with live_server(max_sessions=3) as server, neighbours(server):
        async with dial(server) as third:
            await third.send(START)
            await third.recv()
            with pytest.raises(InvalidStatus) as refused:
                await dial(server)
            prosa = await talk(server, PROSA, [PROSA.opening()])
        response = refused.value.response
        assert (response.status_code, int(response.headers["Retry-After"]) > 0) == (503, True)
        assert json.loads(response.body)["error"]["code"] == "server_full"
        assert (prosa.code, prosa.messages) == (4029, [])
        assert "retry after" in prosa.reason
        async with asyncio.timeout(PATIENCE_SECONDS):
            await until(lambda: len(server.app.registry) == 2)
        assert (await talk(server, NATIVE, [START, speech(), NATIVE.ending])).code == 1000


@both_wires
async def test_a_key_s_limits(live_server: LiveServerFactory, wire: Wire) -> None:
    """Too many at once, and too many a minute, are 4029 with a hint; the place comes back with the session's end."""
    async with live_server(keys=True) as server:
        good = await make_key(server)
        single, rare = await make_key(server, max_sessions=1), await make_key(server, sessions_per_minute=2)
        async with neighbours(server, good):
            async with dial(server, wire, single) as connection:
                await connection.send(wire.opening())
                await connection.recv()
                over = await talk(server, wire, [wire.opening()], single)
                assert (await converse(connection, [wire.ending])).code == 1000
            async with asyncio.timeout(PATIENCE_SECONDS):
                await until(lambda: len(server.app.registry) == 2)
                while (await talk(server, wire, [wire.opening(), wire.ending], single)).code != 1000:
                    pass
            often = [(await talk(server, wire, [wire.opening(), wire.ending], rare)) for _ in range(3)]
    assert over.code == 4029
    assert [end.code for end in often] == [1000, 1000, 4029]
    assert all("retry after" in end.reason for end in (over, often[-1]))
    if wire is NATIVE:
        assert (over.errors, often[-1].errors) == (["too_many_sessions"], ["rate_limited"])


async def test_a_server_that_is_behind_says_no_and_recovers(live_server: LiveServerFactory, written: Any) -> None:
    """Who is here loses no final and is told; newcomers are refused in each wire's way; then the door opens again."""
    free = threading.Event()
    engine = ScriptedEngine(cost_seconds=1, sleep=lambda _: free.wait(PATIENCE_SECONDS) and None)
    limits = {"load_slow_partials_ms": 50, "load_finals_only_ms": 100, "load_full_ms": 200, "load_recovery_seconds": 0}
    async with live_server(engine_object=engine, **limits) as server:
        here = [await dial(server) for _ in range(3)]  # all of them before the door is shut
        talks = [asyncio.create_task(converse(each, [START, speech(), NATIVE.ending])) for each in here]
        async with asyncio.timeout(PATIENCE_SECONDS):
            await until(lambda: server.app.registry.unavailable() is not None)
        with pytest.raises(InvalidStatus) as refused:
            await talk(server, NATIVE, [])
        assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (503, "5")
        assert (await talk(server, PROSA, [])).code == 4029
        free.set()
        ends = await asyncio.gather(*talks)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await until(lambda: server.app.registry.unavailable() is None)
        assert (await talk(server, NATIVE, [START, speech(), NATIVE.ending])).code == 1000
    for end in ends:
        assert (end.code, end.errors) == (1000, [])
        assert NATIVE.finals(end.messages)
    levels = [message["level"] for end in ends for message in end.messages if message["type"] == "load"]
    assert "full" in levels
    assert "full" in [entry["load"] for entry in written() if entry["event"] == "load changed"]


# ── connections ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /v1/str",
        upgrade("/v1/stream")[:-2],
        b"GET / HTTP/1.1\r\n"
        b"X-Filler: " + b"x" * 5_000 + b"\r\n" + b"X-More: " + b"x" * 7_000 + b"\r\nX-Rest: " + b"x" * 6_000,
    ],
)
async def test_a_handshake_that_never_ends(live_server: LiveServerFactory, begun: bytes) -> None:
    """A head that comes byte by byte is cut off in the handshake's time, however far it has come."""
    async with live_server(handshake_seconds=1) as server, neighbours(server):
        reader, writer = await asyncio.open_connection(*address(server))
        writer.write(begun)

        async def drip() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await read_all(reader)
        dripping.cancel()
        writer.close()
    assert b" 101 " not in answer


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (upgrade("/v1/stream").replace(b"localhost", b"foe.example:8765"), 403),
        (b"GET /v1/usage HTTP/1.1\r\nHost: foe.example:8765\r\nConnection: close\r\n\r\n", 403),
        (upgrade("/v1/stream", "Host: foe.example"), 403),
        (upgrade("/v1/stream", "Origin: http://[::1"), 403),
        (upgrade("//[x"), 400),
    ],
)
async def test_a_handshake_from_elsewhere(
    live_server: LiveServerFactory, head: bytes, status: int, written: Any
) -> None:
    """A foreign name for this machine, a foreign or broken origin and a broken path are refused as client errors."""
    async with live_server() as server, neighbours(server):
        reader, writer = await asyncio.open_connection(*address(server))
        writer.write(head)
        answer = await read_all(reader)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert "internal_error" not in refusals(written())


@both_wires
async def test_a_key_that_is_no_text(live_server: LiveServerFactory, wire: Wire) -> None:
    """Bytes beyond ASCII are an unknown key like any other."""
    async with live_server(keys=True) as server, deaf_client(server, wire, "x-api-key: ÿ") as client:
        await client.send(wire.opening())
        assert (await client.hear()).code == 4000


async def read_all(reader: asyncio.StreamReader) -> bytes:
    """Read to the end, however it comes."""
    received = b""
    try:
        while data := await reader.read(65_536):
            received += data
    except ConnectionError:
        pass
    return received


@pytest.mark.parametrize(
    "head",
    [
        b"\x16\x03\x01\x02\x00\x01\x00" + MARKER.encode(),
        b"GET /v1/stream HTTP/9.9\r\n\r\n",
        upgrade(f"/{MARKER}"),
        upgrade("/v1/stream", f'Sec-WebSocket-Protocol: "{MARKER}", bearer.{MARKER}, ,;='),
        upgrade("/v1/stream", f"Sec-WebSocket-Extensions: {MARKER}; ;;=="),
        upgrade("/v1/stream").replace(b"AAAAAAAAAAAAAAAAAAAAAA==", MARKER.encode()),
        upgrade("/v1/stream", f"Origin: https://{MARKER}.example"),
        upgrade(f"/v1/stream?token=%ff%fe{MARKER}"),
        upgrade(f"/v1/stream\xff?{MARKER}=" + "x" * 9_000),
        upgrade("/v1/stream", *[f"X-{number}: {MARKER}" for number in range(300)]),
        upgrade("/v1/stream", f"Content-Length: {MARKER}"),
    ],
    ids=range(11),
)
async def test_a_handshake_that_is_none(
    live_server: LiveServerFactory, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused with a status of the client's fault (or not even that), never our own, and logged without its values."""
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", 0.3)
    async with live_server(handshake_seconds=1) as server, neighbours(server):
        reader, writer = await asyncio.open_connection(*address(server))
        writer.write(head)
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await read_all(reader)
        writer.close()
    assert not answer or re.match(rb"HTTP/1\.[01] (101|4\d\d) ", answer)


async def test_two_hundred_that_come_and_go(live_server: LiveServerFactory) -> None:
    """Connections opened and closed at once, at every stage of their beginning, leave nothing behind."""
    async with live_server() as server, neighbours(server):

        async def visit(number: int) -> None:
            reader, writer = await asyncio.open_connection(*address(server))
            if number % 4:
                writer.write(upgrade("/v1/stream")[: None if number % 4 > 1 else 40])
            if number % 4 == 3:
                await reader.readuntil(b"\r\n\r\n")
            writer.transport.abort()

        await asyncio.gather(*(visit(number) for number in range(200)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await until(lambda: 'sessions_open{dialect="native"} 1.0' in server.app.metrics.render().decode())
