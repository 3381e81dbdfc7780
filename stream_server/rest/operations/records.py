"""The operations of `rest.records`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.errors import NotFound
from stream_server.rest.openapi.operation import Answer, Operation, closed
from stream_server.rest.records import CONTENT_TYPES, HIGHEST_LIMIT, USUAL_LIMIT
from stream_server.store.base import Kind
from stream_server.store.exports import Format

GROUP = "Records"

THE_RECORD = {"id": "The record, which has the id of its session."}


@closed
class PageQuery(TypedDict):
    """Which records are wanted."""

    user: NotRequired[str]
    """A user's key sees that user's alone."""
    meeting_id: NotRequired[str]
    kind: NotRequired[Kind]
    limit: NotRequired[Annotated[int, Field(ge=1, le=HIGHEST_LIMIT, json_schema_extra={"default": USUAL_LIMIT})]]
    """How many a page has."""
    cursor: NotRequired[str]
    """Where the page before ended: its `next_cursor`."""


@closed
class RecordHead(TypedDict):
    """What is known of a record without its words."""

    id: str
    """The id of the session too."""
    kind: Kind
    user: str | None
    """Whom the key belonged to."""
    meeting_id: str | None
    label: str | None
    started_at: str
    """In UTC, as ISO 8601."""
    ended_at: str | None
    """null while it runs."""
    seconds: float | None
    """How long it is; null while it runs."""
    sample_rate: int
    """Of the clock that `start_sample` and `end_sample` count."""
    model: str
    language: str | None
    tracks: list[str]
    """Their names."""
    outcome: str | None
    """`ok`, the code of the error it ended with, or `abandoned`; null while it runs."""
    lost: int
    """Events that could not be kept."""


@closed
class RecordPage(TypedDict):
    """Heads of records, newest first."""

    records: list[RecordHead]
    next_cursor: str | None
    """For the next page; null on the last one."""


@closed
class RecordSpeaker(TypedDict):
    """Somebody who speaks in a record."""

    id: int
    name: str | None


@closed
class RecordWord(TypedDict):
    """A word as it is shown."""

    text: str
    spoken: NotRequired[str]
    """What the engine wrote, where it is something else."""
    start_sample: int
    start_seconds: float
    end_sample: int
    end_seconds: float
    confidence: float
    speaker: int | None
    overlap: NotRequired[Literal[True]]
    """Where somebody else speaks at the same time."""


@closed
class RecordSegment(TypedDict):
    """An utterance, as its final and later revisions have it."""

    sequence: int
    utterance_id: str
    track: int
    speaker: int | None
    """Who said most of it."""
    start_sample: int
    start_seconds: float
    end_sample: int
    end_seconds: float
    text: str
    language: str | None
    words: list[RecordWord]


@closed
class Record(RecordHead):
    """A whole record: its head, as in `RecordHead`, and its words."""

    speakers: list[RecordSpeaker]
    segments: list[RecordSegment]


@closed
class ReadQuery(TypedDict):
    """The form in which a record is wanted."""

    format: NotRequired[Format]


@closed
class AudioQuery(TypedDict):
    """Which track is wanted."""

    track: NotRequired[Annotated[int, Field(ge=0, le=99, json_schema_extra={"default": 0})]]


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/records",
        group=GROUP,
        summary="List records",
        query=PageQuery,
        answers=(Answer(text="A page of heads, newest first.", content={"application/json": RecordPage}),),
    ),
    Operation(
        method="GET",
        path="/v1/records/{id}",
        group=GROUP,
        summary="Read a record",
        places=THE_RECORD,
        query=ReadQuery,
        answers=(
            Answer(
                text="The record in the form that was asked for.",
                content={name: Record if form == "json" else str for form, name in CONTENT_TYPES.items()},
            ),
        ),
        errors=(NotFound,),
    ),
    Operation(
        method="GET",
        path="/v1/records/{id}/audio",
        group=GROUP,
        summary="Listen to a track",
        text="Where the session asked for its audio to be kept.",
        places=THE_RECORD,
        query=AudioQuery,
        answers=(
            Answer(text="The track.", content={"audio/flac": bytes}),
            Answer(text="The bytes that `Range` asked for.", status=206, content={"audio/flac": bytes}),
            Answer(text="It is the one that you have.", status=304),
            Answer(text="There are no such bytes.", status=416),
            Answer(text="It has changed since then.", status=412),
        ),
        errors=(NotFound,),
    ),
    Operation(
        method="DELETE",
        path="/v1/records/{id}",
        group=GROUP,
        summary="Delete a record for good",
        text="With a key of scope `admin`, or of the user whose words they are.",
        places=THE_RECORD,
        answers=(Answer(text="It is gone, and so is its audio.", status=204),),
        errors=(NotFound,),
    ),
)
