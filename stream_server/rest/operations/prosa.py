"""The operations of `rest.prosa`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.compat.prosa.errors import JobNotFound, ModelNotFound, NoAudioProvided, WaitingNotAllowed
from stream_server.compat.prosa.submission import LONGEST_LABEL, LONGEST_URI
from stream_server.errors import JobRunning
from stream_server.jobs.job import JobStatus, SortKey
from stream_server.rest.openapi.forms import PROSA
from stream_server.rest.openapi.operation import Answer, Operation, closed, lenient
from stream_server.rest.operations.transcribing import ENCODED, FETCHING, LOOKING, UPLOADING, WORKING
from stream_server.rest.prosa import PATH, USUAL_PER_PAGE

GROUP = "Prosa: speech to text"

THE_JOB = {"job_id": "The job, which has the id of its record."}


@lenient
class ProsaConfig(TypedDict):
    """How to transcribe; booleans and numbers may be strings. What has no meaning here is passed over."""

    model: str
    """One of those that are listed; clients that call it `engine` are understood."""
    wait: NotRequired[bool]
    """Answer when the job is done, or after the setting `job_wait_seconds`; not for a `uri`."""
    speaker_count: NotRequired[int | None]
    include_filler: NotRequired[bool]
    include_partial_results: NotRequired[bool]
    auto_punctuation: NotRequired[bool]
    enable_spoken_numerals: NotRequired[bool]
    enable_speech_insights: NotRequired[bool]
    enable_voice_insights: NotRequired[bool]


@lenient
class ProsaRequest(TypedDict):
    """What to transcribe: either `data`, which clients may call `audio`, or `uri`."""

    label: NotRequired[Annotated[str, Field(max_length=LONGEST_LABEL)] | None]
    data: NotRequired[str | None]
    """In base64."""
    uri: NotRequired[Annotated[str, Field(max_length=LONGEST_URI)] | None]
    """On a host that the setting `fetch_allowed_hosts` names."""
    mime_type: NotRequired[str | None]
    duration: NotRequired[float | None]
    sample_rate: NotRequired[int | None]
    channels: NotRequired[int | None]


@lenient
class ProsaSubmission(TypedDict):
    """A job; the fields of both objects may stand beside them or instead of them."""

    config: ProsaConfig
    request: ProsaRequest


@lenient
class ProsaForm(TypedDict):
    """A job whose audio is a file; `config` and `request` as JSON, or their fields one by one."""

    file: bytes
    model: NotRequired[str]
    config: NotRequired[str]
    request: NotRequired[str]


@closed
class ProsaModel(TypedDict):
    """A name that is accepted; all of them mean the model that is loaded."""

    name: str
    label: str
    language: str
    domain: str
    acoustic: str
    channels: int
    samplerate: int


@closed
class ProsaProgressDetails(TypedDict):
    """In percent."""

    transfer: float
    transcribe: float


@closed
class ProsaProgress(TypedDict):
    """In percent."""

    total: float
    details: ProsaProgressDetails


@closed
class ProsaStatus(TypedDict):
    """How far a job is. Times are UTC without a zone."""

    job_id: str
    status: JobStatus
    created_at: str
    modified_at: str
    progress: ProsaProgress | None


@closed
class ProsaArchived(TypedDict):
    """A job that was taken away."""

    job_id: str
    status: Literal["archived"]
    created_at: str
    modified_at: str


@closed
class ProsaSaidRequest(TypedDict):
    """What was handed in, with what was found in it."""

    label: str | None
    uri: str
    """Where it was fetched from, else where it can be played."""
    data: None
    duration: float | None
    mime_type: str | None
    sample_rate: int | None
    channels: int | None


@closed
class ProsaPiece(TypedDict):
    """What somebody said; times are in seconds."""

    transcript: str
    final: Literal[True]
    time_start: float
    time_end: float
    channel: int
    speaker_tag: int


@closed
class ProsaResult(TypedDict):
    """What came of a job."""

    data: list[ProsaPiece] | None
    path: None
    error: str | None
    message: NotRequired[str]
    latency: float | None
    speaker_count: int | None
    speech_insights: None
    voice_insights: None


@closed
class ProsaJobConfig(TypedDict):
    """How it is transcribed."""

    model: str
    wait: bool
    speaker_count: int | None
    include_filler: bool
    include_partial_results: bool
    auto_punctuation: bool
    enable_spoken_numerals: bool
    enable_speech_insights: bool
    enable_voice_insights: bool


@closed
class ProsaJob(TypedDict):
    """A job; its result is null until there is one."""

    job_id: str
    status: JobStatus
    created_at: str
    modified_at: str
    progress: ProsaProgress | None
    request: ProsaSaidRequest | None
    result: ProsaResult | None
    job_config: ProsaJobConfig
    model: ProsaModel


@closed
class ProsaPagination(TypedDict):
    """Which page it is."""

    page: int
    per_page: int
    page_count: int


@closed
class ProsaPage(TypedDict):
    """Some jobs, without their results."""

    pagination: ProsaPagination
    length: int
    data: list[ProsaJob]


@lenient
class ProsaWanted(TypedDict):
    """Which jobs are wanted; empty parameters mean nothing."""

    from_date: NotRequired[str]
    """The first day, as YYYY-MM-DD."""
    until_date: NotRequired[str]
    query_text: NotRequired[str]
    """Words in the label, or in what was said."""


@lenient
class ProsaPageQuery(TypedDict):
    """Which jobs are wanted, and in what order; empty parameters mean nothing."""

    from_date: NotRequired[str]
    """The first day, as YYYY-MM-DD."""
    until_date: NotRequired[str]
    query_text: NotRequired[str]
    """Words in the label, or in what was said."""
    page: NotRequired[Annotated[int, Field(ge=1, json_schema_extra={"default": 1})]]
    per_page: NotRequired[Annotated[int, Field(ge=1, json_schema_extra={"default": USUAL_PER_PAGE})]]
    """More than 100 are as many as 100."""
    sort_by: NotRequired[SortKey]
    sort_ascend: NotRequired[bool]


def prosa(method: Any, path: str, summary: str, text: str, shape: Any, **more: Any) -> Operation:
    """Return an operation that answers with JSON."""
    answers = (Answer(text=text, content={"application/json": shape}),)
    return Operation(
        method=method, path=f"{PATH}{path}", group=GROUP, form=PROSA, summary=summary, answers=answers, **more
    )


OPERATIONS = (
    prosa("GET", "/models", "List the accepted models", "All of them mean the one that is loaded.", list[ProsaModel]),
    prosa(
        "POST",
        "",
        "Submit a job",
        "The job, with its result if it was waited for.",
        ProsaJob,
        body={"application/json": ProsaSubmission, "multipart/form-data": ProsaForm},
        example={"config": {"model": "stt-general", "wait": True}, "request": {"label": "Monday", "data": "UklGR…"}},
        errors=(
            *(JobNotFound, ModelNotFound, NoAudioProvided, WaitingNotAllowed),
            *(*UPLOADING, *ENCODED, *FETCHING, *LOOKING, *WORKING),
        ),
    ),
    prosa(
        "GET",
        "",
        "List jobs",
        "A page of them; on the same path a websocket is the streaming wire.",
        ProsaPage,
        query=ProsaPageQuery,
    ),
    prosa("GET", "/count", "Count jobs", "A bare number.", int, query=ProsaWanted),
    prosa(
        "GET",
        "/{job_id}",
        "Read a job",
        "The job, with its result if it has one.",
        ProsaJob,
        places=THE_JOB,
        errors=(JobNotFound,),
    ),
    prosa(
        "GET",
        "/{job_id}/status",
        "See how far a job is",
        "Without what was said.",
        ProsaStatus,
        places=THE_JOB,
        errors=(JobNotFound,),
    ),
    prosa(
        "DELETE",
        "/{job_id}",
        "Take a job away",
        "It is hidden, and its file is deleted.",
        ProsaArchived,
        places=THE_JOB,
        errors=(JobNotFound, JobRunning),
    ),
)
