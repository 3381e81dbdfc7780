"""The operations of `rest.deepgram`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.compat.deepgram.errors import LISTEN, PROJECTS, REQUEST_ID_HEADER
from stream_server.compat.deepgram.parameters import UTTERANCE_SPLIT_SECONDS
from stream_server.rest.openapi.forms import DEEPGRAM
from stream_server.rest.openapi.operation import Answer, Operation, closed, lenient
from stream_server.rest.operations.transcribing import FETCHING, LOOKING, UPLOADING, WORKING


@lenient
class DeepgramListenQuery(TypedDict):
    """What is wanted; parameters that mean nothing here are passed over."""

    model: NotRequired[str]
    """Any name means the model that is loaded."""
    language: NotRequired[str]
    """A code such as en or id; `multi` for several."""
    detect_language: NotRequired[str]
    """`true`, or the codes among which to choose, the parameter repeated."""
    encoding: NotRequired[Literal["linear16", "linear32", "mulaw", "alaw", "flac", "ogg-opus"]]
    """Of audio without a header; with `sample_rate` unless it brings one."""
    sample_rate: NotRequired[Annotated[int, Field(ge=8_000, le=48_000)]]
    channels: NotRequired[Annotated[int, Field(ge=1, le=8)]]
    multichannel: NotRequired[bool]
    """Each channel is transcribed on its own."""
    diarize: NotRequired[bool]
    """Words say who spoke them."""
    punctuate: NotRequired[bool]
    """Words are shown with case and punctuation."""
    smart_format: NotRequired[bool]
    paragraphs: NotRequired[bool]
    utterances: NotRequired[bool]
    utt_split: NotRequired[Annotated[float, Field(ge=0, json_schema_extra={"default": UTTERANCE_SPLIT_SECONDS})]]
    """Seconds of silence between utterances."""
    keyterm: NotRequired[str]
    """A word to listen for; may be repeated."""
    keywords: NotRequired[str]
    """The same, with a weight behind a colon, which is passed over."""


@lenient
class DeepgramUrl(TypedDict):
    """Where a recording is, on a host that the setting `fetch_allowed_hosts` names."""

    url: Annotated[str, Field(min_length=1, json_schema_extra={"format": "uri"})]


@closed
class DeepgramWord(TypedDict):
    """A word; times are in seconds."""

    word: str
    start: float
    end: float
    confidence: float
    punctuated_word: NotRequired[str]
    speaker: NotRequired[int]
    """From 0."""
    language: NotRequired[str]


@closed
class DeepgramSentence(TypedDict):
    """A sentence."""

    text: str
    start: float
    end: float


@closed
class DeepgramParagraph(TypedDict):
    """Some sentences of one speaker."""

    sentences: list[DeepgramSentence]
    num_words: int
    start: float
    end: float
    speaker: NotRequired[int]


@closed
class DeepgramParagraphs(TypedDict):
    """A transcript in paragraphs."""

    transcript: str
    paragraphs: list[DeepgramParagraph]


@closed
class DeepgramAlternative(TypedDict):
    """What was said in a channel; there is always one."""

    transcript: str
    confidence: float
    words: list[DeepgramWord]
    paragraphs: NotRequired[DeepgramParagraphs]
    languages: NotRequired[list[str]]


@closed
class DeepgramChannel(TypedDict):
    """A channel."""

    alternatives: list[DeepgramAlternative]
    detected_language: NotRequired[str]
    language_confidence: NotRequired[float]
    """The share of its words that are in that language."""


@closed
class DeepgramUtterance(TypedDict):
    """What was said without a pause."""

    start: float
    end: float
    confidence: float
    channel: int
    transcript: str
    words: list[DeepgramWord]
    id: str
    speaker: NotRequired[int]


@closed
class DeepgramResults(TypedDict):
    """What was said."""

    channels: list[DeepgramChannel]
    utterances: NotRequired[list[DeepgramUtterance]]


@closed
class DeepgramModelInfo(TypedDict):
    """What recognised."""

    name: str
    version: str
    arch: str


@closed
class DeepgramMetadata(TypedDict):
    """What is told of the request."""

    transaction_key: Literal["deprecated"]
    request_id: str
    sha256: str
    """Of the recording."""
    created: str
    duration: float
    channels: int
    models: list[str]
    model_info: dict[str, DeepgramModelInfo]


@closed
class DeepgramTranscript(TypedDict):
    """The whole answer."""

    metadata: DeepgramMetadata
    results: DeepgramResults


@closed
class DeepgramProject(TypedDict):
    """An organisation."""

    project_id: str
    name: str


@closed
class DeepgramProjects(TypedDict):
    """The one that a key belongs to."""

    projects: list[DeepgramProject]


OPERATIONS = (
    Operation(
        method="POST",
        path=LISTEN,
        group="Deepgram",
        summary="Transcribe a recording as Deepgram does",
        text="The body's type is not believed: all that is not JSON is audio.",
        keys=("token", "bearer"),
        form=DEEPGRAM,
        query=DeepgramListenQuery,
        body={"audio/*": bytes, "application/json": DeepgramUrl},
        answers=(
            Answer(
                text="What is said in it. White space comes ahead of it while it is worked on.",
                content={"application/json": DeepgramTranscript},
                headers={REQUEST_ID_HEADER: "The id of the request; not if white space came first."},
            ),
        ),
        errors=(*UPLOADING, *FETCHING, *LOOKING, *WORKING),
    ),
    Operation(
        method="GET",
        path=PROJECTS,
        group="Deepgram",
        summary="Find out whether a key is good, as Deepgram's clients do",
        keys=("token", "bearer"),
        form=DEEPGRAM,
        answers=(Answer(text="The organisation of the key.", content={"application/json": DeepgramProjects}),),
    ),
)
