"""Signed paths: who holds one may read one recording for a while, without a key.

An audio element cannot send a header, so what it plays needs an address that says by itself that it may. A signature
is bound to its path and its end; nothing is written down, and servers with one key file know each other's.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import Signer

from stream_server.errors import Forbidden

SALT = "stream-server media"
"""So that a key that ever signs something else does not sign this."""

KEY_NAME = "media.key"
"""Of the file in the data directory where no other is named."""


@dataclass(frozen=True, slots=True)
class Signature:
    """`expires` is in whole seconds since 1970; both go into the query of a URL."""

    expires: int
    text: str


class Signatures:
    """Signs and checks with one key."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._signer = Signer(key, salt=SALT, key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def sign(self, path: str, seconds: float) -> Signature:
        """Return the signature of a path, good for so many seconds."""
        expires = int(self._clock() + seconds)
        return Signature(expires, self._signer.get_signature(_signed(path, expires)).decode("ascii"))

    def check(self, path: str, expires: str, text: str) -> None:
        """Raise `Forbidden` unless this is the path's signature and still good."""
        # Ten digits last until 2286; longer ones may be numbers that take long to read.
        known = expires.isascii() and expires.isdigit() and len(expires) <= 10
        if not known or not text.isascii() or not self._signer.verify_signature(_signed(path, int(expires)), text):
            raise Forbidden("the signature is not this path's")
        if int(expires) <= self._clock():
            raise Forbidden("the signature has expired")


def _signed(path: str, expires: int) -> str:
    return f"{expires}:{path}"
