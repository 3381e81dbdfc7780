"""What this machine is called by others: its host name and its addresses."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

import ifaddr

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def own_names() -> tuple[str, ...]:
    """Return the names under which this machine is found, its own first; addresses come last."""
    host = socket.gethostname().lower().rstrip(".")
    names = [host] if host else []
    if host and "." not in host:
        names.append(f"{host}.local")  # as multicast DNS knows it, which phones and laptops ask
    addresses = (address.ip for adapter in ifaddr.get_adapters() for address in adapter.ips)
    return tuple(dict.fromkeys([*LOOPBACK, *names, *reachable(addresses)]))


def reachable(addresses: Iterable[str | tuple[str, int, int]]) -> list[str]:
    """Return the addresses that others may ask for; an IPv6 address comes with its flow and its scope."""
    found = (ipaddress.ip_address(each if isinstance(each, str) else each[0]) for each in addresses)
    wanted = [each for each in found if not each.is_loopback and not each.is_link_local]
    return [str(each) for each in sorted(wanted, key=lambda each: (each.version, int(each)))]
