"""The operations of `rest.webhooks`: each at Prosa's path, and at ours with our own form of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from stream_server.compat.prosa.webhooks import MOST_HOURS, USUAL_DAYS, USUAL_HOURS
from stream_server.errors import ForbiddenAddress, MessageTooLarge, NotFound
from stream_server.rest.openapi.forms import OURS, PROSA, Form
from stream_server.rest.openapi.operation import Answer, Operation, closed, lenient
from stream_server.rest.webhooks import MOST_LISTED, NEXT, PREFIXES
from stream_server.webhooks.delivery import State, Trouble
from stream_server.webhooks.endpoint import LONGEST_KEY, LONGEST_URL

Filter = Literal["stt.job.completed", "stt.job.failed", "tts.job.completed", "tts.job.failed"]

Url = Annotated[str, Field(max_length=LONGEST_URL, json_schema_extra={"format": "uri"})]


@lenient
class NewEndpoint(TypedDict):
    """Who wants to be told of what."""

    url: Url
    """Must lead to a public address."""
    event_filters: NotRequired[list[Filter] | None]
    """Without any, everything is told."""
    ssl_verification: NotRequired[bool | None]
    """True unless false is said."""
    secret_key: NotRequired[Annotated[str, Field(max_length=LONGEST_KEY)] | None]
    """What requests are signed with; one is made if none is brought."""


@lenient
class EndpointChange(TypedDict):
    """What is to change; the rest stays."""

    url: NotRequired[Url | None]
    event_filters: NotRequired[list[Filter] | None]
    ssl_verification: NotRequired[bool | None]


@lenient
class Period(TypedDict):
    """How long the old secret stays valid, all together a year at most."""

    days: NotRequired[
        Annotated[int, Field(ge=0, le=MOST_HOURS // 24, json_schema_extra={"default": USUAL_DAYS})] | None
    ]
    hours: NotRequired[Annotated[int, Field(ge=0, le=MOST_HOURS, json_schema_extra={"default": USUAL_HOURS})] | None]


@lenient
class Rotation(TypedDict):
    """How long the old secret stays valid, as `gl-speech` says it; the two may stand by themselves too."""

    rotation_period: NotRequired[Period | None]


@closed
class WebhookSecret(TypedDict):
    """What requests are signed with."""

    id: str
    key: str
    expired_at: str | None
    """null for the newest."""


@closed
class WebhookEndpoint(TypedDict):
    """An endpoint without its secrets."""

    id: str
    url: str
    event_filters: list[str]
    ssl_verification: bool
    created_at: str


@closed
class WebhookEndpointWithSecrets(TypedDict):
    """An endpoint and the secrets that are valid, newest first."""

    id: str
    url: str
    event_filters: list[str]
    ssl_verification: bool
    created_at: str
    secrets: list[WebhookSecret]


@closed
class WebhookEvent(TypedDict):
    """Something that happened, without what it says."""

    id: str
    event_type: str
    created_at: str


@closed
class WebhookEventWithData(TypedDict):
    """Something that happened, and what receivers are told of it."""

    id: str
    event_type: str
    created_at: str
    data: dict[str, Any]


@closed
class WebhookAttempt(TypedDict):
    """One request to the endpoint."""

    at: str
    response_status: int | None
    error: Trouble | None
    """Why there was no answer."""
    elapsed_time: float
    """In seconds."""


@closed
class WebhookDelivery(TypedDict):
    """An event on its way to an endpoint, with its last request."""

    delivery_id: str
    event_id: str
    event_type: str
    endpoint_id: str
    delivery: State
    created_at: str
    next_attempt_at: str | None
    request_method: Literal["POST"]
    request_headers: dict[str, str]
    """Without signatures."""
    request_body: dict[str, Any]
    response_status: int
    """0: there was no answer."""
    response_headers: dict[str, str]
    """Always empty: nobody keeps what a stranger's server says."""
    response_body: str
    """Always empty."""
    elapsed_time: float
    """In seconds."""
    attempts: list[WebhookAttempt]


@closed
class WebhookTicket(TypedDict):
    """A delivery that was asked for."""

    delivery_tag: str
    """The delivery's id."""
    endpoint_id: str
    url: str


@closed
class SpanQuery(TypedDict):
    """Which rows are wanted, newest first."""

    from_date: NotRequired[str]
    """The first day, as YYYY-MM-DD."""
    until_date: NotRequired[str]
    """The last day; an empty one is none."""
    limit: NotRequired[Annotated[int, Field(ge=1, le=MOST_LISTED, json_schema_extra={"default": MOST_LISTED})]]
    before: NotRequired[str]
    """The id of the last one before: go on behind it."""


