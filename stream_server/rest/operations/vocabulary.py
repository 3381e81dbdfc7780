"""The operations of `rest.vocabulary`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.errors import MessageTooLarge, NotFound
from stream_server.rest.openapi.operation import Answer, Operation, closed
from stream_server.rest.operations.formatting import FindAndReplace, VocabularyTerm
from stream_server.text.formatting import MOST_TERMS

GROUP = "Formatting"


@closed
class NewVocabulary(TypedDict):
    """An organisation's terms, and what it wants written instead of what."""

    vocabulary: NotRequired[Annotated[list[VocabularyTerm], Field(max_length=MOST_TERMS)] | None]
    replace: NotRequired[Annotated[list[FindAndReplace], Field(max_length=MOST_TERMS)] | None]


@closed
class KeptTerm(TypedDict):
    """A word or phrase that is written exactly so, wherever it or something it sounds like was heard."""

    text: str
    sounds_like: list[str]


@closed
class KeptReplacement(TypedDict):
    """What is shown instead of a word or phrase."""

    find: str
    replace: str


@closed
class OrganisationVocabulary(TypedDict):
    """What holds in all of an organisation's sessions and recordings."""

    vocabulary: list[KeptTerm]
    replace: list[KeptReplacement]
    modified_at: str | None
    """In UTC, as ISO 8601; null where none was given."""


@closed
class DeletedVocabulary(TypedDict):
    """A vocabulary that is gone."""

    deleted: Literal[True]


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/vocabulary",
        group=GROUP,
        summary="Read the organisation's vocabulary",
        answers=(Answer(text="All of it.", content={"application/json": OrganisationVocabulary}),),
    ),
    Operation(
        method="PUT",
        path="/v1/vocabulary",
        group=GROUP,
        summary="Give the organisation a vocabulary",
        text="It takes the place of the one before, in what opens from now on. It needs the scope `admin`.",
        body={"application/json": NewVocabulary},
        example={
            "vocabulary": [{"text": "Meemo", "sounds_like": ["mimo", "me mo"]}],
            "replace": [{"find": "rapat mingguan", "replace": "weekly"}],
        },
        answers=(Answer(text="It is kept.", content={"application/json": OrganisationVocabulary}),),
        errors=(MessageTooLarge,),
    ),
    Operation(
        method="DELETE",
        path="/v1/vocabulary",
        group=GROUP,
        summary="Delete the organisation's vocabulary for good",
        text="It needs the scope `admin`.",
        answers=(Answer(text="It is gone.", content={"application/json": DeletedVocabulary}),),
        errors=(NotFound,),
    ),
)
