"""A small client of the native wire, for the command line, the demo and your own programs.

    async for event in stream(file_source(Path("meeting.flac")), "ws://127.0.0.1:8765"):
        if event["type"] == "final":
            print(event["speaker"], event["text"])  # {"id": 1, "name": "Anna", "confidence": 1.0}, or None

`docs/protocol.md` describes the events.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, TextIO, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from stream_server.captions import Captions
from stream_server.errors import StreamServerError
from stream_server.protocol.client_messages import finish_message, read_message, start_message
from stream_server.protocol.dialect import Frame
from stream_server.protocol.native import PATH
from stream_server.session.options import SessionOptions
from stream_server.sources import Source, SourceError

Event: TypeAlias = dict[str, Any]

LARGEST_EVENT_BYTES = 16 * 1024 * 1024


class StreamError(Exception):
    """The session could not be held; one sentence for a person."""


async def stream(
    source: Source,
    url: str,
    key: str | None = None,
    options: SessionOptions | None = None,
    speed: float = 1.0,
    *,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[Event, None]:
    """Send a source's audio and yield the server's events until it closes the session.

    `url` is the server's, `ws://`, `wss://`, `http://` or `https://`, with or without a path. Audio with a pace is sent
    as if it were spoken now, `speed` times as fast; 0 means as fast as the server takes it. Setting `stop` ends the
    audio there; what was sent still becomes final. An `error` event is yielded like any other.

    Raises `StreamError` if the server cannot be reached, refuses or vanishes, `SourceError` if the audio breaks,
    `InvalidConfiguration` if the options do not fit the audio.
    """
    wanted = replace(options or SessionOptions(), audio=source.audio, tracks=source.tracks)
    async with _session(url, key) as socket:
        ready, broken = asyncio.Event(), asyncio.Queue[SourceError]()
        blocks = _until(source.blocks(), stop or asyncio.Event())
        pace = source.bytes_per_second * speed if source.bytes_per_second else 0.0
        sending = _send(socket, start_message(wanted), blocks, ready=ready, pace=pace, broken=broken)
        sender = asyncio.create_task(sending)
        try:
            async for frame in socket:
                event = read_message(frame)
                if event["type"] == "ready":
                    ready.set()
                yield event
                if event["type"] == "closed":
                    return
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        if not broken.empty():
            raise broken.get_nowait()
        raise StreamError("the server closed the connection before the session ended")


def websocket_url(url: str) -> str:
    """Return the native wire's address on a server: `http://host:8765` is `ws://host:8765/v1/stream`."""
    parts = urlsplit(url if "//" in url else f"ws://{url}")
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit(parts._replace(scheme=scheme, path=PATH if parts.path in {"", "/"} else parts.path))


@asynccontextmanager
async def _session(url: str, key: str | None) -> AsyncIterator[ClientConnection]:
    """Connect; turn what the network may do into `StreamError`."""
    address = websocket_url(url)
    host = urlsplit(address).hostname or ""
    try:
        async with connect(
            address,
            additional_headers={"Authorization": f"Bearer {key}"} if key else None,
            compression=None,
            max_size=LARGEST_EVENT_BYTES,
            proxy=None if host in {"127.0.0.1", "::1", "localhost"} else True,
        ) as socket:
            yield socket
    except InvalidURI as error:
        raise StreamError(f"{url} is not the address of a server") from error
    except InvalidStatus as error:
        raise StreamError(_refusal(error)) from error
    except (OSError, InvalidHandshake, TimeoutError) as error:
        raise StreamError(f"no server answers at {url}") from error
    except ConnectionClosed as error:
        reason = error.rcvd.reason if error.rcvd else ""
        raise StreamError(reason or "the connection to the server was lost") from error


def _refusal(error: InvalidStatus) -> str:
    """Return the server's own sentence from a refused handshake, or its status."""
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(error.response.body or b"")["error"]["message"])
    return f"the server refused the connection with status {error.response.status_code}"


async def _send(
    socket: ClientConnection,
    start: Frame,
    blocks: AsyncGenerator[bytes, None],
    *,
    ready: asyncio.Event,
    pace: float,
    broken: asyncio.Queue[SourceError],
) -> None:
    """Send `start`, once the server is ready the audio at `pace` bytes per second (0: at once), then `finish`.

    A source that breaks is put into `broken` and the connection closed; that the server closed it, the reader sees.
    """
    loop = asyncio.get_running_loop()
    with suppress(ConnectionClosed):
        await socket.send(start)
        await ready.wait()
        started, sent = loop.time(), 0
        try:
            async with aclosing(blocks):
                async for block in blocks:
                    sent += len(block)
                    if pace > 0:
                        await asyncio.sleep(started + sent / pace - loop.time())
                    await socket.send(block)
            await socket.send(finish_message())
        except SourceError as error:
            broken.put_nowait(error)
            await socket.close()


async def _until(blocks: AsyncIterator[bytes], stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """Yield blocks until they end or `stop` is set, even while none comes."""
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            step = asyncio.ensure_future(anext(blocks, None))
            try:
                await asyncio.wait((step, stopped), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not step.done():
                    step.cancel()
                    with suppress(asyncio.CancelledError):
                        await step
            if step.cancelled() or (block := step.result()) is None:
                return
            yield block
    finally:
        stopped.cancel()


class Screen:
    """Writes events to a terminal or a file: captions, or with `as_json` one event per line."""

    def __init__(self, output: TextIO, *, as_json: bool = False) -> None:
        self._output = output
        self._as_json = as_json
        self._captions = Captions(tty=output.isatty() and not as_json)

    def show(self, event: Event) -> None:
        """Write what there is to see of an event, at once."""
        if self._as_json:
            self._output.write(json.dumps(event, ensure_ascii=False) + "\n")
        else:
            self._captions.width, self._captions.height = shutil.get_terminal_size()
            self._output.write(self._captions.render(event))
        self._output.flush()

    def close(self) -> None:
        """Leave the terminal tidy."""
        self._output.write("" if self._as_json else self._captions.close())
        self._output.flush()


async def run_transcribe(
    source: Source,
    url: str,
    key: str | None = None,
    options: SessionOptions | None = None,
    speed: float = 1.0,
    *,
    as_json: bool = False,
    output: TextIO | None = None,
) -> int:
    """Stream a source and show its captions; return the exit status.

    The first Ctrl-C ends the audio and waits for the last finals, the second one ends everything. Errors are one
    sentence on standard error.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    with suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread, or not a Unix
        loop.add_signal_handler(signal.SIGINT, interrupt)
    screen = Screen(output or sys.stdout, as_json=as_json)
    try:
        return await _show(stream(source, url, key, options, speed, stop=stop), screen)
    except (StreamError, SourceError, StreamServerError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    finally:
        screen.close()
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGINT)


async def _show(events: AsyncGenerator[Event, None], screen: Screen) -> int:
    failed = False
    async with aclosing(events):
        async for event in events:
            screen.show(event)
            failed = failed or event["type"] == "error"
    return int(failed)
