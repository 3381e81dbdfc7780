"""Tell endpoints what happened, each at least once, however often servers die or receivers fail.

`publish` writes an event and its deliveries down; one task claims what is due, for a while, and sends it. A delivery
whose server was killed is claimed by another one, or by the next, once the claim has run out: receivers may hear of an
event twice, under the same id. One endpoint is sent one request at a time by each process, so that a slow receiver
holds up nobody but itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from stream_server.errors import StreamServerError
from stream_server.store.webhooks import WebhookStore
from stream_server.webhooks.delivery import Attempt, Claim, Delivery, State, Trouble, WebhookEvent, after
from stream_server.webhooks.endpoint import TEST
from stream_server.webhooks.request import WebhookRequest, request_of

POLL_SECONDS = 2.0
"""How often is looked for what other processes published and for what is due again; waits are counted in minutes."""

LEASE_MARGIN_SECONDS = 30.0
"""A claim outlasts the longest request by so much: a busy database must not make two processes send the same."""

STOP_PATIENCE_SECONDS = 5.0
"""For requests under way when the server stops; what is not done by then is given back."""

PURGE_SECONDS = 86_400.0
"""How often old events are looked for; retention counts days."""

DAY_SECONDS = 86_400.0

_log = logging.getLogger(__name__)

Post = Callable[[WebhookRequest], Awaitable[int | Trouble]]
"""Sends a request; returns the answer's HTTP status, or why there is none."""


class Webhooks:
    """Publishes and delivers. `retry_seconds` are the waits before each further attempt.

    `tried` hears of each attempt, once it is written down, what has become of its delivery.

    Every operation raises `StoreUnavailable` while the database is away; then nothing was done.
    """

    def __init__(
        self,
        store: WebhookStore,
        post: Post,
        *,
        retry_seconds: Sequence[float],
        timeout_seconds: float,
        at_once: int,
        retention_days: int,
        tried: Callable[[State], None] = lambda _state: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._post = post
        self._retry_seconds = retry_seconds
        self._lease_seconds = timeout_seconds + LEASE_MARGIN_SECONDS
        self._at_once = at_once
        self._retention_seconds = retention_days * DAY_SECONDS
        self._tried = tried
        self._clock = clock
        self._under_way: dict[asyncio.Task[None], Claim] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Begin to deliver."""
        self._tasks = [
            asyncio.create_task(self._work(), name="webhooks"),
            asyncio.create_task(self._purge_daily(), name="webhooks-purge"),
        ]

    async def stop(self) -> None:
        """Let requests under way end for a moment; give the others back, so that another server has them at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_PATIENCE_SECONDS)
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            with suppress(StreamServerError):  # then they wait until their claims have run out
                await self._store.release(list(left.values()))

    # ── what happened ───────────────────────────────────────────────────────────────────────────────────────────────

    async def publish(
        self, organisation: str, event_type: str, event_id: str, payload: Mapping[str, Any], *, subject: str = ""
    ) -> None:
        """Tell an organisation's endpoints of an event, whose id is a UUID and stays the same: see `event_id_of`.

        Whoever does not know whether it was told tells it again: an event that is known already changes nothing.
        `subject` is the job that it tells of; see `forget`.
        """
        if await self._store.publish(self._event(organisation, event_type, event_id, payload, subject)):
            self._wake.set()

    async def forget(self, subjects: Collection[str]) -> None:
        """Delete what was told of these, delivered or not: it may be spoken words."""
        await self._store.forget(subjects)

    async def send_test(self, organisation: str, endpoint_id: str) -> Delivery:
        """Send an endpoint an event that says nothing; raises `NotFound`."""
        payload = {"endpoint_id": endpoint_id, "message": "This is a test: the endpoint can be reached."}
        event = self._event(organisation, TEST, str(uuid.uuid4()), payload, "")
        delivery = await self._store.send(event, endpoint_id)
        self._wake.set()
        return delivery

    async def replay(self, organisation: str, delivery_id: str) -> Delivery:
        """Send a delivery's event once more; raises `NotFound`."""
        delivery = await self._store.replay(organisation, delivery_id, self._clock())
        self._wake.set()
        return delivery

    async def replay_failed(self, organisation: str, endpoint_id: str) -> list[Delivery]:
        """Send an endpoint each event once more that it never took; raises `NotFound`."""
        deliveries = await self._store.replay_failed(organisation, endpoint_id, self._clock())
        self._wake.set()
        return deliveries

    def _event(
        self, organisation: str, event_type: str, event_id: str, payload: Mapping[str, Any], subject: str
    ) -> WebhookEvent:
        return WebhookEvent(
            id=event_id,
            organisation=organisation,
            event_type=event_type,
            subject=subject,
            payload=json.dumps(payload, separators=(",", ":")),
            created_at=self._clock(),
        )

    # ── the work ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._take()
            except StreamServerError as error:
                _log.warning("webhooks wait: the database does not lend them out (%s)", error.code)
            except Exception as error:  # noqa: BLE001  # the boundary of a task nobody awaits
                _log.exception("webhooks cannot be taken (%s)", type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()

    async def _take(self) -> None:
        """Claim as many deliveries as there is room for, and begin to send them."""
        room = self._at_once - len(self._under_way)
        if room <= 0:
            return
        busy = {claim.endpoint.id for claim in self._under_way.values()}
        claims = await self._store.claim(self._clock(), lease_seconds=self._lease_seconds, limit=room, busy=busy)
        for claim in claims:
            task = asyncio.create_task(self._deliver(claim), name=f"webhook-{claim.delivery_id}")
            self._under_way[task] = claim
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        claim = self._under_way.pop(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:  # a fault of ours: it is sent again
            _log.error("webhook not sent (%s): delivery=%s", type(error).__name__, claim.delivery_id)

    async def _deliver(self, claim: Claim) -> None:
        """Make one attempt and write down how it went."""
        attempt = await self._attempt(claim)
        state, due_at = after(attempt, claim.tried, self._retry_seconds)
        _log.log(
            logging.WARNING if state == "failed" else logging.INFO,
            "webhook %s: delivery=%s endpoint=%s event=%s attempt=%d answer=%s seconds=%.2f",
            *(state, claim.delivery_id, claim.endpoint.id, claim.event.event_type, claim.tried + 1),
            *(attempt.response_status or attempt.trouble, attempt.elapsed_seconds),
        )
        try:
            if await self._store.settle(claim, attempt, state, due_at):
                self._tried(state)
            else:
                _log.info("webhook taken over or deleted meanwhile: delivery=%s", claim.delivery_id)
        except StreamServerError as error:  # once its claim has run out it is sent again, under the same id
            _log.warning("a webhook's answer is not written down (%s): delivery=%s", error.code, claim.delivery_id)

    async def _attempt(self, claim: Claim) -> Attempt:
        at = self._clock()
        request = request_of(claim.endpoint, claim.event, at)
        if request is None:
            return Attempt(at=at, trouble="no_secret")
        answer = await self._post(request)
        elapsed_seconds = max(0.0, self._clock() - at)
        if isinstance(answer, int):
            return Attempt(at=at, response_status=answer, elapsed_seconds=elapsed_seconds)
        return Attempt(at=at, trouble=answer, elapsed_seconds=elapsed_seconds)

    async def _purge_daily(self) -> None:
        while True:
            try:
                count = await self._store.purge(self._clock() - self._retention_seconds)
            except StreamServerError as error:
                _log.warning("old webhook events stay for a day longer (%s)", error.code)
            else:
                _log.info("old webhook events deleted: %d", count)
            await asyncio.sleep(PURGE_SECONDS)