MORE = {NEXT: "Stands there if there are more: ask again with its value as `before`."}

ENDPOINT = {"id": "The endpoint."}


def told(text: str, shape: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> tuple[Answer, ...]:
    """Return the one answer in JSON."""
    return (Answer(text=text, status=status, content={"application/json": shape}, headers=headers or {}),)


def at(prefix: str, group: str, form: Form) -> tuple[Operation, ...]:
    """Return the operations below a prefix."""
    endpoint = f"{prefix}/endpoints/{{id}}"
    tickets, ticket = told("What is on its way.", list[WebhookTicket]), told("It is on its way.", WebhookTicket)
    return (
        Operation(
            method="GET", path=f"{prefix}/endpoints", group=group, form=form, summary="List endpoints",
            text="Without their secrets.",
            answers=told("All of the organisation's, oldest first.", list[WebhookEndpoint]),
        ),
        Operation(
            method="POST", path=f"{prefix}/endpoints", group=group, form=form, summary="Make an endpoint",
            body={"application/json": NewEndpoint}, example={"url": "https://example.com/told"},
            answers=told("It is told from now on.", WebhookEndpointWithSecrets, 201),
            errors=(ForbiddenAddress, MessageTooLarge),
        ),
        Operation(
            method="GET", path=endpoint, group=group, form=form, summary="Read an endpoint",
            places=ENDPOINT, answers=told("With its secrets.", WebhookEndpointWithSecrets), errors=(NotFound,),
        ),
        Operation(
            method="PUT", path=endpoint, group=group, form=form, summary="Change an endpoint",
            places=ENDPOINT, body={"application/json": EndpointChange}, example={"event_filters": ["stt.job.failed"]},
            answers=told("As it is now.", WebhookEndpointWithSecrets),
            errors=(ForbiddenAddress, MessageTooLarge, NotFound),
        ),
        Operation(
            method="DELETE", path=endpoint, group=group, form=form, summary="Delete an endpoint with its log",
            places=ENDPOINT, answers=told("What it was.", WebhookEndpoint), errors=(NotFound,),
        ),
        *(
            Operation(
                method="POST", path=f"{endpoint}/{word}", group=group, form=form, summary=f"Make a new secret{where}",
                text="Requests are signed with the old one too while it is valid.",
                places=ENDPOINT, body={"application/json": Rotation}, body_required=False, example={},
                answers=told("With both.", WebhookEndpointWithSecrets), errors=(MessageTooLarge, NotFound),
            )
            for word, where in (("secret", ""), ("rotate", ", by its other name"))
        ),
        Operation(
            method="POST", path=f"{endpoint}/test", group=group, form=form, summary="Send an endpoint a test",
            places=ENDPOINT, answers=ticket, errors=(NotFound,),
        ),
        Operation(
            method="GET", path=f"{endpoint}/deliveries", group=group, form=form, summary="Read an endpoint's log",
            places=ENDPOINT, query=SpanQuery, errors=(NotFound,),
            answers=told("Newest first, as many as one answer holds.", list[WebhookDelivery], headers=MORE),
        ),
        *(
            Operation(
                method="POST", path=f"{endpoint}/{word}", group=group, form=form,
                summary=f"Send once more what an endpoint never took{where}",
                places=ENDPOINT, answers=tickets, errors=(NotFound,),
            )
            for word, where in (("replay-failed-deliveries", ""), ("replay-failed", ", by its other name"))
        ),
        Operation(
            method="GET", path=f"{prefix}/events", group=group, form=form, summary="List events",
            query=SpanQuery, answers=told("Newest first.", list[WebhookEvent], headers=MORE),
        ),
        Operation(
            method="GET", path=f"{prefix}/events/{{id}}", group=group, form=form, summary="Read an event",
            places={"id": "The event."}, answers=told("With what it says.", WebhookEventWithData), errors=(NotFound,),
        ),
        Operation(
            method="POST", path=f"{prefix}/deliveries/{{id}}/replay", group=group, form=form,
            summary="Send a delivery's event once more", places={"id": "The delivery."}, answers=ticket,
            errors=(NotFound,),
        ),
    )  # fmt: skip


THEIRS, OUR_OWN = PREFIXES

OPERATIONS = (*at(OUR_OWN, "Webhooks", OURS), *at(THEIRS, "Prosa: webhooks", PROSA))
