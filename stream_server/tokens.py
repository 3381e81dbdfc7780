"""Short-lived tokens: keys for a browser, good for minutes, that act on behalf of the key that asked for them.

Nothing is written down: they are signed, and servers with one key file know each other's. Quota, limits and usage are
those of the key behind them; revoking it ends them too.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence

from itsdangerous import BadSignature, Signer

from stream_server.errors import InvalidKey
from stream_server.protocol.codec import Message
from stream_server.protocol.token import PREFIX, Token, read_token
from stream_server.store.keys import digest

SALT = "stream-server tokens"
"""So that the key that signs media too does not take one for the other."""


class Tokens:
    """Signs and checks with one key."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._signer = Signer(key, salt=SALT, key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def issue(
        self,
        key: str | None,
        seconds: float,
        scopes: Sequence[str],
        *,
        renewable_seconds: float = 0.0,
        session: Message | None = None,
        prefix: str = PREFIX,
    ) -> tuple[str, Token]:
        """Return a token that acts for a key, and what it says.

        Whoever holds the key must have the `scopes`. It can be renewed until `renewable_seconds` from now; where `key`
        is a token itself, the new one acts for the same key, and no longer than that one could be renewed to.
        """
        now = self._clock()
        until, name = int(now + max(seconds, renewable_seconds)), digest(key or "")
        if (shown := self.find(key)) is not None:
            until, name = shown.renewable_until, shown.digest
        token = Token(
            digest=name,
            scopes=tuple(scopes),
            expires=min(int(now + seconds), until),
            renewable_until=until,
            session=session or {},
        )
        return self._signer.sign(prefix + token.payload).decode("ascii"), token

    def find(self, key: str | None) -> Token | None:
        """Return what a token says; None for any other key.

        Raises `InvalidKey` for a token that has expired; a forged one is a key like any other, and unknown.
        """
        token = read_token(key)
        if key is None or token is None:
            return None
        try:
            self._signer.unsign(key)
        except BadSignature:
            return None
        if token.expires <= self._clock():
            raise InvalidKey("this token has expired")
        return token
