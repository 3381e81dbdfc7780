"""Every operation, in the order in which a reader wants them."""

from __future__ import annotations

from stream_server.rest.openapi.operation import Operation
from stream_server.rest.operations import (
    clusters,
    deepgram,
    documentation,
    evaluation,
    formatting,
    front,
    health,
    media,
    openai,
    prosa,
    recordings,
    records,
    speakers,
    tokens,
    usage,
    vocabulary,
    webhooks,
)

OPERATIONS: tuple[Operation, ...] = (
    *recordings.OPERATIONS,
    *records.OPERATIONS,
    *clusters.OPERATIONS,
    *speakers.OPERATIONS,
    *formatting.OPERATIONS,
    *vocabulary.OPERATIONS,
    *evaluation.OPERATIONS,
    *prosa.OPERATIONS,
    *deepgram.OPERATIONS,
    *openai.OPERATIONS,
    *media.OPERATIONS,
    *webhooks.OPERATIONS,
    *usage.OPERATIONS,
    *tokens.OPERATIONS,
    *front.OPERATIONS,
    *health.OPERATIONS,
    *documentation.OPERATIONS,
)
