"""Keep the server from being sent to places that its senders could not reach themselves (SSRF).

Whoever names a URL to fetch or to call may mean this machine, its neighbours or a cloud's metadata service. So a host
must have public addresses only, unless the operator names it; and the connection goes to the very addresses that were
checked, so that a name which answers differently a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from contextlib import suppress

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from stream_server.errors import ForbiddenAddress

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones behind a translator (RFC 6052)."""


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
    return found.is_global and not found.is_multicast


def check_literal(host: str, allowed_hosts: Collection[str]) -> None:
    """Raise `ForbiddenAddress` if a URL's host is an IP address that is neither public nor allowed.

    aiohttp resolves names alone: who makes requests calls this for each URL, and gives a `CheckingResolver` the rest.
    """
    with suppress(ValueError):
        address = str(ipaddress.ip_address(host.strip("[]")))
        if not is_public(address) and address not in allowed_hosts:
            raise ForbiddenAddress("the URL leads to an address that is not public")


class CheckingResolver(AbstractResolver):
    """Resolve names for one aiohttp connector; raise `ForbiddenAddress` if any address found is not public.

    `allowed_hosts` are names that may be anywhere, as the operator wrote them, in lower case.
    """

    def __init__(self, allowed_hosts: Collection[str] = ()) -> None:
        self._allowed = allowed_hosts
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name; aiohttp connects to these and no others."""
        found = await self._resolver.resolve(host, port, family)
        if host.lower().rstrip(".") not in self._allowed and not all(is_public(each["host"]) for each in found):
            raise ForbiddenAddress("the URL leads to an address that is not public")
        return found

    async def close(self) -> None:
        """Let go of what resolves."""
        await self._resolver.close()
