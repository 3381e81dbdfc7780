"""`keys create`, `keys list`, `keys revoke`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from stream_server.cli.options import STORE_SETTINGS, with_settings, with_store


@click.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("create")
@click.option("--organisation", default="default", show_default=True, help="Owner of the key; made if it is new.")
@click.option("--organisation-name", help="Its name, if it is new.")
@click.option("--label", default="", help="A note for people.")
@click.option("--user", help="An opaque user id that usage is told apart by.")
@click.option("--scope", "scopes", multiple=True, default=("transcribe",), show_default=True, help="May be repeated.")
@click.option("--quota-seconds", type=float, help="Audio the key may use per period.")
@click.option("--quota-period", type=click.Choice(["month", "life"]), default="month", show_default=True)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC) on which it is refused.")
@click.option("--sessions-per-minute", type=int, help="Sessions it may begin in a minute.")
@click.option("--max-sessions", "key_max_sessions", type=int, help="Sessions it may hold at once.")
@with_settings(*STORE_SETTINGS)
def keys_create(
    *,
    organisation: str,
    organisation_name: str | None,
    expires: datetime | None,
    key_max_sessions: int | None,
    config: Path | None,
    data_directory: str | None,
    redis_url: str | None,
    **fields: Any,
) -> None:
    """Make a key and print it; it is shown this once."""
    from stream_server.store.base import ApiKey, Organisation, Store
    from stream_server.store.keys import issue_key

    async def create(store: Store) -> str:
        now = time.time()
        if await store.find_organisation(organisation) is None:
            name = organisation_name or organisation
            await store.create_organisation(Organisation(id=organisation, name=name, created_at=now))
        end = expires.replace(tzinfo=UTC).timestamp() if expires else None
        template = ApiKey(
            id="", organisation=organisation, created_at=now, expires_at=end, max_sessions=key_max_sessions, **fields
        )
        token, key = await issue_key(store, template)
        click.echo(f"created {key.id} for {organisation}; keep the key, it is not shown again:", err=True)
        return token

    click.echo(with_store(create, config, data_directory, redis_url))


@keys.command("list")
@click.option("--organisation", help="Only this one's.")
@with_settings(*STORE_SETTINGS)
def keys_list(organisation: str | None, config: Path | None, data_directory: str | None, redis_url: str | None) -> None:
    """List keys, without their secrets."""
    from stream_server.store.base import ApiKey

    def line(key: ApiKey) -> str:
        quota = "no quota" if key.quota_seconds is None else f"{key.quota_seconds:g} s per {key.quota_period}"
        over = key.expires_at is not None and key.expires_at <= time.time()
        state = "revoked" if key.revoked_at else "expired" if over else "valid"
        return "  ".join([key.id, key.organisation, key.user or "-", ",".join(key.scopes), quota, state, key.label])

    for key in with_store(lambda store: store.list_keys(organisation), config, data_directory, redis_url):
        click.echo(line(key).rstrip())


@keys.command("revoke")
@click.argument("key_id")
@with_settings(*STORE_SETTINGS)
def keys_revoke(key_id: str, config: Path | None, data_directory: str | None, redis_url: str | None) -> None:
    """Revoke a key for good; servers follow within seconds."""
    key = with_store(lambda store: store.revoke_key(key_id, None, time.time()), config, data_directory, redis_url)
    click.echo(f"revoked {key.id}")
