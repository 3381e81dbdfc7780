"""Keep the server from being sent to places that its senders could not reach themselves (SSRF).

Whoever names a URL to fetch or to call may mean this machine, its neighbours or a cloud's metadata service. So a host
must have public addresses only, unless the operator names it; and the connection goes to the very addresses that were
checked, so that a name which answers differently a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

from stream_server.errors import ForbiddenAddress

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones behind a translator (RFC 6052)."""

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given to anybody; Python calls more of it global, such as old forms that hold IPv4 addresses."""

PROTOCOL_ASSIGNMENTS = ipaddress.ip_network("192.0.0.0/24")
"""Of IPv4, for no host (RFC 6890); older Pythons call some of it global."""

LOOKUPS = 8
"""Names that one resolver looks up at a time; each lookup has a thread."""

LOOKUP_SECONDS = 5.0
"""For a name that is looked at before anybody connects: longer than a name server takes, shorter than people wait."""


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet's, not of this machine or a network of its own.

    What an IPv6 address only wraps is judged by the IPv4 address inside; what is no address is not public.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if found.teredo:
            inner = found.teredo[1]
        if inner is not None:
            return is_public(str(inner))
        return found in GLOBAL_UNICAST and found.is_global
    return found.is_global and not found.is_multicast and found not in PROTOCOL_ASSIGNMENTS


def check_literal(host: str, allowed_hosts: Collection[str]) -> None:
    """Raise `ForbiddenAddress` if a URL's host is an IP address that is neither public nor allowed.

    aiohttp resolves names alone: who makes requests calls this for each URL, and gives a `CheckingResolver` the rest.
    """
    plain = host.strip("[]")
    try:
        address = str(ipaddress.ip_address(plain))
    except ValueError:
        last = plain.rstrip(".").rpartition(".")[2]
        if last[:1].isdigit():  # no name ends so (RFC 3696 section 2); 127.1 and 0x7f000001 are addresses to some
            raise ForbiddenAddress("the URL leads to an address that is not written as one") from None
        return
    if not is_public(address) and address not in allowed_hosts:
        raise ForbiddenAddress("the URL leads to an address that is not public")


class CheckingResolver(AbstractResolver):
    """Resolve names for one aiohttp connector; raise `ForbiddenAddress` if any address found is not public.

    `allowed_hosts` are names and addresses that may be anywhere, as the operator wrote them, in lower case. Names are
    looked up in threads of its own: a name server that is slow on purpose keeps nobody else waiting.
    """

    def __init__(self, allowed_hosts: Collection[str] = ()) -> None:
        self._allowed = allowed_hosts
        self._threads = ThreadPoolExecutor(LOOKUPS, "lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name; aiohttp connects to these and no others. Raises `OSError` if it has none."""
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        addresses = [str(sockaddr[0]) for *_, sockaddr in found]
        if host.lower().rstrip(".") not in self._allowed:
            for address in addresses:
                check_literal(address, self._allowed)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address, (kind, _, protocol, _, _) in zip(addresses, found, strict=True)
        ]

    async def close(self) -> None:
        """Let go of what resolves, without waiting for it."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def check_target(host: str, allowed_hosts: Collection[str]) -> None:
    """Raise `ForbiddenAddress` if a URL's host, an address or a name, is not public now; one unknown today may pass."""
    check_literal(host, allowed_hosts)
    resolver = CheckingResolver(allowed_hosts)
    try:
        with suppress(OSError, TimeoutError, UnicodeError):
            async with asyncio.timeout(LOOKUP_SECONDS):
                await resolver.resolve(host)
    finally:
        await resolver.close()
