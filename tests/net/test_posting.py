"""Posting to real sockets, and what can come of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import trustme

from stream_server.errors import ForbiddenAddress
from stream_server.net.posting import Poster
from stream_server.webhooks.request import WebhookRequest
from tests.receiver import receiver

HERE = ("127.0.0.1", "localhost")


def request(url: str, *, ssl_verification: bool = True) -> WebhookRequest:
    """Return a request to a URL."""
    return WebhookRequest(
        url=url, headers={"X-Word": "a", "User-Agent": "me"}, body=b"{}", ssl_verification=ssl_verification
    )


@pytest_asyncio.fixture
async def poster() -> AsyncIterator[Poster]:
    """Give one that may post to this machine."""
    made = Poster(timeout_seconds=30, allowed_hosts=HERE)
    yield made
    await made.close()


@pytest.mark.parametrize("status", [200, 204, 404, 500])
async def test_the_answers_status_comes_back(poster: Poster, status: int) -> None:
    """The request arrives with its own headers and body; whatever the answer's status is, it is told."""
    async with receiver() as here:
        here.answers.append(status)
        assert await poster.post(request(here.url)) == status
        heard = await here.next()
    assert (heard.path, heard.body) == ("/hook", b"{}")
    assert (heard.headers["X-Word"], heard.headers["User-Agent"]) == ("a", "me")


async def test_redirects_are_not_followed(poster: Poster) -> None:
    """They are an answer like any other."""
    async with receiver() as here:
        here.answers.append(307)
        assert await poster.post(request(here.url)) == 307
        assert (await here.next()).path == "/hook"
        assert here.waiting == 0


async def test_nobody_there(poster: Poster) -> None:
    """A port that nobody listens on, a name that nobody has and a URL that is none are the same trouble."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "http://nobody.invalid/", "http://127.0.0.1:99999/"):
        assert await poster.post(request(url)) == "unreachable"


async def test_a_receiver_that_does_not_answer_in_time() -> None:
    """After the limit it is given up."""
    poster = Poster(timeout_seconds=0.05, allowed_hosts=HERE)
    async with receiver() as here:
        here.hold = asyncio.Event()
        assert await poster.post(request(here.url)) == "timeout"
        here.hold.set()
    await poster.close()


async def test_certificates_are_checked_unless_told_otherwise(poster: Poster) -> None:
    """One that nobody vouches for is refused; with `ssl_verification` off it is taken."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    async with receiver(tls) as here:
        assert await poster.post(request(here.url)) == "tls"
        assert await poster.post(request(here.url, ssl_verification=False)) == 200


@pytest.mark.parametrize(
    ("host", "trouble"),
    [
        ("127.0.0.1", "forbidden_address"),
        ("localhost", "forbidden_address"),
        ("127.1", "forbidden_address"),
        ("🯱🯲🯷.0.0.1", "forbidden_address"),
    ],
)
async def test_private_addresses_are_refused(host: str, trouble: str) -> None:
    """Whoever named it, nothing is sent to this machine: neither by address nor by name nor in odd spelling."""
    stranger = Poster(timeout_seconds=30)
    async with receiver() as here:
        url = here.url.replace("127.0.0.1", host)
        answer = await stranger.post(request(url))
        with pytest.raises(ForbiddenAddress):
            await stranger.check(url)
        assert here.waiting == 0
    await stranger.close()
    assert answer == trouble


async def test_hosts_that_the_operator_names_are_allowed(poster: Poster) -> None:
    """By name or by address."""
    async with receiver() as here:
        for host in HERE:
            url = here.url.replace("127.0.0.1", host)
            await poster.check(url)
            assert await poster.post(request(url)) == 200
