"""Client secrets: keys for a browser, good for minutes, that act on behalf of the key that asked for them.

Nothing is written down: they are signed, and servers with one key file know each other's. Quota, limits and usage are
those of the key behind them; revoking it ends them too.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from itsdangerous import Signer

from stream_server.compat.openai.client_secret import PREFIX, ClientSecret, read_payload, split
from stream_server.errors import InvalidKey
from stream_server.protocol.codec import Message
from stream_server.store.keys import digest

SALT = "stream-server client secrets"
"""So that the key that signs media too does not take one for the other."""


class ClientSecrets:
    """Signs and checks with one key."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._signer = Signer(key, salt=SALT, key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def issue(self, key: str | None, seconds: float, session: Message) -> tuple[str, int]:
        """Return a secret that acts for a key, and when it ends."""
        expires = int(self._clock() + seconds)
        payload = ClientSecret(digest=digest(key or ""), expires=expires, session=session).payload
        return f"{PREFIX}{payload}.{self._signer.get_signature(payload).decode('ascii')}", expires

    def digest_of(self, key: str) -> str:
        """Return the digest under which a key is known: its own, or that of the key which a secret acts for.

        Raises `InvalidKey` for a secret that has expired; a forged one is a key like any other, and unknown.
        """
        parts = split(key)
        if parts is None or not self._signer.verify_signature(*parts):
            return digest(key)
        secret = read_payload(parts[0])
        if secret is None or secret.expires <= self._clock():
            raise InvalidKey("this client secret has expired")
        return secret.digest
