"""A certificate that the server signs itself, for a network without a certificate authority.

Browsers give the microphone to pages of secure addresses alone. They warn of such a certificate once; who compares its
fingerprint with the one that the server prints knows that nobody is in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from stream_server.errors import StartupError
from stream_server.store.private_file import written_aside

FILE_NAME = "self-signed.pem"
"""Of the file in the data directory."""

VALID = timedelta(days=397)
"""The longest that every browser takes of any server."""

RENEWED_BEFORE = timedelta(days=30)

LOOK_SECONDS = 86_400.0
"""How often a running server looks whether its certificate is about to end."""

log = structlog.get_logger(__name__)


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class SelfSigned:
    """A certificate and its key, kept in one file that its owner alone can read.

    A new one is made where there is none, where the old one is about to end, and where it lacks one of the `names`;
    not for an address of IPv6, of which many machines take a new one every day. Raises `StartupError`.
    """

    context: ssl.SSLContext
    """The server's side of TLS; connections that begin later see a certificate that was renewed."""

    def __init__(self, path: Path, names: Iterable[str], *, clock: Callable[[], datetime] = now) -> None:
        self._path = path
        self._names = tuple(read_name(name) for name in dict.fromkeys(names))
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.renew()

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, as browsers show it."""
        return self._certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def renew(self) -> None:
        """Make a new certificate if it is time, and serve what there is; raises `StartupError`."""
        self._serve(self._find_or_make())

    def start(self) -> None:
        """Begin to look after it."""
        self._task = asyncio.create_task(self._watch(), name="self-signed")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                self._serve(await asyncio.to_thread(self._find_or_make))
            except StartupError as error:  # the next day tries again; there are thirty
                log.warning("the certificate cannot be renewed", reason=error.message)

    def _find_or_make(self) -> x509.Certificate:
        try:
            if (found := self._find()) is None:
                found = x509.load_pem_x509_certificate(self._make())
                log.info("certificate made", until=found.not_valid_after_utc.date().isoformat())
        except OSError as error:
            raise self._refusal(error) from None
        return found

    def _serve(self, certificate: x509.Certificate) -> None:
        """Let connections that begin from now on see a certificate; none may begin meanwhile, so in their thread."""
        try:
            self.context.load_cert_chain(self._path)
        except OSError as error:  # those of TLS are such
            raise self._refusal(error) from None
        self._certificate = certificate

    def _refusal(self, error: OSError) -> StartupError:
        return StartupError(f"setting tls_self_signed: {self._path} cannot be used: {error.strerror or error}")

    def _find(self) -> x509.Certificate | None:
        """Return the certificate that is there if it will do."""
        with suppress(FileNotFoundError, ValueError):  # what is no certificate is made anew
            certificate = x509.load_pem_x509_certificate(self._path.read_bytes())
            named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            lasting = [name for name in self._names if not isinstance(name.value, ipaddress.IPv6Address)]
            if certificate.not_valid_after_utc - self._clock() > RENEWED_BEFORE and set(lasting) <= set(named):
                return certificate
        return None

    def _make(self) -> bytes:
        """Write a new certificate and its key down, whole or not at all; return both."""
        key = ec.generate_private_key(ec.SECP256R1())
        content = make_certificate(key, self._names, self._clock()).public_bytes(Encoding.PEM)
        content += key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with written_aside(self._path, content) as scratch:
            scratch.replace(self._path)
        return content


def read_name(name: str) -> x509.GeneralName:
    """Return a host name or an address as certificates have it; raises `StartupError`."""
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    try:
        return x509.DNSName(name.encode("idna").decode("ascii"))
    except UnicodeError:
        raise StartupError(f"setting tls_names: {name!r} is neither a host name nor an address") from None


def make_certificate(
    key: ec.EllipticCurvePrivateKey, names: Sequence[x509.GeneralName], at: datetime
) -> x509.Certificate:
    """Return a certificate of a server by these names, signed with its own key (RFC 5280)."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stream-server")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))  # clocks of phones differ
        .not_valid_after(at + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
