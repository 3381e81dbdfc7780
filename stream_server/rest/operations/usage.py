"""The operations of `rest.usage`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.rest.openapi.operation import Answer, Operation, closed
from stream_server.store.base import Kind

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


@closed
class Wanted(TypedDict):
    """Which rows are summed, and how they are grouped."""

    from_date: NotRequired[Day]
    """The first day, as YYYY-MM-DD."""
    to_date: NotRequired[Day]
    """The last day, as YYYY-MM-DD."""
    user: NotRequired[str]
    kind: NotRequired[Kind]
    key_id: NotRequired[str]
    group_by: NotRequired[str]
    """Some of organisation, user, key_id, kind and day, with commas between them; all of them if it is left out."""
    format: NotRequired[Literal["json", "csv"]]
    """`json` unless `Accept` asks for text/csv."""


@closed
class UsageTotal(TypedDict):
    """The sum over everything."""

    sessions: int
    billable_seconds: float
    billable: str
    """`billable_seconds` as H:MM:SS."""
    track_seconds: float
    speech_seconds: float


@closed
class UsageRow(TypedDict):
    """The sum over a group; it has the dimensions that it was grouped by."""

    organisation: NotRequired[str | None]
    user: NotRequired[str | None]
    key_id: NotRequired[str | None]
    kind: NotRequired[Kind | None]
    day: NotRequired[str | None]
    """As YYYY-MM-DD, in UTC."""
    sessions: int
    billable_seconds: float
    billable: str
    """`billable_seconds` as H:MM:SS."""
    track_seconds: float
    """Every track counts."""
    speech_seconds: float
    """Those in which somebody spoke."""


@closed
class UsageReport(TypedDict):
    """Who used how much."""

    rows: list[UsageRow]
    total: UsageTotal


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/usage",
        group="Usage",
        summary="Sum up what was used",
        text="Of the key's own organisation.",
        scope="usage",
        query=Wanted,
        answers=(
            Answer(text="The sums, exact to a hundredth.", content={"application/json": UsageReport, "text/csv": str}),
        ),
    ),
)
