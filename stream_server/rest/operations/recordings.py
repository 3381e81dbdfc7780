"""The operations of `rest.recordings`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.errors import JobRunning, NotFound
from stream_server.jobs.job import JobStatus
from stream_server.protocol.fields import LONGEST_NAME
from stream_server.rest.openapi.operation import Answer, Operation, closed
from stream_server.rest.operations.event_stream import EVENT_STREAM, ServerSentEvent
from stream_server.rest.operations.formatting import FormattingOptions
from stream_server.rest.operations.transcribing import FETCHING, LOOKING, UPLOADING, WORKING
from stream_server.rest.recordings import HIGHEST_LIMIT, HIGHEST_PAGE, USUAL_LIMIT
from stream_server.session.options import MOST_SPEAKERS

GROUP = "Recordings"

THE_RECORDING = {"id": "The recording, which has the id of its record."}

Label = Annotated[str, Field(max_length=1_000)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Hotwords = Annotated[str, Field(max_length=1_000)]
Context = Annotated[str, Field(max_length=2_000)]
Count = Annotated[int, Field(ge=1, le=MOST_SPEAKERS)]
Channels = Literal["mixed", "separate"]


@closed
class RecordingUrl(TypedDict):
    """Where a recording is, on a host that the setting `fetch_allowed_hosts` names, and how to transcribe it."""

    url: Annotated[str, Field(min_length=1, json_schema_extra={"format": "uri"})]
    label: NotRequired[Label | None]
    meeting_id: NotRequired[Name | None]
    language: NotRequired[Name | None]
    """A code such as en or id; it is detected if it is left out."""
    languages: NotRequired[list[Name] | None]
    """Among which to detect it."""
    hotwords: NotRequired[Hotwords | None]
    """Words to listen for, with commas between them."""
    context: NotRequired[Context | None]
    """What was said before, or what it is about."""
    speaker_count: NotRequired[Count | None]
    max_speakers: NotRequired[Count | None]
    diarize: NotRequired[bool | None]
    channels: NotRequired[Channels | None]
    """Whether each channel is transcribed on its own."""
    formatting: NotRequired[FormattingOptions | None]


@closed
class RecordingForm(TypedDict):
    """A recording, and how to transcribe it."""

    file: bytes
    label: NotRequired[Label]
    meeting_id: NotRequired[Name]
    language: NotRequired[Name]
    languages: NotRequired[str]
    """With commas between them."""
    hotwords: NotRequired[Hotwords]
    context: NotRequired[Context]
    speaker_count: NotRequired[Count]
    max_speakers: NotRequired[Count]
    diarize: NotRequired[bool]
    channels: NotRequired[Channels]
    formatting: NotRequired[FormattingOptions]
    """As JSON."""


@closed
class RecordingError(TypedDict):
    """Why it failed: the code and the sentence of an error."""

    code: str
    message: str | None


@closed
class Recording(TypedDict):
    """A recording and how far it is."""

    id: str
    """Of its record too."""
    status: JobStatus
    progress: float
    """The share that is done."""
    label: str | None
    meeting_id: str | None
    name: str
    """Of the file that came."""
    media: str | None
    """The path at which it can be played."""
    mime_type: str | None
    seconds: float | None
    channels: int | None
    attempts: int
    created_at: str
    """In UTC, as ISO 8601."""
    modified_at: str
    error: RecordingError | None


@closed
class RecordingPage(TypedDict):
    """Some recordings, newest first, and how many there are in all."""

    recordings: list[Recording]
    total: int


@closed
class RecordingQuery(TypedDict):
    """Which recordings are wanted."""

    status: NotRequired[JobStatus]
    meeting_id: NotRequired[str]
    q: NotRequired[str]
    """Words in the label, or in what was said."""
    page: NotRequired[Annotated[int, Field(ge=1, le=HIGHEST_PAGE, json_schema_extra={"default": 1})]]
    limit: NotRequired[Annotated[int, Field(ge=1, le=HIGHEST_LIMIT, json_schema_extra={"default": USUAL_LIMIT})]]


AS_IT_IS = (Answer(text="As it is now.", content={"application/json": Recording}),)

OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/recordings",
        group=GROUP,
        summary="Hand in a recording",
        text="What is said in it becomes a record of the same id.",
        body={"multipart/form-data": RecordingForm, "application/json": RecordingUrl},
        answers=(Answer(text="It is queued.", status=202, content={"application/json": Recording}),),
        errors=(*UPLOADING, *FETCHING, *LOOKING, *WORKING),
    ),
    Operation(
        method="GET",
        path="/v1/recordings",
        group=GROUP,
        summary="List recordings",
        query=RecordingQuery,
        answers=(Answer(text="A page, newest first.", content={"application/json": RecordingPage}),),
    ),
    Operation(
        method="GET",
        path="/v1/recordings/{id}",
        group=GROUP,
        summary="See how far a recording is",
        places=THE_RECORDING,
        answers=AS_IT_IS,
        errors=(NotFound,),
    ),
    Operation(
        method="GET",
        path="/v1/recordings/{id}/events",
        group=GROUP,
        summary="Follow a recording to its end",
        text="Events are called `progress`, or what its status is in the end; their data are a `Recording`.",
        places=THE_RECORDING,
        answers=(Answer(text="Server-sent events.", content={EVENT_STREAM: ServerSentEvent}),),
        errors=(NotFound,),
    ),
    Operation(
        method="POST",
        path="/v1/recordings/{id}/cancel",
        group=GROUP,
        summary="Stop working on a recording",
        places=THE_RECORDING,
        answers=AS_IT_IS,
        errors=(NotFound,),
    ),
    Operation(
        method="POST",
        path="/v1/recordings/{id}/retry",
        group=GROUP,
        summary="Begin anew with a recording that failed or was cancelled",
        places=THE_RECORDING,
        answers=AS_IT_IS,
        errors=(JobRunning, NotFound, *WORKING),
    ),
    Operation(
        method="DELETE",
        path="/v1/recordings/{id}",
        group=GROUP,
        summary="Hide a recording and delete its file",
        text="Its record stays.",
        places=THE_RECORDING,
        answers=AS_IT_IS,
        errors=(JobRunning, NotFound),
    ),
)
