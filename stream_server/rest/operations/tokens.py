"""The operations of `rest.tokens`."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.errors import MessageTooLarge
from stream_server.rest.openapi.operation import ANY_SCOPE, Answer, Operation, closed
from stream_server.rest.tokens import SHORTEST_SECONDS, USUAL_SECONDS

Scope = Literal["transcribe", "usage", "admin"]


@closed
class TokenRequest(TypedDict):
    """How long the token shall be good, and what for."""

    seconds: NotRequired[
        Annotated[int, Field(ge=SHORTEST_SECONDS, json_schema_extra={"default": USUAL_SECONDS})] | None
    ]
    """At most what the setting `max_token_seconds` says."""
    scope: NotRequired[Annotated[list[Scope], Field(min_length=1)] | None]
    """What it may do; what the key itself may not is left out. `transcribe` unless more is said."""


@closed
class IssuedToken(TypedDict):
    """A token."""

    token: str
    """Goes wherever a key goes."""
    expires_at: int
    """When it ends, in seconds since 1970."""
    expires_in: int
    """In so many seconds."""
    renewable_until: int
    """Shown here before it ends, it gets a fresh one that ends then at the latest; after that the key is needed."""
    scope: list[Scope]
    """What it may do."""


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/tokens",
        group="Tokens",
        summary="Get a token in place of a key",
        text="It acts for the key until it ends, or the key does. Shown here while it is good, it is renewed.",
        scope=ANY_SCOPE,
        body={"application/json": TokenRequest},
        body_required=False,
        example={"seconds": 600},
        answers=(Answer(text="The token.", content={"application/json": IssuedToken}),),
        errors=(MessageTooLarge,),
    ),
)
