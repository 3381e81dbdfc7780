"""The operations of `rest.media`."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.errors import MessageTooLarge, NotFound
from stream_server.rest.media import MOST_PATHS
from stream_server.rest.openapi.operation import OUR_KEYS, Answer, Operation, closed
from stream_server.store.media import LONGEST_KEY

GROUP = "Media"

Path = Annotated[str, Field(max_length=LONGEST_KEY)]
"""Of a recording, as a job or a signature names it."""


@closed
class OnePath(TypedDict):
    """A recording."""

    path: Path
    seconds: NotRequired[Annotated[float, Field(ge=1)] | None]
    """How long the addresses work; the setting `signed_url_seconds` at most."""


@closed
class SeveralPaths(TypedDict):
    """Recordings."""

    paths: Annotated[list[Path], Field(max_length=MOST_PATHS)]
    seconds: NotRequired[Annotated[float, Field(ge=1)] | None]
    """How long the addresses work; the setting `signed_url_seconds` at most."""


@closed
class DoomedPaths(TypedDict):
    """Recordings that are to go."""

    paths: Annotated[list[Path], Field(max_length=MOST_PATHS)]


@closed
class SignedAddresses(TypedDict):
    """Where a recording can be had without a key."""

    path: str
    media_url: str
    """To play it."""
    fetch_url: str
    """To download it."""
    expires: int
    """Seconds since 1970."""
    mime_type: str
    size: int
    """In bytes."""


@closed
class FailedPath(TypedDict):
    """What is wrong with a path: the code and the sentence of an error."""

    path: str
    code: str
    message: str


@closed
class Signatures(TypedDict):
    """Of those that could be signed, and what is wrong with the others."""

    signatures: list[SignedAddresses]
    failed: list[FailedPath]


@closed
class DeletedPaths(TypedDict):
    """What is gone, and what is not."""

    deleted: list[str]
    failed: list[FailedPath]


@closed
class SignedQuery(TypedDict):
    """What stands behind a signed address."""

    expires: NotRequired[str]
    """When the signature ends, in seconds since 1970."""


def read(path: str, summary: str) -> Operation:
    """Return one of the two ways to have a recording."""
    return Operation(
        method="GET",
        path=path,
        group=GROUP,
        summary=summary,
        text="With a key, or with a signature instead.",
        keys=(*OUR_KEYS, "signature"),
        places={"path": "The recording; its path has slashes, which may stand as they are."},
        query=SignedQuery,
        answers=(
            Answer(text="All of it.", content={"*/*": bytes}),
            Answer(text="The bytes that `Range` asked for.", status=206, content={"*/*": bytes}),
            Answer(text="There are no such bytes.", status=416),
        ),
        errors=(NotFound,),
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/generate_signature",
        group=GROUP,
        summary="Sign addresses that work without a key",
        text="An audio element cannot send one.",
        body={"application/json": OnePath | SeveralPaths},
        example={"path": "…"},
        answers=(Answer(text="The addresses.", content={"application/json": SignedAddresses | Signatures}),),
        errors=(MessageTooLarge, NotFound),
    ),
    read("/v1/media/{path}", "Play a recording"),
    read("/v1/fetch/{path}", "Download a recording"),
    Operation(
        method="POST",
        path="/v1/material_delete",
        group=GROUP,
        summary="Delete recordings for good",
        text="With a key of scope `admin`, or of the user whose recordings they are.",
        body={"application/json": DoomedPaths},
        example={"paths": ["…"]},
        answers=(Answer(text="Said of each.", content={"application/json": DeletedPaths}),),
        errors=(MessageTooLarge,),
    ),
)
