"""Who wants to be told of what, and the secrets that requests to them are signed with."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from stream_server.errors import InvalidConfiguration

EventType: TypeAlias = Literal["stt.job.completed", "stt.job.failed"]

COMPLETED: EventType = "stt.job.completed"
FAILED: EventType = "stt.job.failed"

TEST = "webhook.test"
"""What the owner of an endpoint asks for; it is delivered whatever the endpoint's filters are."""

FILTERS = (COMPLETED, FAILED, "tts.job.completed", "tts.job.failed")
"""What may be wanted: what `gl-speech` names. Of the last two nothing ever comes: this server does not speak."""

MOST_SECRETS = 4
"""Valid at a time: each adds a signature to every request, and who rotates more often drops the oldest."""

LONGEST_URL = 2_048
"""Characters; what every server and browser takes."""

LONGEST_KEY = 256
"""Characters of a secret that somebody brings; more than 64 bytes add nothing to HMAC-SHA256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A key that requests are signed with; `expires_at` is None for the newest."""

    id: str
    key: str = field(repr=False)
    created_at: float
    expires_at: float | None = None

    def valid(self, now: float) -> bool:
        """Tell whether requests are still signed with it."""
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A URL of an organisation's. Without `event_filters` it wants every event. A URL may hold a secret: no `repr`."""

    id: str
    organisation: str
    url: str = field(repr=False)
    event_filters: tuple[str, ...] = ()
    ssl_verification: bool = True
    created_at: float
    secrets: tuple[Secret, ...] = ()

    def wants(self, event_type: str) -> bool:
        """Tell whether it is told of such events."""
        return not self.event_filters or event_type in self.event_filters

    def valid_secrets(self, now: float) -> tuple[Secret, ...]:
        """Return the secrets to sign with, newest first."""
        return tuple(secret for secret in self.secrets if secret.valid(now))


def new_secret(now: float, key: str | None = None) -> Secret:
    """Return a secret that does not expire: `key`, else 256 random bits."""
    return Secret(id=str(uuid.uuid4()), key=key or f"whsec_{secrets.token_urlsafe(32)}", created_at=now)


def rotated(kept: Iterable[Secret], new: Secret, until: float, now: float) -> tuple[Secret, ...]:
    """Return the secrets after a rotation, newest first: older ones end at `until`, none later than it would have."""
    aging = [
        replace(each, expires_at=until if each.expires_at is None else min(until, each.expires_at)) for each in kept
    ]
    newest = sorted((each for each in aging if each.valid(now)), key=lambda each: each.created_at, reverse=True)
    return (new, *newest)[:MOST_SECRETS]


def read_filters(names: Iterable[str]) -> tuple[str, ...]:
    """Return what may be wanted in `gl-speech`'s names; Prosa's own page writes `stt.jobs.completed`."""
    known = tuple(dict.fromkeys(name.replace(".jobs.", ".job.") for name in names))
    if not set(known) <= set(FILTERS):
        raise InvalidConfiguration(f"event_filters may hold these and no others: {', '.join(FILTERS)}")
    return known


def read_url(url: str) -> str:
    """Return a URL that can be called; its host is judged elsewhere. Raises `InvalidConfiguration`."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        raise InvalidConfiguration(f"url must be an http or https URL of at most {LONGEST_URL} characters")
    if "@" in parts.netloc:
        raise InvalidConfiguration("url must not carry a name and a password: requests are signed instead")
    return url


def read_key(key: str | None) -> str | None:
    """Return a secret that somebody brings; None, one is to be made, for nothing or an empty one."""
    if key and not key.isprintable():
        raise InvalidConfiguration("secret_key must be of printable characters")
    return key or None
