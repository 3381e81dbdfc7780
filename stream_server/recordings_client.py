"""A small client of `/v1/recordings`, for the command line and your own programs.

    async with RecordingsClient("http://127.0.0.1:8765") as client:
        recording = await client.submit(Path("meeting.mp3"), {"language": "en"})
        async for recording in client.follow(recording["id"]):
            print(recording["status"], recording["progress"])
        print(await client.transcript(recording["id"], "srt"))

`docs/recordings.md` describes what a recording is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from stream_server.jobs.job import ENDED
from stream_server.protocol.native import PATH

Recording: TypeAlias = dict[str, Any]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

CONNECT_SECONDS = 10.0

QUIET_SECONDS = 60.0
"""A stream of events has a sign of life every 15 s; one that is silent for so long is dead."""

MOST_TRIES = 60
"""To reach a server again, one each `pause_seconds`: one that is started anew loads its model meanwhile."""

_SCHEMES = {"ws": "http", "wss": "https"}


class RequestFailed(Exception):
    """The server refused, or cannot be asked; one sentence for a person."""


class Unavailable(RequestFailed):
    """Asking again later may help."""


class NoServer(Unavailable):
    """Nobody listens at the address."""


class RecordingsClient:
    """Hands recordings to a server and brings what was said in them. Every method may raise `RequestFailed`."""

    def __init__(self, url: str, key: str | None = None, *, pause_seconds: float = 1.0) -> None:
        self.url = http_url(url)
        self.local = urlsplit(self.url).hostname in LOOPBACK
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._pause_seconds = pause_seconds

    async def __aenter__(self) -> Self:
        """Open the session that all requests share."""
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            trust_env=not self.local,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop every connection."""
        await self._session.close()

    async def check(self) -> None:
        """Learn whether the server takes recordings from this key, before anything large is sent."""
        async with self._ask("GET", "/v1/recordings?limit=1"):
            pass

    async def submit(self, path: Path, fields: Mapping[str, str] | None = None) -> Recording:
        """Hand in a file, read from the disk as it is sent, with the form's other fields."""
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except OSError as error:
            raise RequestFailed(f"it cannot be read: {error.strerror or error}") from None
        with file:
            form = aiohttp.FormData(fields or {}, quote_fields=False)
            form.add_field("file", file, filename=path.name)
            async with self._ask("POST", "/v1/recordings", data=form) as answer:
                return await _object(answer)

    async def follow(self, recording_id: str) -> AsyncGenerator[Recording, None]:
        """Yield the recording whenever it has changed, up to its end; a connection that breaks is made again."""
        tries = 0
        while True:
            try:
                async with aclosing(self._events(recording_id)) as events:
                    async for recording in events:
                        tries = 0
                        yield recording
                        if recording["status"] in ENDED:
                            return
            except Unavailable:
                if tries >= MOST_TRIES:
                    raise
            tries += 1
            await asyncio.sleep(self._pause_seconds)

    async def transcript(self, recording_id: str, form: str) -> str:
        """Return what was said, as `txt`, `srt`, `vtt`, `md` or `json`."""
        async with self._ask("GET", f"/v1/records/{recording_id}?format={form}") as answer:
            return await answer.text()

    async def cancel(self, recording_id: str) -> Recording:
        """Stop the work on a recording; one that has ended stays as it is."""
        async with self._ask("POST", f"/v1/recordings/{recording_id}/cancel") as answer:
            return await _object(answer)

    async def _events(self, recording_id: str) -> AsyncGenerator[Recording, None]:
        """Yield what one stream of events says; it may end before the recording does."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=QUIET_SECONDS)
        async with self._ask("GET", f"/v1/recordings/{recording_id}/events", timeout=timeout) as answer:
            async for line in answer.content:
                if not line.startswith(b"data: "):
                    continue
                said = json.loads(line.removeprefix(b"data: "))
                if "status" not in said:
                    raise Unavailable(str(said["error"]["message"]))
                yield said

    @asynccontextmanager
    async def _ask(self, method: str, path: str, **more: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make a request; turn what the network may do into `RequestFailed`."""
        try:
            async with self._session.request(method, self.url + path, **more) as answer:
                if answer.status >= 500:
                    raise Unavailable(await _refusal(answer))
                if not answer.ok:
                    raise RequestFailed(await _refusal(answer))
                yield answer
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise RequestFailed(f"{self.url} is not the address of a server") from None
        except aiohttp.ClientSSLError:
            raise RequestFailed(f"the certificate of {self.url} does not hold") from None
        except aiohttp.ClientConnectorError:
            raise NoServer(f"no server answers at {self.url}") from None
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Unavailable("the connection to the server was lost") from None


def http_url(url: str) -> str:
    """Return a server's address as HTTP has it: `ws://host:8765/v1/stream` is `http://host:8765`."""
    parts = urlsplit(url if "//" in url else f"http://{url}")
    path = parts.path.removesuffix(PATH).rstrip("/")
    return urlunsplit((_SCHEMES.get(parts.scheme, parts.scheme), parts.netloc, path, "", ""))


async def _object(answer: aiohttp.ClientResponse) -> Recording:
    """Return the JSON object of an answer; whoever answers otherwise is another kind of server."""
    with suppress(ValueError, aiohttp.ContentTypeError):
        said = await answer.json()
        if isinstance(said, dict):
            return said
    raise RequestFailed("what answers there is no stream-server")


async def _refusal(answer: aiohttp.ClientResponse) -> str:
    """Return the server's own sentence, or its status."""
    with suppress(ValueError, KeyError, TypeError, aiohttp.ContentTypeError):
        return str((await answer.json())["error"]["message"])
    return f"the server refused with status {answer.status}"
