"""The contract of webhooks: endpoints, events and their deliveries, each an organisation's own.

The outbox is transactional: an event and its deliveries come into being together or not at all, and an event that is
there already changes nothing, so that whoever does not know whether it was published publishes it again. A delivery
that a process has claimed is its own until the lease ends; then another one takes it, so each is delivered at least
once. Times are POSIX seconds given by the caller. Every operation raises `StoreUnavailable` when the database cannot be
reached; what is not the organisation's is `NotFound`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_server.webhooks.delivery import Attempt, Claim, Delivery, State, WebhookEvent
from stream_server.webhooks.endpoint import Endpoint, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which rows are wanted: made from `first` on and before `until`, and before the row `before`, newest first."""

    first: float = 0.0
    until: float = float("inf")
    before: str | None = None
    limit: int = 100


class WebhookStore(Protocol):
    """Webhooks, shared by every process of an installation."""

    async def add_endpoint(self, endpoint: Endpoint, most: int) -> None:
        """Keep an endpoint; raises `InvalidConfiguration` if the organisation has `most` already."""

    async def list_endpoints(self, organisation: str) -> list[Endpoint]:
        """Return the organisation's endpoints, oldest first."""

    async def find_endpoint(self, organisation: str, endpoint_id: str) -> Endpoint:
        """Return an endpoint with those of its secrets that can be opened."""

    async def update_endpoint(
        self,
        organisation: str,
        endpoint_id: str,
        *,
        url: str | None = None,
        event_filters: tuple[str, ...] | None = None,
        ssl_verification: bool | None = None,
    ) -> Endpoint:
        """Change what is not None; return the endpoint as it is now."""

    async def rotate(self, organisation: str, endpoint_id: str, new: Secret, until: float, now: float) -> Endpoint:
        """Add a secret and let the others end; see `webhooks.endpoint.rotated`."""

    async def delete_endpoint(self, organisation: str, endpoint_id: str) -> Endpoint:
        """Delete an endpoint with its secrets and deliveries; return what it was."""

    async def publish(self, event: WebhookEvent) -> int:
        """Queue an event for each endpoint that wants it; return for how many.

        An event that nobody wants is not kept: it may hold spoken words.
        """

    async def send(self, event: WebhookEvent, endpoint_id: str) -> Delivery:
        """Queue an event for one endpoint, whatever it wants."""

    async def list_events(self, organisation: str, span: Span) -> list[WebhookEvent]:
        """Return events, newest first."""

    async def find_event(self, organisation: str, event_id: str) -> WebhookEvent:
        """Return one event."""

    async def list_deliveries(self, organisation: str, endpoint_id: str, span: Span) -> list[Delivery]:
        """Return the deliveries to an endpoint with their attempts, newest first."""

    async def count_unsent(self) -> tuple[int, int]:
        """Return, of all organisations, how many deliveries are pending, and how many events an endpoint never took.

        The latter have failed there for good, and no other delivery of theirs to it has succeeded or is pending.
        """

    async def replay(self, organisation: str, delivery_id: str, now: float) -> Delivery:
        """Queue a delivery's event once more, for the same endpoint."""

    async def replay_failed(self, organisation: str, endpoint_id: str, now: float) -> list[Delivery]:
        """Queue each event once more whose last delivery to the endpoint failed."""

    async def claim(
        self, now: float, *, lease_seconds: float, limit: int, busy: Collection[str] = ()
    ) -> Sequence[Claim]:
        """Claim deliveries that are due, one of an endpoint at most and none of endpoints that are `busy`."""

    async def settle(self, claim: Claim, attempt: Attempt, state: State, due_at: float) -> bool:
        """Write an attempt down and give the claim back; return False, and do nothing, if another has taken it over."""

    async def release(self, claims: Collection[Claim]) -> None:
        """Give claims back as if they had never been claimed."""

    async def forget(self, subjects: Collection[str]) -> None:
        """Delete for good every event that tells of these, with its deliveries; whose they are the caller knows."""

    async def purge(self, before: float) -> int:
        """Delete events made before, unless a delivery of theirs is pending; return how many there were."""
