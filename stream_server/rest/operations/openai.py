"""The operations of `rest.openai`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.compat.openai.errors import REQUEST_ID_HEADER, InvalidParameter, MissingParameter, NoSuchModel
from stream_server.compat.openai.form import ResponseFormat
from stream_server.errors import InvalidConfiguration, MessageTooLarge, StreamServerError, UnexpectedMessage
from stream_server.rest.openapi.forms import OPENAI
from stream_server.rest.openapi.operation import Answer, Operation, closed, lenient
from stream_server.rest.operations.event_stream import EVENT_STREAM, ServerSentEvent
from stream_server.rest.operations.transcribing import LOOKING, UPLOADING, WORKING

GROUP = "OpenAI"

KEYS = ("bearer", "key")

Temperature = Annotated[float, Field(ge=0, le=1)]


@lenient
class TranscriptionForm(TypedDict):
    """A recording, and how to answer; fields that mean nothing here are passed over, lists may have `[]`."""

    file: bytes
    model: NotRequired[str]
    """Any name means the model that is loaded; one with `diarize` in it tells voices apart."""
    language: NotRequired[str]
    prompt: NotRequired[str]
    """What was said before, or what it is about."""
    keywords: NotRequired[str]
    """Words to listen for."""
    response_format: NotRequired[ResponseFormat]
    temperature: NotRequired[Temperature]
    """Means nothing: decoding never draws lots."""
    timestamp_granularities: NotRequired[list[Literal["word", "segment"]]]
    include: NotRequired[list[Literal["logprobs"]]]
    stream: NotRequired[bool]
    """Answer with words as they become final, as server-sent events."""


@lenient
class TranslationForm(TypedDict):
    """A recording to be said in English, by a model that can; fields that mean nothing here are passed over."""

    file: bytes
    model: NotRequired[str]
    prompt: NotRequired[str]
    response_format: NotRequired[Literal["json", "text", "srt", "vtt", "verbose_json"]]
    temperature: NotRequired[Temperature]


@closed
class OpenAIUsage(TypedDict):
    """What was used, in whole seconds."""

    type: Literal["duration"]
    seconds: int


@closed
class OpenAILanguage(TypedDict):
    """A language that was spoken."""

    code: str


@closed
class OpenAILogprob(TypedDict):
    """How sure a word is."""

    token: str
    bytes: list[int]
    logprob: float


@closed
class OpenAITranscription(TypedDict):
    """`json`."""

    text: str
    usage: OpenAIUsage
    languages: NotRequired[list[OpenAILanguage]]
    logprobs: NotRequired[list[OpenAILogprob]]


@closed
class OpenAIWord(TypedDict):
    """A word; times are in seconds."""

    word: str
    start: float
    end: float


@closed
class OpenAISegment(TypedDict):
    """An utterance, as Whisper's own program describes its segments."""

    id: int
    seek: int
    start: float
    end: float
    text: str
    tokens: list[int]
    """Always empty: other engines have others."""
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float


@closed
class OpenAIVerboseTranscription(TypedDict):
    """`verbose_json`."""

    task: Literal["transcribe", "translate"]
    language: str
    duration: float
    text: str
    usage: OpenAIUsage
    segments: NotRequired[list[OpenAISegment]]
    words: NotRequired[list[OpenAIWord]]


@closed
class OpenAISpokenSegment(TypedDict):
    """Who said what."""

    type: Literal["transcript.text.segment"]
    id: str
    start: float
    end: float
    text: str
    speaker: str


@closed
class OpenAIDiarizedTranscription(TypedDict):
    """`diarized_json`."""

    task: Literal["transcribe"]
    duration: float
    text: str
    segments: list[OpenAISpokenSegment]
    usage: OpenAIUsage


@closed
class OpenAIModel(TypedDict):
    """A name under which the model that is loaded can be asked for."""

    id: str
    object: Literal["model"]
    created: int
    """When the server started, in seconds since 1970."""
    owned_by: str


@closed
class OpenAIModels(TypedDict):
    """All names, in a list that OpenAI's clients read and Deepgram's too."""

    object: Literal["list"]
    data: list[OpenAIModel]
    stt: list[str]
    """Always empty."""
    tts: list[str]
    """Always empty."""


@lenient
class OpenAISecretExpiry(TypedDict):
    """How long a client secret is good."""

    seconds: NotRequired[Annotated[int, Field(ge=10, le=7_200)]]


@lenient
class OpenAISecretRequest(TypedDict):
    """What a client secret is for."""

    expires_after: NotRequired[OpenAISecretExpiry]
    session: NotRequired[dict[str, Any]]
    """As in `session.update`."""


@closed
class OpenAISecret(TypedDict):
    """A client secret."""

    value: str
    expires_at: int
    """In seconds since 1970."""
    session: dict[str, Any]
    """What holds in it."""


REQUEST_ID = {REQUEST_ID_HEADER: "The id of the request."}

ERRORS: tuple[type[StreamServerError], ...] = (InvalidParameter, MissingParameter, *UPLOADING, *LOOKING, *WORKING)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/audio/transcriptions",
        group=GROUP,
        summary="Transcribe a recording as OpenAI does",
        keys=KEYS,
        form=OPENAI,
        body={"multipart/form-data": TranscriptionForm},
        answers=(
            Answer(
                text="What is said in it. White space comes ahead of JSON while it is worked on.",
                content={
                    "application/json": OpenAITranscription | OpenAIVerboseTranscription | OpenAIDiarizedTranscription,
                    "text/plain": str,
                    EVENT_STREAM: ServerSentEvent,
                },
                headers=REQUEST_ID,
            ),
        ),
        errors=ERRORS,
    ),
    Operation(
        method="POST",
        path="/v1/audio/translations",
        group=GROUP,
        summary="Translate a recording into English as OpenAI does",
        keys=KEYS,
        form=OPENAI,
        body={"multipart/form-data": TranslationForm},
        answers=(
            Answer(
                text="What is said in it, in English.",
                content={"application/json": OpenAITranscription | OpenAIVerboseTranscription, "text/plain": str},
                headers=REQUEST_ID,
            ),
        ),
        errors=ERRORS,
    ),
    Operation(
        method="POST",
        path="/v1/realtime/client_secrets",
        group=GROUP,
        summary="Get a key for a browser",
        text="It acts for the key that asks, and opens the session that is asked for.",
        keys=KEYS,
        form=OPENAI,
        body={"application/json": OpenAISecretRequest},
        body_required=False,
        answers=(Answer(text="The key.", content={"application/json": OpenAISecret}, headers=REQUEST_ID),),
        errors=(InvalidConfiguration, InvalidParameter, MessageTooLarge, UnexpectedMessage),
    ),
    Operation(
        method="GET",
        path="/v1/models",
        group=GROUP,
        summary="List the names of the model",
        keys=KEYS,
        form=OPENAI,
        answers=(Answer(text="The names.", content={"application/json": OpenAIModels}, headers=REQUEST_ID),),
    ),
    Operation(
        method="GET",
        path="/v1/models/{id}",
        group=GROUP,
        summary="Look one name up",
        keys=KEYS,
        form=OPENAI,
        places={"id": "The name."},
        answers=(Answer(text="It is known.", content={"application/json": OpenAIModel}, headers=REQUEST_ID),),
        errors=(NoSuchModel,),
    ),
)
