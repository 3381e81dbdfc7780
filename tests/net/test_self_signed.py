"""A certificate of the server's own: made once, kept, renewed in time, and good for real TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from websockets.asyncio.client import connect

from stream_server.errors import StartupError
from stream_server.net import self_signed
from stream_server.net.self_signed import FILE_NAME, RENEWED_BEFORE, VALID, SelfSigned
from tests.live import LiveServer, LiveServerFactory

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("localhost", "127.0.0.1")


def made(directory: Path, *names: str, at: datetime = NOW) -> SelfSigned:
    """Return the certificate of a directory at a time."""
    return SelfSigned(directory / "tls" / FILE_NAME, (*NAMES, *names), clock=lambda: at)


def test_it_is_kept_where_its_owner_alone_can_read_it(tmp_path: Path) -> None:
    """A second start finds it again, so that browsers warn once."""
    first = made(tmp_path)
    file = tmp_path / "tls" / FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert made(tmp_path, at=NOW + VALID - RENEWED_BEFORE - timedelta(days=1)).fingerprint == first.fingerprint


def test_it_is_renewed_before_it_ends(tmp_path: Path) -> None:
    """While a month is left, by whoever starts and by whoever has been running since."""
    time = NOW
    running = SelfSigned(tmp_path / FILE_NAME, NAMES, clock=lambda: time)
    before = running.fingerprint
    time += VALID - RENEWED_BEFORE
    running.renew()
    assert running.fingerprint != before
    assert SelfSigned(tmp_path / FILE_NAME, NAMES, clock=lambda: time).fingerprint == running.fingerprint


async def test_a_server_that_runs_for_a_year_renews_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks every day, and goes on looking when it was not possible."""
    monkeypatch.setattr(self_signed, "LOOK_SECONDS", 0)
    time, broken = NOW, False
    renewed = asyncio.Event()

    class Watched(SelfSigned):
        def _serve(self, certificate: x509.Certificate) -> None:
            super()._serve(certificate)
            if certificate.not_valid_before_utc > NOW:
                renewed.set()

    def clock() -> datetime:
        nonlocal broken
        if broken:
            broken = False
            raise OSError(28, "No space left on device")
        return time

    running = Watched(tmp_path / FILE_NAME, NAMES, clock=clock)
    before = running.fingerprint
    running.start()
    time, broken = NOW + VALID, True
    await renewed.wait()
    await running.stop()
    assert running.fingerprint != before
    assert not broken


def test_a_new_name_makes_a_new_one(tmp_path: Path) -> None:
    """A name that is gone does not, nor an IPv6 address, of which there is a new one every day."""
    first = made(tmp_path, "box.example")
    assert made(tmp_path, "2001:db8::7").fingerprint == first.fingerprint
    assert made(tmp_path, "192.0.2.1").fingerprint != first.fingerprint


def test_names_of_any_script_are_written_as_certificates_have_them(tmp_path: Path) -> None:
    """What is no name is one sentence that names the setting."""
    made(tmp_path, "büro.example", "2001:db8::7")
    certificate = x509.load_pem_x509_certificate((tmp_path / "tls" / FILE_NAME).read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "xn--bro-hoa.example"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "2001:db8::7"]
    with pytest.raises(StartupError, match="tls_names"):
        made(tmp_path, "a..b")


def test_a_file_that_is_no_certificate_is_written_anew(tmp_path: Path) -> None:
    """One that cannot be written is one sentence that names the setting."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / FILE_NAME).write_text("no certificate")
    assert made(tmp_path).fingerprint.count(":") == 31
    with pytest.raises(StartupError, match="tls_self_signed"):
        SelfSigned(tmp_path / "tls" / FILE_NAME / "file", NAMES)


@pytest_asyncio.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server with a certificate of its own."""
    async with live_server(tls_self_signed=True, tls_names=("box.example",)) as running:
        yield running


async def test_clients_that_trust_it_talk_over_tls(server: LiveServer, tmp_path: Path) -> None:
    """HTTP and websockets alike, by address and by name; whoever does not trust it is not let down quietly."""
    trust = ssl.create_default_context(cafile=tmp_path / FILE_NAME)
    assert server.url.startswith("https://127.0.0.1:")
    for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
        async with aiohttp.ClientSession() as client, client.get(f"{url}/health/live", ssl=trust) as answer:
            assert await answer.json() == {"status": "live"}
        async with connect(f"{url.replace('http', 'ws', 1)}/v1/stream", ssl=trust) as socket:
            await socket.send('{"type": "start"}')
            assert '"ready"' in str(await socket.recv())
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await client.get(server.url)


async def test_the_fingerprint_is_that_of_what_is_served(server: LiveServer) -> None:
    """So that a person can compare the two; the names that were asked for are in it."""
    assert server.app.certificate is not None
    host, port = server.url.removeprefix("https://").split(":")
    served = await asyncio.to_thread(ssl.get_server_certificate, (host, int(port)))
    certificate = x509.load_pem_x509_certificate(served.encode())
    assert certificate.fingerprint(SHA256()).hex(":").upper() == server.app.certificate.fingerprint
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "box.example" in names.get_values_for_type(x509.DNSName)
