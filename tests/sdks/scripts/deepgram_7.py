"""Drive deepgram-sdk 7: `deepgram_7.py MODE JOB`, the job as JSON; prints what the SDK hands to its user."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from deepgram import AsyncDeepgramClient, DeepgramClient
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment
from deepgram.listen.v1.types.listen_v1configure import ListenV1Configure
from websockets.exceptions import ConnectionClosed

EVENTS = (EventType.OPEN, EventType.CLOSE, EventType.ERROR, EventType.MESSAGE)


def environment(url: str) -> DeepgramClientEnvironment:
    """Return where everything is."""
    sockets = url.replace("http", "ws", 1)
    return DeepgramClientEnvironment(base=url, production=sockets, agent=sockets, agent_rest=url)


def credentials(job: dict[str, Any]) -> dict[str, str]:
    """Return the key, or the token of a grant."""
    return {"access_token": job["token"]} if "token" in job else {"api_key": job["key"]}


def pieces(job: dict[str, Any]) -> list[bytes]:
    """Return a tenth of a second at a time, cut inside a sample."""
    pcm = Path(job["pcm"]).read_bytes()
    return [pcm[at : at + 3_201] for at in range(0, len(pcm), 3_201)]


def noting(told: list[Any], kind: EventType) -> Callable[[Any], None]:
    """Return a hearer of one kind of event."""

    def note(event: Any) -> None:
        if kind is EventType.MESSAGE:
            told.append({"class": type(event).__name__, **json.loads(event.model_dump_json())})
        else:
            told.append({"event": kind.value, "error": f"{type(event).__name__}: {event}" if event else None})

    return note


async def live(job: dict[str, Any]) -> list[Any]:
    """Stream with the asynchronous client, ask for a flush, change the key terms, and end."""
    told: list[Any] = []
    client = AsyncDeepgramClient(environment=environment(job["url"]), **credentials(job))
    async with client.listen.v1.connect(model="nova-3", **job["options"]) as socket:
        for kind in EVENTS:
            socket.on(kind, noting(told, kind))
        listening = asyncio.create_task(socket.start_listening())
        with suppress(ConnectionClosed):  # the listener hears of it too
            await socket.send_configure(ListenV1Configure(type="Configure", keyterms=["airport"]))
            for piece in pieces(job):
                await socket.send_media(piece)
                await asyncio.sleep(0.03)
            await socket.send_keep_alive()
            await socket.send_finalize()
            await socket.send_close_stream()
        await listening
    return told


def live_sync(job: dict[str, Any]) -> list[Any]:
    """Stream with the blocking client and end."""
    told: list[Any] = []
    client = DeepgramClient(environment=environment(job["url"]), **credentials(job))
    with client.listen.v1.connect(model="nova-3", **job["options"]) as socket:
        for kind in EVENTS:
            socket.on(kind, noting(told, kind))
        listening = threading.Thread(target=socket.start_listening)
        listening.start()
        for piece in pieces(job):
            socket.send_media(piece)
            time.sleep(0.03)
        socket.send_close_stream()
        listening.join()
    return told


def recorded(job: dict[str, Any]) -> Any:
    """Transcribe a file: as bytes, or as an iterator, which is sent in chunks of unknown number."""
    client = DeepgramClient(environment=environment(job["url"]), **credentials(job))
    data = Path(job["file"]).read_bytes()
    request: Any = iter([data[:1_000], data[1_000:]]) if job.get("chunked") else data
    extra = {"additional_query_parameters": job["options"]}  # it has no parameter for each of them
    response = client.listen.v1.media.transcribe_file(request=request, request_options=extra)
    return {"class": type(response).__name__, **json.loads(response.model_dump_json())}


def remote(job: dict[str, Any]) -> Any:
    """Transcribe what is at a URL."""
    client = DeepgramClient(environment=environment(job["url"]), **credentials(job))
    response = client.listen.v1.media.transcribe_url(url=job["remote"], **job["options"])
    return json.loads(response.model_dump_json())


MODES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "live": lambda job: asyncio.run(live(job)),
    "live_sync": live_sync,
    "recorded": recorded,
    "remote": remote,
}

if __name__ == "__main__":
    try:
        answer = MODES[sys.argv[1]](json.loads(sys.argv[2]))
    except Exception as error:  # noqa: BLE001  # what the SDK raises is what the test looks at
        status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
        answer = {"raised": type(error).__name__, "status": status, "body": str(getattr(error, "body", None))}
    print(json.dumps(answer))
