"""Sign requests so that receivers know who sent them, and that nobody sends them again later.

`X-Signature: t=1700000000,v1=HEX` where HEX is HMAC-SHA256, keyed with the endpoint's secret, over the time in ASCII,
a full stop and the body. While older secrets are valid there is a `v1` for each: a receiver needs one that fits, and
refuses times that are more than five minutes off.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

HEADER = "X-Signature"

TOLERANCE_SECONDS = 300
"""How far a receiver's clock may be off, and how long a recorded request can be sent again."""


def signature_of(keys: Iterable[str], timestamp: int, body: bytes) -> str:
    """Return the header's value, with one signature for each key."""
    return ",".join([f"t={timestamp}", *(f"v1={_digest(key, str(timestamp), body)}" for key in keys)])


def verify(signature: str, key: str, body: bytes, now: float) -> bool:
    """Tell whether a header was made with a key, lately."""
    parts = [part.partition("=")[::2] for part in signature.split(",")]
    timestamp = dict(parts).get("t", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = _digest(key, timestamp, body).encode()
    return any(name == "v1" and hmac.compare_digest(value.encode(), expected) for name, value in parts)


def _digest(key: str, timestamp: str, body: bytes) -> str:
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
