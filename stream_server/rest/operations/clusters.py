"""The operations of `rest.clusters`."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from stream_server.errors import MessageTooLarge, NotFound
from stream_server.rest.openapi.operation import Answer, Operation, closed
from stream_server.rest.operations.speakers import Name

GROUP = "Speakers of a record"


@closed
class Renaming(TypedDict):
    """A speaker is called something else; without a name, by number."""

    record_id: Name
    speaker: int
    name: Name | None


@closed
class Merging(TypedDict):
    """Two speakers are one."""

    record_id: Name
    speaker: int
    into: int
    """Who they are."""
    name: NotRequired[None]


@closed
class Changed(TypedDict):
    """What was changed."""

    record_id: str
    speaker: int
    """Who has the words now."""


@closed
class WhichRecord(TypedDict):
    """A record."""

    record_id: Name


@closed
class Recognised(TypedDict):
    """A speaker of a record, and who that is."""

    id: int
    name: str | None
    """null: nobody who is enrolled."""
    speaker_id: str | None
    score: float | None
    """How alike the voices are, 1 at most; null: nobody was compared."""


@closed
class RecognisedSpeakers(TypedDict):
    """A record's speakers."""

    record_id: str
    speakers: list[Recognised]


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/update_all_cluster",
        group=GROUP,
        summary="Rename a speaker, or merge two",
        text="Everywhere in the record; a session that still runs is told.",
        body={"application/json": Renaming | Merging},
        example={"record_id": "…", "speaker": 2, "name": "Ana"},
        answers=(Answer(text="It is done.", content={"application/json": Changed}),),
        errors=(MessageTooLarge, NotFound),
    ),
    Operation(
        method="POST",
        path="/v1/recognize_speakers",
        group=GROUP,
        summary="Name the speakers whose voices are enrolled by now",
        body={"application/json": WhichRecord},
        example={"record_id": "…"},
        answers=(Answer(text="Everybody, named or not.", content={"application/json": RecognisedSpeakers}),),
        errors=(MessageTooLarge, NotFound),
    ),
)
