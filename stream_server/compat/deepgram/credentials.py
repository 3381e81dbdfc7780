"""Where Deepgram's clients put their key.

Programs send `Authorization: Token KEY`, or `Bearer` with a token of a grant; browsers, and since Node 22 programs too,
offer the subprotocols `token, KEY`. Whoever offers some needs one of them back, and never the key. Our own header
`x-api-key` is as good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

SCHEMES = ("token", "bearer")


def presented_key(headers: Mapping[str, str], offered_subprotocols: Sequence[str] = ()) -> str | None:
    """Return the key of a request; header names are lower case."""
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() in SCHEMES and credentials.strip():
        return credentials.strip()
    for name, key in pairwise(offered_subprotocols):
        if name.lower() in SCHEMES:
            return key
    return headers.get("x-api-key", "").strip() or None


def select_subprotocol(offered: Sequence[str]) -> str | None:
    """Return the offer that is no secret; None if nothing is known."""
    return next((name for name in offered if name.lower() in SCHEMES), None)
