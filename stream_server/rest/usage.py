"""`GET /v1/usage`: who used how much, of the key's own organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast, get_args

from aiohttp import web

from stream_server.auth import Authenticator
from stream_server.errors import InvalidConfiguration
from stream_server.store.base import Kind, Store, UsageFilter
from stream_server.store.report import DIMENSIONS, usage_csv, usage_json

PARAMETERS = ("from_date", "to_date", "user", "kind", "key_id", "group_by", "format")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Handlers on the ledger."""

    authenticator: Authenticator
    store: Store

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [web.get("/v1/usage", self.report)]

    async def report(self, request: web.Request) -> web.Response:
        """Sum the rows that the query asks for, as JSON or CSV."""
        principal = await self.authenticator.authorise(presented_key(request), "usage")
        wanted = read_filter(request.query, principal.organisation)
        group_by = _list(request.query.get("group_by")) or DIMENSIONS
        as_csv = wants_csv(request)
        rows = await self.store.query_usage(wanted)
        if as_csv:
            return web.Response(text=usage_csv(rows, group_by), content_type="text/csv")
        return web.json_response(usage_json(rows, group_by))


def presented_key(request: web.Request) -> str | None:
    """Return the API key: the header `x-api-key`, or `Authorization: Bearer`."""
    key = request.headers.get("x-api-key", "").strip()
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if not key and scheme.lower() == "bearer":
        key = credentials.strip()
    return key or None


def read_filter(query: Mapping[str, str], organisation: str) -> UsageFilter:
    """Read which rows are wanted; raises `InvalidConfiguration` that names the parameter."""
    if not set(query) <= set(PARAMETERS):
        raise InvalidConfiguration(f"usage has these parameters and no others: {', '.join(PARAMETERS)}")
    kind = query.get("kind")
    if kind is not None and kind not in get_args(Kind):
        raise InvalidConfiguration(f"kind must be one of {', '.join(get_args(Kind))}")
    return UsageFilter(
        organisation=organisation,
        user=query.get("user"),
        key_id=query.get("key_id"),
        kind=cast(Kind | None, kind),
        first_day=_day(query, "from_date"),
        last_day=_day(query, "to_date"),
    )


def wants_csv(request: web.Request) -> bool:
    """Tell whether CSV is asked for, by `format` or by `Accept`."""
    wanted = request.query.get("format")
    if wanted not in (None, "json", "csv"):
        raise InvalidConfiguration("format must be json or csv")
    return wanted == "csv" or (wanted is None and "text/csv" in request.headers.get("Accept", ""))


def _day(query: Mapping[str, str], name: str) -> str | None:
    value = query.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise InvalidConfiguration(f"{name} must be a day as YYYY-MM-DD") from None


def _list(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())
