"""Builds what webhooks need out of the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stream_server.net.posting import Poster
from stream_server.settings import Settings
from stream_server.store.sealing import Seal
from stream_server.store.sql import Database
from stream_server.store.sql_webhooks import SqlWebhooks
from stream_server.webhook_delivery import Webhooks
from stream_server.webhooks.delivery import State


@dataclass(frozen=True, slots=True)
class OpenWebhooks:
    """Webhooks in use; `close` before the database."""

    store: SqlWebhooks
    poster: Poster
    deliveries: Webhooks

    async def close(self) -> None:
        """End what is under way, or give it back."""
        await self.deliveries.stop()
        await self.poster.close()


async def open_webhooks(
    settings: Settings, database: Database, seal: Seal, *, tried: Callable[[State], None]
) -> OpenWebhooks:
    """Begin to send what is due; secrets are sealed with the key that seals voices. `tried` hears of every attempt."""
    store = SqlWebhooks(database, seal)
    poster = Poster(
        timeout_seconds=settings.webhook_timeout_seconds,
        allowed_hosts=[host.lower() for host in settings.webhook_allowed_hosts],
    )
    deliveries = Webhooks(
        store,
        poster.post,
        retry_seconds=settings.webhook_retry_seconds,
        timeout_seconds=settings.webhook_timeout_seconds,
        at_once=settings.max_webhook_requests,
        retention_days=settings.webhook_retention_days,
        tried=tried,
    )
    await deliveries.start()
    return OpenWebhooks(store, poster, deliveries)
