"""`POST /v1/tokens`: a short-lived token in place of a key, for a page or whoever else shall not have the key itself.

A token acts for its key until it ends, wherever a key is taken. Shown here while it is good, it gets a fresh one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from stream_server.auth import Authenticator
from stream_server.errors import Forbidden, InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.rest.records import PRIVATE
from stream_server.rest.speakers import read_object
from stream_server.rest.usage import presented_key
from stream_server.store.base import SCOPES
from stream_server.tokens import Tokens

USUAL_SECONDS, SHORTEST_SECONDS = 600, 10

USUAL_SCOPES = ("transcribe",)
"""What a token may do unless more is asked for: it is made to lie where strangers may find it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRoutes:
    """The handler. A token lasts `max_seconds` at most, renewed ones together `max_session_seconds`."""

    authenticator: Authenticator
    tokens: Tokens
    max_seconds: int
    max_session_seconds: int
    clock: Callable[[], float] = time.time

    def routes(self) -> list[web.RouteDef]:
        """Return where this is."""
        return [web.post("/v1/tokens", self.issue)]

    async def issue(self, request: web.Request) -> web.Response:
        """Answer with a token that acts for the key that is shown."""
        key = presented_key(request)
        principal = await self.authenticator.authenticate(key)
        seconds, scopes = self._wanted(await read_object(request) if request.body_exists else Fields({}))
        granted = principal.limited_to(scopes).scopes
        if not granted:
            raise Forbidden("this key has none of the scopes that are asked for")
        text, token = self.tokens.issue(key, seconds, granted, renewable_seconds=self.max_session_seconds)
        body = {
            "token": text,
            "expires_at": token.expires,
            "expires_in": max(0, token.expires - int(self.clock())),
            "renewable_until": token.renewable_until,
            "scope": list(granted),
        }
        return web.json_response(body, headers=PRIVATE)

    def _wanted(self, fields: Fields) -> tuple[int, tuple[str, ...]]:
        """Return for how long and for what a token is wanted; raises `InvalidConfiguration`."""
        seconds, scopes = fields.integer("seconds"), fields.texts("scope")
        if fields.unknown:
            raise InvalidConfiguration("a token is asked for with seconds and scope, and nothing else")
        if seconds is None:
            seconds = min(USUAL_SECONDS, self.max_seconds)
        if not SHORTEST_SECONDS <= seconds <= self.max_seconds:
            raise InvalidConfiguration(f"seconds must be from {SHORTEST_SECONDS} to {self.max_seconds}")
        if scopes is not None and (not scopes or not set(scopes) <= set(SCOPES)):
            raise InvalidConfiguration(f"scope must be some of {', '.join(SCOPES)}")
        return seconds, USUAL_SCOPES if scopes is None else tuple(dict.fromkeys(scopes))
