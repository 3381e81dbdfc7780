"""Where OpenAI's clients put their API key."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.protocol.dialect import Handshake

SUBPROTOCOL = "realtime"
"""What a browser offers beside its key, and what is echoed: one that sees nothing echoed gives up."""

KEY_OFFER = "openai-insecure-api-key."
BETA_OFFER = "openai-beta.realtime-v1"

EPHEMERAL_KEY = "ek_"
"""What the keys of client secrets begin with: the vendor's clients look for it."""


def select_subprotocol(offered: Sequence[str]) -> str | None:
    """Choose the one subprotocol that may be echoed; never the key's."""
    return SUBPROTOCOL if SUBPROTOCOL in offered else None


def key_of_header(authorization: str) -> str | None:
    """Return the key of an `Authorization` header, whatever it calls the scheme."""
    scheme, _, key = authorization.strip().partition(" ")
    return key.strip() or None if scheme.lower() in ("bearer", "token") else None


def key_of_handshake(handshake: Handshake) -> str | None:
    """Return the key of the header, else of the subprotocols, as browsers send it."""
    offers = handshake.offered_subprotocols
    candidates = (
        key_of_header(handshake.headers.get("authorization", "")),
        handshake.headers.get("x-api-key", "").strip(),
        *(offer.removeprefix(KEY_OFFER) for offer in offers if offer.startswith(KEY_OFFER)),
    )
    return next((key for key in candidates if key), None)


def reads_http_errors(handshake: Handshake) -> bool:
    """Tell whether the client would see why a handshake is refused: a browser, which offers its key, would not."""
    return not any(offer.startswith(KEY_OFFER) for offer in handshake.offered_subprotocols)


def is_beta(handshake: Handshake) -> bool:
    """Tell whether the client speaks the Realtime API's beta."""
    return "realtime=v1" in handshake.headers.get("openai-beta", "") or BETA_OFFER in handshake.offered_subprotocols
