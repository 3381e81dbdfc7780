"""Send webhooks: one POST, to a public address, of whose answer the status alone is looked at."""

from __future__ import annotations

from collections.abc import Collection

from aiohttp import ClientError, ClientSession, ClientSSLError, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from stream_server.errors import ForbiddenAddress
from stream_server.net.addresses import CheckingResolver, check_literal, check_target
from stream_server.webhooks.delivery import Trouble
from stream_server.webhooks.request import WebhookRequest


def host_of(url: str) -> str:
    """Return the host as aiohttp reads it, which is what is connected to: some signs look like digits to it alone.

    Raises `ValueError` for what is no URL.
    """
    return URL(url).host or ""


class Poster:
    """Made within a running event loop; `close` at the end.

    A redirect is an answer like any other and is not followed: it could lead where the URL itself may not.
    """

    def __init__(self, *, timeout_seconds: float, allowed_hosts: Collection[str] = ()) -> None:
        self._allowed = allowed_hosts
        self._resolver = CheckingResolver(allowed_hosts)
        self._session = ClientSession(
            connector=TCPConnector(resolver=self._resolver, use_dns_cache=False, force_close=True, limit=0),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=timeout_seconds),
            auto_decompress=False,
        )

    async def check(self, url: str) -> None:
        """Raise `ForbiddenAddress` if requests to a URL would be refused now."""
        try:
            host = host_of(url)
        except ValueError:
            raise ForbiddenAddress("the URL is malformed") from None
        await check_target(host, self._allowed)

    async def post(self, request: WebhookRequest) -> int | Trouble:
        """Return the answer's HTTP status, or why there is none."""
        try:
            check_literal(host_of(request.url), self._allowed)
            async with self._session.post(
                request.url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
                ssl=request.ssl_verification,
            ) as answer:
                return answer.status
        except ForbiddenAddress:
            return "forbidden_address"
        except TimeoutError:
            return "timeout"
        except ClientSSLError:
            return "tls"
        except (ClientError, OSError, ValueError):
            return "unreachable"

    async def close(self) -> None:
        """Drop every connection."""
        await self._session.close()
        await self._resolver.close()
