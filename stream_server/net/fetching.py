"""Fetch recordings from where clients say that they are, and from nowhere that they should not know of.

The host must be one that the operator names, and public; both hold anew for every redirect.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from stream_server.errors import FetchFailed, IdleTimeout, InvalidUrl, MessageTooLarge
from stream_server.net.addresses import CheckingResolver, check_literal
from stream_server.net.drive import DOWNLOAD_HOST, HOST, direct_download, drive_scheme
from stream_server.receiving import Grow, ReceivingLimits, receive

LONGEST_URL = 4096
"""Characters; signed ones have a thousand."""

MOST_REDIRECTS = 5

REDIRECTS = (301, 302, 303, 307, 308)

ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedMedia:
    """What came; `mime_type` and `name` are what the other server says of it, perhaps nothing."""

    size: int
    mime_type: str
    name: str


class Fetcher:
    """Fetches over HTTP and HTTPS.

    `allowed_hosts` are hosts ("*" for any, "*.example.com" for those below one) on the usual ports, or "host:port";
    none: fetching is off. `inside` names hosts that need not be public; it is for tests.
    """

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str],
        limits: ReceivingLimits,
        max_seconds: float,
        inside: Collection[str] = (),
    ) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._limits = limits
        self._seconds = max_seconds
        self._inside = inside

    def check(self, url: str) -> URL:
        """Return the address to fetch a URL from; raises `InvalidUrl` or `ForbiddenAddress`, without a look-up."""
        if not self._allowed:
            raise InvalidUrl("this server fetches no recordings: its setting fetch_allowed_hosts names no host")
        if len(url) > LONGEST_URL:
            raise InvalidUrl(f"a URL may have {LONGEST_URL} characters")
        try:
            return self._checked(direct_download(URL(drive_scheme(url.strip()))))
        except ValueError:
            raise InvalidUrl("the URL is malformed") from None

    async def fetch(self, url: str, into: Path, grow: Grow = lambda _: None) -> FetchedMedia:
        """Write what is at a URL into a new file, which the caller removes however this ends.

        Raises `InvalidUrl` or `ForbiddenAddress` for where it leads, `MessageTooLarge`, `StorageFull`, what `grow`
        does, or `FetchFailed`, which says why; never with the URL, for it may be a secret.
        """
        address = self.check(url)
        try:
            async with asyncio.timeout(self._seconds), self._session() as session:
                return await self._fetch(session, address, into, grow)
        except TimeoutError:
            raise FetchFailed(f"the recording did not come within {self._seconds:g} s") from None
        except IdleTimeout:
            raise FetchFailed("the recording comes too slowly, or has stopped coming") from None
        except aiohttp.InvalidURL:  # such as an address that is not written as one
            raise InvalidUrl("the URL is malformed") from None
        except aiohttp.ClientSSLError:
            raise FetchFailed("the host of the URL cannot prove who it is") from None
        except (aiohttp.ClientError, ConnectionError):
            raise FetchFailed("the host of the URL cannot be reached, or has broken off") from None

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Give a session that remembers nothing and connects to addresses that were checked."""
        connector = aiohttp.TCPConnector(resolver=CheckingResolver(self._inside), use_dns_cache=False)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._limits.stall_seconds),
            auto_decompress=False,  # what swells would pass the limit of bytes
            headers={"Accept-Encoding": "identity", "User-Agent": "stream-server"},
        ) as session:
            yield session

    async def _fetch(self, session: aiohttp.ClientSession, url: URL, into: Path, grow: Grow) -> FetchedMedia:
        for _ in range(MOST_REDIRECTS + 1):
            async with session.get(url, allow_redirects=False) as response:
                if response.status in REDIRECTS:
                    url = self._redirected(response)
                    continue
                return await self._take(response, into, grow)
        raise FetchFailed(f"the URL is redirected more than {MOST_REDIRECTS} times")

    def _redirected(self, response: aiohttp.ClientResponse) -> URL:
        try:
            return self._checked(direct_download(response.url.join(URL(response.headers["Location"]))))
        except (ValueError, KeyError):
            raise FetchFailed("the URL is redirected to nowhere") from None

    async def _take(self, response: aiohttp.ClientResponse, into: Path, grow: Grow) -> FetchedMedia:
        if response.status != 200:
            raise FetchFailed(f"the host of the URL answers with status {response.status}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise FetchFailed("the host of the URL sends the recording compressed")
        if response.content_type == "text/html":
            raise FetchFailed("the URL leads to a page, not to a recording")
        if (response.content_length or 0) > self._limits.max_bytes:
            raise MessageTooLarge(f"the recording is larger than the {self._limits.max_bytes} bytes that are taken")
        size = await receive(response.content.readany, into, self._limits, grow)
        said = response.content_disposition
        name = (said.filename if said else None) or response.url.name
        return FetchedMedia(size=size, mime_type=response.content_type, name=name)

    def _checked(self, url: URL) -> URL:
        """Return a URL if it may be fetched."""
        if url.scheme not in ("http", "https") or not url.host:
            raise InvalidUrl("the URL must begin with http:// or https:// and name a host")
        if url.user is not None or url.password is not None:
            raise InvalidUrl("the URL must not hold a name or password")
        host = url.host.rstrip(".").lower()
        if not any(self._allows(each, url) for each in (host, *([HOST] if host == DOWNLOAD_HOST else []))):
            raise InvalidUrl("the URL's host and port are not among those that this server fetches from")
        check_literal(url.host, self._inside)
        return url

    def _allows(self, host: str, url: URL) -> bool:
        names = {host, *(f"*.{parent}" for parent in _parents(host)), ANY}
        if url.is_default_port():
            return not self._allowed.isdisjoint(names)
        return f"{host}:{url.port}" in self._allowed


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[at:]) for at in range(1, len(labels))]
