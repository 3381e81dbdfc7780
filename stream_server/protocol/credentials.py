"""Where a handshake may carry an API key."""

from __future__ import annotations

from stream_server.protocol.dialect import Handshake

BEARER_SUBPROTOCOL = "bearer."
"""A browser cannot set headers; it offers `bearer.KEY` beside the subprotocol that it wants to speak."""


def native_key(handshake: Handshake) -> str | None:
    """Return the first key among `Authorization: Bearer`, `x-api-key`, `bearer.KEY`, `?token=` and `?key=`."""
    scheme, _, credentials = handshake.headers.get("authorization", "").partition(" ")
    candidates = (
        credentials.strip() if scheme.lower() == "bearer" else "",
        handshake.headers.get("x-api-key", "").strip(),
        *(offer.removeprefix(BEARER_SUBPROTOCOL) for offer in handshake.offered_subprotocols if _is_bearer(offer)),
        handshake.query.get("token", ""),
        handshake.query.get("key", ""),
    )
    return next((key for key in candidates if key), None)


def _is_bearer(offer: str) -> bool:
    return offer.startswith(BEARER_SUBPROTOCOL)
