"""What a short-lived token says: for which key it acts, what it may do, when it ends, and the session that it opens.

`st_PAYLOAD.SIGNATURE`, of characters that a subprotocol may have; a vendor's may begin with other letters. Who may sign
is not known here (`stream_server.tokens`): what is read from one counts only because its signature is checked when it
is presented as a key.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from stream_server.protocol.codec import Message

PREFIX = "st_"
"""Lets people and secret scanners recognise a token."""

LONGEST = 8_192
"""Characters; the head of a request, in which a browser sends it, may have 16 KiB."""

FORM = re.compile(r"[a-z]{2}_([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")
"""No key has a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`digest` is that of the key on whose behalf it acts; it has those of the `scopes` that the key has.

    It ends at `expires`; exchanged for fresh ones while it is good it lasts until `renewable_until`. Both are in whole
    seconds since 1970.
    """

    digest: str
    scopes: tuple[str, ...]
    expires: int
    renewable_until: int
    session: Message = field(default_factory=dict)

    @property
    def payload(self) -> str:
        """What is signed, behind the prefix."""
        values = {
            "key": self.digest,
            "scopes": self.scopes,
            "expires": self.expires,
            "until": self.renewable_until,
            "session": self.session,
        }
        return urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def read_token(key: str | None) -> Token | None:
    """Return what a key says if it is a token, whoever signed it; None if it is any other key."""
    if key is None or len(key) > LONGEST or (match := FORM.fullmatch(key)) is None:
        return None
    payload = match[1]
    try:
        values = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        digest, scopes, session = values["key"], values["scopes"], values["session"]
        expires, until = values["expires"], values["until"]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None
    if not isinstance(digest, str) or not isinstance(session, dict):
        return None
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        return None
    if any(isinstance(moment, bool) or not isinstance(moment, int) for moment in (expires, until)):
        return None
    return Token(digest=digest, scopes=tuple(scopes), expires=expires, renewable_until=until, session=session)
