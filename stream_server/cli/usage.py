"""`usage`: who used how much."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from stream_server.cli.options import STORE_SETTINGS, with_settings, with_store


@click.command()
@click.option("--organisation", help="Only this one's; all of them otherwise.")
@click.option("--user", help="Only this user's.")
@click.option("--kind", type=click.Choice(["live", "recording"]), help="Only this kind.")
@click.option("--from", "from_date", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC).")
@click.option("--to", "to_date", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC).")
@click.option("--by", default="organisation,user,kind,day", show_default=True, help="What to group by.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@with_settings(*STORE_SETTINGS)
def usage(
    *,
    organisation: str | None,
    user: str | None,
    kind: Any,
    from_date: datetime | None,
    to_date: datetime | None,
    by: str,
    form: str,
    config: Path | None,
    data_directory: str | None,
    redis_url: str | None,
) -> None:
    """Tell who used how much."""
    from stream_server.store.base import UsageFilter
    from stream_server.store.report import usage_csv, usage_json

    first, last = (day.date().isoformat() if day else None for day in (from_date, to_date))
    wanted = UsageFilter(organisation=organisation, user=user, kind=kind, first_day=first, last_day=last)
    rows = with_store(lambda store: store.query_usage(wanted), config, data_directory, redis_url)
    group_by = tuple(part.strip() for part in by.split(",") if part.strip())
    if form == "json":
        click.echo(json.dumps(usage_json(rows, group_by), indent=2))
        return
    text = usage_csv(rows, group_by)
    click.echo(text if form == "csv" else _table(text), nl=False)


def _table(text: str) -> str:
    """Align the columns of CSV for people."""
    import csv

    rows = [[cell or "-" for cell in row] for row in csv.reader(text.splitlines())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)
