"""What a client secret says: whose it is, how long it is good, and the session that it opens.

`ek_PAYLOAD.SIGNATURE`, of characters that a subprotocol may have. Who may sign is not known here (`client_secrets`):
what is read from one counts only because its signature is checked when it is presented as a key.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from stream_server.protocol.codec import Message

PREFIX = "ek_"

LONGEST = 8_192
"""Characters; the head of a request, in which a browser sends it, may have 16 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """`digest` is the key's on whose behalf it acts, `expires` in whole seconds since 1970."""

    digest: str
    expires: int
    session: Message = field(default_factory=dict)

    @property
    def payload(self) -> str:
        """What is signed."""
        values = {"key": self.digest, "expires": self.expires, "session": self.session}
        return urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def split(token: str) -> tuple[str, str] | None:
    """Return payload and signature of what may be a client secret."""
    if not token.startswith(PREFIX) or len(token) > LONGEST or not token.isascii():
        return None
    payload, _, signature = token.removeprefix(PREFIX).partition(".")
    return (payload, signature) if payload and signature else None


def read_payload(payload: str) -> ClientSecret | None:
    """Return what a payload says; None if it is none."""
    try:
        values = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        digest, expires, session = values["key"], values["expires"], values["session"]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None
    if not isinstance(digest, str) or not isinstance(expires, int) or not isinstance(session, dict):
        return None
    return ClientSecret(digest=digest, expires=expires, session=session)


def session_of(key: str | None) -> Message:
    """Return the session that a key opens: a client secret's own, else nothing in particular."""
    parts = split(key or "")
    secret = read_payload(parts[0]) if parts else None
    return secret.session if secret else {}
