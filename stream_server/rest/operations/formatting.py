"""The operations of `rest.formatting`."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.errors import MessageTooLarge, NotFound, ServerFull
from stream_server.protocol.fields import LONGEST_NAME
from stream_server.rest.openapi.operation import Answer, Operation, closed
from stream_server.text.formatting import LONGEST_TERM, MOST_SOUNDS, MOST_TERMS, Secret

Entry = Annotated[str, Field(max_length=LONGEST_TERM, pattern=r"\S")]
Switch = Annotated[bool | None, Field(json_schema_extra={"default": True})]


@closed
class VocabularyTerm(TypedDict):
    """A word or phrase that is written exactly so."""

    text: Entry
    sounds_like: NotRequired[Annotated[list[Entry], Field(max_length=MOST_SOUNDS)] | None]


@closed
class FindAndReplace(TypedDict):
    """What is shown instead of a word or phrase."""

    find: Entry
    replace: NotRequired[Annotated[str, Field(max_length=LONGEST_TERM)] | None]


@closed
class FormattingOptions(TypedDict):
    """How words are to be written; `docs/formatting.md` says what each does."""

    numbers: NotRequired[Switch]
    punctuation: NotRequired[Switch]
    capitals: NotRequired[Switch]
    spelling: NotRequired[Switch]
    fillers: NotRequired[Switch]
    """Whether they stay."""
    repairs: NotRequired[Switch]
    """Whether they stay."""
    vocabulary: NotRequired[Annotated[list[VocabularyTerm], Field(max_length=MOST_TERMS)] | None]
    replace: NotRequired[Annotated[list[FindAndReplace], Field(max_length=MOST_TERMS)] | None]
    redact: NotRequired[list[Secret] | None]
    redact_names: NotRequired[Annotated[list[Entry], Field(max_length=MOST_TERMS)] | None]
    """Needs `names` in `redact`."""
    participants: NotRequired[Annotated[list[Entry], Field(max_length=MOST_TERMS)] | None]


@closed
class GivenWord(TypedDict):
    """One word that was heard."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^\S+$")]
    start: NotRequired[float | None]
    """In seconds."""
    end: NotRequired[float | None]
    speaker: NotRequired[int | None]


@closed
class FormatRequest(TypedDict):
    """One of `text`, `words` and `record_id`, and how it is to be written."""

    text: NotRequired[str]
    words: NotRequired[list[GivenWord]]
    """In the order in which they begin."""
    record_id: NotRequired[str]
    """Of a record of this server: its spoken words are formatted once more; the record stays as it is."""
    language: NotRequired[str | None]
    """A code such as en or id; of a record, what each utterance was heard in where it is left out."""
    raw: NotRequired[bool | None]
    """Whether nobody has punctuated the words; where it is left out, whether they look so."""
    options: NotRequired[FormattingOptions | None]


@closed
class FormattedWord(TypedDict):
    """A word as it is shown, and what was said for it; `text` is "" where nothing is shown."""

    text: str
    spoken: str
    start: NotRequired[float]
    end: NotRequired[float]
    speaker: NotRequired[int]


@closed
class FormattedTranscript(TypedDict):
    """The text as people read it, and its words."""

    text: str
    words: list[FormattedWord]


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/format_transcript",
        group="Formatting",
        summary="Write a transcript as people read it",
        body={"application/json": FormatRequest},
        example={"text": "harganya satu juta tujuh ratus lima puluh ribu rupiah", "language": "id"},
        answers=(Answer(text="The text and its words.", content={"application/json": FormattedTranscript}),),
        errors=(MessageTooLarge, NotFound, ServerFull),
    ),
)
