"""Sealed bytes: AES-256-GCM under the installation's own key, bound to the row that they belong to.

A sealed value is one byte for the format, twelve for the nonce, then ciphertext and tag (RFC 5116). The row's name is
authenticated with it, so that a value that was moved to another row does not open. Nonces are random: with 96 bits the
chance that two are the same stays below 2⁻³² for four billion values (NIST SP 800-38D, section 8.3).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stream_server.errors import StartupError
from stream_server.store.private_file import written_aside

KEY_BYTES = 32
FORMAT = b"\x01"
NONCE_BYTES = 12

KEY_NAME = "voices.key"
"""Of the file in the data directory where no other is named."""


class SealBroken(ValueError):
    """A sealed value was changed, belongs to another row, or was sealed with another key."""


class Seal:
    """Seals and opens with one key. `key_id` tells keys apart and tells nothing of them."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(b"stream-server voices key id" + key).hexdigest()[:16]

    def seal(self, plain: bytes, row: str) -> bytes:
        """Return what may be written down for a row."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, row.encode())

    def open(self, sealed: bytes, row: str) -> bytes:
        """Return what was sealed for that row; raises `SealBroken`."""
        head, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if head != FORMAT or len(nonce) < NONCE_BYTES:
            raise SealBroken("not a sealed value")
        try:
            return self._cipher.decrypt(nonce, rest, row.encode())
        except InvalidTag:
            raise SealBroken("a sealed value does not open") from None


def find_key(path: Path, setting: str = "voices_key_file") -> bytes:
    """Return the key in a file; one is made, readable by its owner alone, where there is none.

    Raises `StartupError`, which names the setting, if the file cannot be read or made, or holds no key.
    """
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise StartupError(f"setting {setting}: {path} cannot be used: {error.strerror or error}") from None
    if len(key) != KEY_BYTES:
        raise StartupError(f"setting {setting}: {path} is not a key: it has {len(key)} bytes instead of {KEY_BYTES}")
    return key


def _make(path: Path) -> None:
    """Write a new key down, whole or not at all; if another process was first, its key stands."""
    with written_aside(path, secrets.token_bytes(KEY_BYTES)) as scratch, suppress(FileExistsError):
        os.link(scratch, path)
