"""The server's side of TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

from stream_server.errors import StartupError


def make_tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return the server's side of TLS; raises `StartupError`."""
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise StartupError(f"settings tls_certificate and tls_key cannot be used: {error}") from None
    return context
