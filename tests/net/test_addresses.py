"""Where the server goes when others name the place."""

from __future__ import annotations

import socket

import pytest

from stream_server.errors import ForbiddenAddress
from stream_server.net.addresses import CheckingResolver, check_literal, check_target, is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    """The internet's own addresses are public, wrapped in IPv6 too."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "fec0::1", "5f00::1", "192.0.0.8"),
        *("localhost", "", "127.1", "2130706433"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    """This machine, its networks, what is reserved, what wraps one of them, and what is no address are not."""
    assert not is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "169.254.169.254"])
def test_a_literal_is_checked(host: str) -> None:
    """An address in a URL must be public or allowed."""
    with pytest.raises(ForbiddenAddress):
        check_literal(host, ())
    check_literal(host, (host.strip("[]"),))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "127.0.0.1.", "010.0.0.1"])
def test_a_host_that_ends_in_digits_is_an_address_or_nothing(host: str) -> None:
    """Some libraries take it for an address, so it is refused before anybody does."""
    with pytest.raises(ForbiddenAddress):
        check_literal(host, ())


@pytest.mark.parametrize("host", ["8.8.8.8", "example.com"])
def test_names_are_left_to_the_resolver(host: str) -> None:
    """What is a public address or none at all passes: names are judged once they are resolved."""
    check_literal(host, ())


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.1", "2130706433", "0x7f.1"])
async def test_a_name_that_leads_home_is_refused(name: str) -> None:
    """Names and unusual spellings of addresses are judged by what they resolve to."""
    resolver = CheckingResolver()
    with pytest.raises(ForbiddenAddress):
        await resolver.resolve(name, 80, socket.AF_INET)
    await resolver.close()


async def test_an_allowed_name_may_be_anywhere() -> None:
    """A host that the operator names is resolved and not judged."""
    for allowed in ("localhost", "127.0.0.1"):
        resolver = CheckingResolver((allowed,))
        assert [found["host"] for found in await resolver.resolve("Localhost", 80, socket.AF_INET)] == ["127.0.0.1"]
        await resolver.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_target_can_be_checked_beforehand(host: str) -> None:
    """An address and a name alike, unless the operator allows it."""
    with pytest.raises(ForbiddenAddress):
        await check_target(host, ())
    await check_target(host, (host, "127.0.0.1"))


async def test_a_name_that_nobody_knows_yet_passes() -> None:
    """It is judged again when somebody connects."""
    await check_target("nobody.invalid", ())
