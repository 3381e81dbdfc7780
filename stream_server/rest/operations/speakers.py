"""The operations of `rest.speakers`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.enrolling import MOST_AUDIOS
from stream_server.errors import (
    MessageTooLarge,
    ModelUnavailable,
    NotFound,
    ServerFull,
    UnsuitableSample,
    UnsupportedAudio,
)
from stream_server.protocol.fields import LONGEST_NAME
from stream_server.rest.openapi.operation import Answer, Operation, closed, lenient

GROUP = "Enrolled speakers"

Name = Annotated[str, Field(max_length=LONGEST_NAME)]


@lenient
class SampleForm(TypedDict):
    """A form whose first file is the sample, whatever else is in it."""

    file: bytes


@closed
class SampleQuality(TypedDict):
    """How good a sample is to know somebody by."""

    other_voice_share: float
    """How much of its speech is another voice's."""
    clipped_share: float
    """How many of its samples are as loud as can be."""
    level_dbfs: float


@closed
class EnrolledAudio(TypedDict):
    """What was learned of a sample; a voice can be made of it for some hours."""

    audio_id: str
    speech_seconds: float
    quality: SampleQuality


@closed
class VoiceOfSamples(TypedDict):
    """A voice that is made of samples."""

    name: Name
    user: NotRequired[Name | None]
    """Whose voice it is; of a user's key always that user's."""
    audio_ids: Annotated[list[Name], Field(min_length=1, max_length=MOST_AUDIOS)]
    """Of samples, each of which serves once."""


@closed
class VoiceOfRecord(TypedDict):
    """A voice that is made of a record's speaker, who is named by number or by some of what they said."""

    name: Name
    user: NotRequired[Name | None]
    """Whose voice it is; of a user's key always that user's."""
    record_id: Name
    speaker: NotRequired[int | None]
    segments: NotRequired[list[Name] | None]
    """Utterances of one speaker, by `utterance_id`."""


@closed
class Voice(TypedDict):
    """Somebody whom sessions call by name."""

    speaker_id: str
    name: str
    user: str | None
    created_at: str
    """In UTC, as ISO 8601."""
    needs_enrollment: bool
    """Whether the server's voice model has changed since, so that it must be enrolled anew."""


@closed
class Voices(TypedDict):
    """Those that the key reaches."""

    speakers: list[Voice]


@closed
class Deleted(TypedDict):
    """A voice that is gone."""

    speaker_id: str
    deleted: Literal[True]


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/enroll_audio",
        group=GROUP,
        summary="Let a sample be heard",
        text="The recording itself is not kept, only what was learned of the voice.",
        body={"audio/*": bytes, "multipart/form-data": SampleForm},
        answers=(Answer(text="It is good enough.", status=201, content={"application/json": EnrolledAudio}),),
        errors=(MessageTooLarge, ModelUnavailable, ServerFull, UnsuitableSample, UnsupportedAudio),
    ),
    Operation(
        method="POST",
        path="/v1/enroll",
        group=GROUP,
        summary="Enroll a speaker",
        body={"application/json": VoiceOfSamples | VoiceOfRecord},
        example={"name": "Ana", "audio_ids": ["audio_…"]},
        answers=(Answer(text="Sessions know the voice from now on.", status=201, content={"application/json": Voice}),),
        errors=(MessageTooLarge, NotFound, UnsuitableSample),
    ),
    Operation(
        method="GET",
        path="/v1/speakers",
        group=GROUP,
        summary="List enrolled speakers",
        answers=(Answer(text="All that the key reaches, oldest first.", content={"application/json": Voices}),),
    ),
    Operation(
        method="DELETE",
        path="/v1/speakers/{id}",
        group=GROUP,
        summary="Delete an enrolled speaker for good",
        places={"id": "The voice's `speaker_id`."},
        answers=(Answer(text="It is gone.", content={"application/json": Deleted}),),
        errors=(NotFound,),
    ),
)
