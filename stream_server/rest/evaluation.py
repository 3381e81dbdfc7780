"""`POST /v1/eval_transcript`: how far a transcript is from the truth."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import web

from stream_server.auth import Authenticator, Principal
from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.evaluate.evaluation import COLLAR_SECONDS, Options
from stream_server.evaluate.formats import PARSERS
from stream_server.evaluate.normalization import CHOICES, read_language
from stream_server.rest.evaluator import Evaluator
from stream_server.rest.records import require_sight
from stream_server.rest.usage import presented_key
from stream_server.store.exports import export
from stream_server.store.records import RecordStore

FIELDS = ("reference", "hypothesis", "language", "normalizer", "collar_seconds")

LoadRecord: TypeAlias = Callable[[Principal, str], Awaitable[Any | None]]
"""Returns the JSON of a record by its id, as `evaluate.records` reads it; None: there is none that the key reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The handler. Without `load_record` no record is found."""

    authenticator: Authenticator
    evaluator: Evaluator
    load_record: LoadRecord | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return where this is."""
        return [web.post("/v1/eval_transcript", self.evaluate)]

    async def evaluate(self, request: web.Request) -> web.Response:
        """Score a hypothesis against a reference."""
        principal = await self.authenticator.authorise(presented_key(request), "transcribe")
        body = read_body(await request.read())
        sides = {side: await self._transcript(body.get(side), side, principal) for side in ("reference", "hypothesis")}
        return web.json_response(await self.evaluator.evaluate(sides | {"options": read_options(body)}))

    async def _transcript(self, given: Any, side: str, principal: Principal) -> dict[str, Any]:
        """Return the transcript of a side as format and content; raises `InvalidConfiguration` and `NotFound`."""
        if isinstance(given, str):
            return {"format": "text", "content": given}
        if not isinstance(given, dict):
            raise InvalidConfiguration(
                f"{side} must be a text, or an object with format and content, or with record_id"
            )
        if set(given) == {"record_id"} and isinstance(given["record_id"], str):
            record = await self.load_record(principal, given["record_id"]) if self.load_record else None
            if record is None:
                raise NotFound(f"the record of {side} does not exist")
            return {"format": "json", "content": record}
        return read_transcript(given, side)


def load_from(store: RecordStore) -> LoadRecord:
    """Return a loader of the records that `/v1/records` shows to the same key; it raises `NotFound` for others."""

    async def load(principal: Principal, record_id: str) -> str:
        transcript = await store.find_transcript(principal.organisation, record_id)
        require_sight(principal, transcript.record)
        return await asyncio.to_thread(export, transcript, "json")

    return load


def read_body(body: bytes) -> dict[str, Any]:
    """Return the request's JSON object; raises `InvalidConfiguration`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidConfiguration("the body must be JSON") from None
    if not isinstance(value, dict) or not set(value) <= set(FIELDS):
        raise InvalidConfiguration(f"the body must be an object with these fields and no others: {', '.join(FIELDS)}")
    return value


def read_transcript(given: dict[str, Any], side: str) -> dict[str, Any]:
    """Return a transcript's format and content; JSON may stand there as it is. Raises `InvalidConfiguration`."""
    if set(given) != {"format", "content"}:
        raise InvalidConfiguration(f"{side} must have format and content, or record_id, and nothing else")
    form, content = given["format"], given["content"]
    if form not in tuple(PARSERS):
        raise InvalidConfiguration(f"{side}.format must be one of {', '.join(PARSERS)}")
    if not isinstance(content, str) and not (form == "json" and isinstance(content, list | dict)):
        raise InvalidConfiguration(f"{side}.content must be a string")
    return given


def read_options(body: dict[str, Any]) -> dict[str, Any]:
    """Return how to score, checked; raises `InvalidConfiguration` that names the field."""
    language, collar = body.get("language"), body.get("collar_seconds", COLLAR_SECONDS)
    normalizer = body.get("normalizer", CHOICES[0])
    if language is not None and not isinstance(language, str):
        raise InvalidConfiguration("language must be a code such as en or id")
    if normalizer not in CHOICES:
        raise InvalidConfiguration(f"normalizer must be one of {', '.join(CHOICES)}")
    if isinstance(collar, bool) or not isinstance(collar, int | float):
        raise InvalidConfiguration("collar_seconds must be a number")
    read_language(language)
    Options(collar_seconds=collar)
    return {"language": language, "normalizer": normalizer, "collar_seconds": collar}
