"""Webhooks: `/v2/speech/webhooks/…` in Prosa's words, and the same at `/v1/webhooks/…` with our own form of errors.

They are the organisation's: a key of scope `transcribe` that belongs to no user, or one of scope `admin`, has them all.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from stream_server.auth import Authenticator
from stream_server.compat.prosa import webhooks as prosa
from stream_server.compat.prosa.times import read_span
from stream_server.errors import Forbidden, InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.rest.records import PRIVATE
from stream_server.rest.speakers import read_object
from stream_server.rest.usage import presented_key
from stream_server.store.webhooks import Span, WebhookStore
from stream_server.webhook_delivery import Webhooks
from stream_server.webhooks.delivery import Delivery
from stream_server.webhooks.endpoint import (
    LONGEST_KEY,
    LONGEST_URL,
    Endpoint,
    new_secret,
    read_filters,
    read_key,
    read_url,
)

PREFIXES = ("/v2/speech/webhooks", "/v1/webhooks")

MOST_LISTED = 100
"""Events or deliveries in one answer, and how many there are where nobody says."""

MOST_LISTED_BYTES = 8 * 1024 * 1024
"""What the deliveries in one answer may have sent together: a day's meeting alone is some megabytes."""

NEXT = "X-Next-Before"
"""The header that says that there are more: ask again with its value as `before`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRoutes:
    """Handlers; `check` raises `ForbiddenAddress` for a URL that may not be called."""

    authenticator: Authenticator
    store: WebhookStore
    webhooks: Webhooks
    check: Callable[[str], Awaitable[None]]
    most_endpoints: int
    clock: Callable[[], float] = time.time

    def routes(self) -> list[web.RouteDef]:
        """Return where these are; the paths are `gl-speech`'s, and Prosa's page's where it has others."""
        return [
            route
            for prefix in PREFIXES
            for route in (
                web.get(f"{prefix}/endpoints", self.list_endpoints),
                web.post(f"{prefix}/endpoints", self.create),
                web.get(f"{prefix}/endpoints/{{id}}", self.read),
                web.put(f"{prefix}/endpoints/{{id}}", self.update),
                web.delete(f"{prefix}/endpoints/{{id}}", self.delete),
                web.post(f"{prefix}/endpoints/{{id}}/secret", self.rotate),
                web.post(f"{prefix}/endpoints/{{id}}/rotate", self.rotate),
                web.post(f"{prefix}/endpoints/{{id}}/test", self.test),
                web.get(f"{prefix}/endpoints/{{id}}/deliveries", self.list_deliveries),
                web.post(f"{prefix}/endpoints/{{id}}/replay-failed-deliveries", self.replay_failed),
                web.post(f"{prefix}/endpoints/{{id}}/replay-failed", self.replay_failed),
                web.get(f"{prefix}/events", self.list_events),
                web.get(f"{prefix}/events/{{id}}", self.read_event),
                web.post(f"{prefix}/deliveries/{{id}}/replay", self.replay),
            )
        ]

    # ── endpoints ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_endpoints(self, request: web.Request) -> web.Response:
        """List endpoints, without their secrets."""
        found = await self.store.list_endpoints(await self._organisation(request))
        return _answer([prosa.endpoint_json(endpoint) for endpoint in found])

    async def create(self, request: web.Request) -> web.Response:
        """Make an endpoint; a secret is made too unless one is brought."""
        organisation, fields = await self._organisation(request), await read_object(request)
        url = await self._url(fields)
        if url is None:
            raise InvalidConfiguration("url must be given")
        now = self.clock()
        verification = fields.boolean("ssl_verification")
        endpoint = Endpoint(
            id=str(uuid.uuid4()),
            organisation=organisation,
            url=url,
            event_filters=read_filters(fields.texts("event_filters") or ()),
            ssl_verification=verification is not False,
            created_at=now,
            secrets=(new_secret(now, read_key(fields.text("secret_key", LONGEST_KEY))),),
        )
        await self.store.add_endpoint(endpoint, self.most_endpoints)
        return _answer(prosa.endpoint_with_secrets(endpoint, now), status=201)

    async def read(self, request: web.Request) -> web.Response:
        """Answer with an endpoint and its secrets."""
        found = await self.store.find_endpoint(await self._organisation(request), request.match_info["id"])
        return _answer(prosa.endpoint_with_secrets(found, self.clock()))

    async def update(self, request: web.Request) -> web.Response:
        """Change what is given; the rest stays."""
        organisation, fields = await self._organisation(request), await read_object(request)
        filters = fields.texts("event_filters")
        changed = await self.store.update_endpoint(
            organisation,
            request.match_info["id"],
            url=await self._url(fields),
            event_filters=None if filters is None else read_filters(filters),
            ssl_verification=fields.boolean("ssl_verification"),
        )
        return _answer(prosa.endpoint_with_secrets(changed, self.clock()))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an endpoint with its log; answer what it was."""
        deleted = await self.store.delete_endpoint(await self._organisation(request), request.match_info["id"])
        return _answer(prosa.endpoint_json(deleted))

    async def rotate(self, request: web.Request) -> web.Response:
        """Make a new secret; the old one stays valid for a while."""
        organisation = await self._organisation(request)
        seconds = prosa.read_rotation(await read_object(request) if request.can_read_body else Fields({}))
        now = self.clock()
        rotated = await self.store.rotate(
            organisation, request.match_info["id"], new_secret(now), until=now + seconds, now=now
        )
        return _answer(prosa.endpoint_with_secrets(rotated, now))

    # ── deliveries ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def test(self, request: web.Request) -> web.Response:
        """Send the endpoint a test."""
        organisation = await self._organisation(request)
        delivery = await self.webhooks.send_test(organisation, request.match_info["id"])
        return _answer((await self._tickets(organisation, [delivery]))[0])

    async def replay(self, request: web.Request) -> web.Response:
        """Send a delivery's event once more."""
        organisation = await self._organisation(request)
        delivery = await self.webhooks.replay(organisation, request.match_info["id"])
        return _answer((await self._tickets(organisation, [delivery]))[0])

    async def replay_failed(self, request: web.Request) -> web.Response:
        """Send every event once more that the endpoint never took."""
        organisation = await self._organisation(request)
        deliveries = await self.webhooks.replay_failed(organisation, request.match_info["id"])
        return _answer(await self._tickets(organisation, deliveries))

    async def list_deliveries(self, request: web.Request) -> web.Response:
        """Answer with the endpoint's log, newest first, as much as one answer holds."""
        organisation, span = await self._organisation(request), _read_span(request)
        found = await self.store.list_deliveries(organisation, request.match_info["id"], span)
        listed, size = list[tuple[Delivery, str]](), 0
        for delivery in found:
            payload = (await self.store.find_event(organisation, delivery.event_id)).payload
            size += len(payload)
            if listed and size > MOST_LISTED_BYTES:
                break
            listed.append((delivery, payload))
        more = len(listed) < len(found) or len(found) == span.limit
        body = await asyncio.to_thread(lambda: json.dumps([prosa.delivery_json(*each) for each in listed]))
        return _answer(body, before=listed[-1][0].id if more else None)

    async def list_events(self, request: web.Request) -> web.Response:
        """Answer with events, newest first, without what they say."""
        organisation, span = await self._organisation(request), _read_span(request)
        found = await self.store.list_events(organisation, span)
        more = len(found) == span.limit
        return _answer([prosa.event_json(event) for event in found], before=found[-1].id if more else None)

    async def read_event(self, request: web.Request) -> web.Response:
        """Answer with an event and what it says."""
        event = await self.store.find_event(await self._organisation(request), request.match_info["id"])
        return _answer(await asyncio.to_thread(lambda: json.dumps(prosa.event_with_data(event))))

    # ── who and what ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _organisation(self, request: web.Request) -> str:
        principal = await self.authenticator.authorise(presented_key(request), "transcribe")
        if principal.own_user is not None:
            raise Forbidden("webhooks tell of everybody: a user's own key needs the scope 'admin'")
        return principal.organisation

    async def _url(self, fields: Fields) -> str | None:
        given = fields.text("url", LONGEST_URL)
        if given is None:
            return None
        await self.check(read_url(given))
        return given

    async def _tickets(self, organisation: str, deliveries: list[Delivery]) -> list[dict[str, Any]]:
        """Return the tickets of deliveries to one endpoint; none if it was deleted meanwhile."""
        if not deliveries:
            return []
        endpoint = await self.store.find_endpoint(organisation, deliveries[0].endpoint_id)
        return [prosa.ticket_json(delivery, endpoint.url) for delivery in deliveries]


def _read_span(request: web.Request) -> Span:
    first, until = read_span(request.query)
    limit = request.query.get("limit", str(MOST_LISTED))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 3 and 1 <= int(limit) <= MOST_LISTED):
        raise InvalidConfiguration(f"limit must be a whole number from 1 to {MOST_LISTED}")
    return Span(first=first, until=until, before=request.query.get("before"), limit=int(limit))


def _answer(body: object, *, status: int = 200, before: str | None = None) -> web.Response:
    """Return JSON, or text that is JSON already; `before` is where more begins."""
    headers = PRIVATE if before is None else {**PRIVATE, NEXT: before}
    text = body if isinstance(body, str) else json.dumps(body)
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)
