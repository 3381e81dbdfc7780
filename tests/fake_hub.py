"""A local server of the hub's shape: large files by redirect to storage, small ones from git, digests in headers."""

from __future__ import annotations

import hashlib
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FakeHub(ThreadingHTTPServer):
    """Serves `files`, by their last name, of whatever repository; those in `large` from storage.

    What is set in `files` after the start is served under the digest of what was there before.
    """

    daemon_threads = True

    def __init__(self, large: dict[str, bytes], small: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {**large, **small}
        self.digests = {name: hashlib.sha256(data).hexdigest() for name, data in large.items()}
        self.digests |= {
            name: hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() for name, data in small.items()
        }
        self.large = frozenset(large)
        self.requests: list[tuple[str, str]] = []
        self.cut_after: int | None = None
        self.status = 200

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers like the hub and its storage."""

    server: FakeHub

    def do_GET(self) -> None:
        hub, name = self.server, urllib.parse.unquote(self.path.rsplit("/", 1)[-1])
        hub.requests.append((self.path, self.headers.get("Range", "")))
        if hub.status != 200:
            self._head(hub.status, {"Content-Length": "0"})
        elif self.path.startswith("/storage/"):
            self._body(hub.files[name], {"ETag": '"opaque"'})
        elif self.path == "/":
            self._head(200, {"Content-Length": "0"})
        elif name in hub.large:
            location = f"{hub.endpoint}/storage/{urllib.parse.quote(name)}"
            etag = f'"{hub.digests[name]}"'
            self._head(302, {"Location": location, "X-Linked-Etag": etag, "Content-Length": "0"})
        else:
            self._body(hub.files[name], {"ETag": f'"{hub.digests[name]}"'})

    def _body(self, data: bytes, headers: dict[str, str]) -> None:
        hub = self.server
        begin = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in self.headers else 0
        if begin >= len(data):
            self._head(416, {"Content-Length": "0", **headers})
            return
        rest = data[begin:]
        self._head(206 if begin else 200, {"Content-Length": str(len(rest)), **headers})
        if hub.cut_after is not None:
            rest, hub.cut_after = rest[: hub.cut_after], None
        self.wfile.write(rest)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent."""


@contextmanager
def serving(large: dict[str, bytes], small: dict[str, bytes] | None = None) -> Iterator[FakeHub]:
    """Give a hub on a free port."""
    with FakeHub(large, small or {}) as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
