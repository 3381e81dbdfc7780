"""The operations of `rest.evaluation`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.errors import MessageTooLarge, NotFound, NotInstalled, ServerFull
from stream_server.evaluate.evaluation import COLLAR_SECONDS, LONGEST_COLLAR_SECONDS
from stream_server.rest.openapi.operation import Answer, Operation, closed


@closed
class GivenText(TypedDict):
    """A transcript as the text of a file."""

    format: Literal["text", "stm", "rttm", "json", "srt", "vtt"]
    content: str


@closed
class GivenJson(TypedDict):
    """A transcript as JSON, not wrapped in a string."""

    format: Literal["json"]
    content: list[Any] | dict[str, Any]


@closed
class GivenRecord(TypedDict):
    """A record of this server."""

    record_id: str


Side = str | GivenText | GivenJson | GivenRecord


@closed
class EvaluationRequest(TypedDict):
    """Two transcripts, and how to compare them; a string is plain text."""

    reference: Side
    """The truth."""
    hypothesis: Side
    language: NotRequired[str | None]
    """A code such as en or id; where it is left out, what the transcripts say."""
    normalizer: NotRequired[
        Annotated[Literal["auto", "english", "basic", "none"], Field(json_schema_extra={"default": "auto"})]
    ]
    collar_seconds: NotRequired[
        Annotated[float, Field(ge=0, le=LONGEST_COLLAR_SECONDS, json_schema_extra={"default": COLLAR_SECONDS})]
    ]
    """What is forgiven to each side of every start and end."""


@closed
class EditScore(TypedDict):
    """Words or characters that are wrong."""

    rate: float | None
    """Errors per unit of the reference; null without a reference."""
    substitutions: int
    deletions: int
    insertions: int
    reference_length: int
    hypothesis_length: int


@closed
class DiarizationScore(TypedDict):
    """Seconds that are wrong; where two speak at once each second counts twice."""

    rate: float | None
    missed_seconds: float
    false_alarm_seconds: float
    confusion_seconds: float
    reference_seconds: float


@closed
class SpeakerPair(TypedDict):
    """Who is which."""

    reference: str | None
    hypothesis: str | None


@closed
class ConfusionMatrix(TypedDict):
    """Who was taken for whom, in seconds: a row for each speaker of the reference."""

    reference_speakers: list[str]
    hypothesis_speakers: list[str]
    seconds: list[list[float]]
    missed_seconds: list[float]
    false_alarm_seconds: list[float]
    mapping: list[SpeakerPair]


@closed
class SpeakerWordScore(TypedDict):
    """cpWER: the errors of each speaker's words under the assignment with the fewest."""

    rate: float | None
    substitutions: int
    deletions: int
    insertions: int
    reference_length: int
    hypothesis_length: int
    assignment: list[SpeakerPair]


@closed
class EvaluationReport(TypedDict):
    """Every score that the two allow; null where `not_computed` says why."""

    language: str | None
    normalizer: str
    """The one in effect."""
    unit: Literal["word", "character"]
    """What `wer` and `cpwer` count."""
    collar_seconds: float
    wer: EditScore | None
    cer: EditScore | None
    der: DiarizationScore | None
    der_without_overlap: DiarizationScore | None
    speaker_confusion: ConfusionMatrix | None
    cpwer: SpeakerWordScore | None
    not_computed: dict[str, str]


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/eval_transcript",
        group="Evaluation",
        summary="Score a transcript against a reference",
        body={"application/json": EvaluationRequest},
        example={"reference": "we signed the lease", "hypothesis": "we sign the lease"},
        answers=(Answer(text="The scores.", content={"application/json": EvaluationReport}),),
        errors=(MessageTooLarge, NotFound, NotInstalled, ServerFull),
    ),
)
