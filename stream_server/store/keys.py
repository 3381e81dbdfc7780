"""Make API keys: random secrets that are shown once and stored only as their digest."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace

from stream_server.errors import InvalidConfiguration
from stream_server.store.base import SCOPES, ApiKey, Store

PREFIX = "ss_"
"""Lets people and secret scanners recognise a key."""


def digest(token: str) -> str:
    """Return the SHA-256 of a key, in hex: what is stored and looked up.

    A fast hash is right here: slow ones protect secrets that people choose and attackers can enumerate, while nobody
    can enumerate 256 random bits. It lets a key be found by its digest, and a lookup costs microseconds.
    """
    # What is no text arrives as surrogates: it is nobody's key, but no reason to fail.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


async def issue_key(store: Store, template: ApiKey) -> tuple[str, ApiKey]:
    """Create a key like `template` (its id is made new); return the secret, never to be seen again, and the record.

    Raises `NotFound` for an unknown organisation, `InvalidConfiguration` for unknown scopes or limits below zero.
    """
    _validate(template)
    key = replace(template, id=f"key_{secrets.token_hex(8)}")
    token = PREFIX + secrets.token_urlsafe(32)
    await store.create_key(key, digest(token))
    return token, key


def _validate(key: ApiKey) -> None:
    """Refuse what would make a key useless or boundless by mistake."""
    if not key.scopes or not set(key.scopes) <= set(SCOPES):
        raise InvalidConfiguration(f"scopes must be some of {', '.join(SCOPES)}")
    if key.quota_period not in ("month", "life"):
        raise InvalidConfiguration("quota_period must be month or life")
    limits = (key.quota_seconds, key.sessions_per_minute, key.max_sessions)
    if any(limit is not None and not limit >= 0 for limit in limits):
        raise InvalidConfiguration("a key's limits cannot be below zero")
