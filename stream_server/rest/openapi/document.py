"""Make the OpenAPI 3.1 document of operations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from stream_server.errors import Forbidden, InternalError, InvalidConfiguration, InvalidKey, StoreUnavailable
from stream_server.rest.openapi.forms import refusals
from stream_server.rest.openapi.operation import Answer, Operation

OPENAPI = "3.1.0"

Json = dict[str, Any]

SECURITY: Mapping[str, Json] = {
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "signature": {"type": "apiKey", "in": "query", "name": "signature"},
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The word `Token`, a blank, the key; as Deepgram's clients send it.",
    },
}

ABOUT = """\
Speech to text, live over websockets and of finished recordings over HTTP.

Where an operation asks for a key, it is sent as `x-api-key: KEY` or `Authorization: Bearer KEY`; a server without keys
answers to its own machine alone, and to everybody there. A path that is not here is 404, a method that a path does not
know 405, both in the form of errors that the path has. What may be tried again says so with `Retry-After`.
"""

WITH_KEY = (InvalidKey, Forbidden, StoreUnavailable)
"""What every operation with a key may answer."""


class Schemas(GenerateJsonSchema):
    """JSON Schema without titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Set none."""
        del schema
        return False


def make_document(operations: Sequence[Operation], *, version: str, websockets: Sequence[Json] = ()) -> Json:
    """Return the document; `websockets` describes what OpenAPI has no words for."""
    schemas, shapes = _schemas(operations)
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    groups = dict.fromkeys(operation.group for operation in operations)
    forms = {operation.form.name: dict(operation.form.schema) for operation in operations}
    return {
        "openapi": OPENAPI,
        "info": {"title": "stream-server", "version": version, "description": ABOUT, "license": {"name": "MIT"}},
        "servers": [{"url": "/"}],
        "tags": [{"name": group} for group in groups],
        "paths": paths,
        "components": {"schemas": {**shapes, **forms}, "securitySchemes": dict(SECURITY)},
        "x-websockets": list(websockets),
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[tuple[str, str, str], Json], Json]:
    """Return the schema of every body, by operation, role and media type, and the objects that they refer to."""
    bodies = [
        ((operation.name, role, media_type), "validation", TypeAdapter(shape))
        for operation in operations
        for role, content in (
            ("request", operation.body),
            *((str(each.status), each.content) for each in operation.answers),
        )
        for media_type, shape in content.items()
    ]
    found, shared = TypeAdapter.json_schemas(
        bodies,  # type: ignore[arg-type]  # a list of literals reads as one of strings
        ref_template="#/components/schemas/{model}",
        schema_generator=Schemas,
    )
    return {key: schema for (key, _), schema in found.items()}, shared.get("$defs", {})


def _operation(operation: Operation, schemas: Mapping[tuple[str, str, str], Json]) -> Json:
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.group],
        "summary": operation.summary,
        "description": operation.text,
        "parameters": [*_places(operation), *_query(operation)],
        "responses": {str(each.status): _answer(operation, each, schemas) for each in operation.answers}
        | {str(status): refusal for status, refusal in _refusals(operation)},
        "security": [{name: []} for name in operation.keys] if operation.scope else [],
    }
    if operation.scope:
        described["x-scope"] = operation.scope
    if operation.body:
        content = {
            media_type: {"schema": schemas[operation.name, "request", media_type]} for media_type in operation.body
        }
        if operation.example is not None:
            content[next(iter(content))]["example"] = operation.example
        described["requestBody"] = {"required": operation.body_required, "content": content}
    return described


def _places(operation: Operation) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": operation.places[name],
            "schema": {"type": "string", "minLength": 1},
        }
        for name in re.findall(r"{(\w+)}", operation.path)
    ]


def _query(operation: Operation) -> list[Json]:
    if operation.query is None:
        return []
    shape = TypeAdapter(operation.query).json_schema(schema_generator=Schemas)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in shape.get("required", ()),
            "description": schema.pop("description", ""),
            "schema": schema,
        }
        for name, schema in shape["properties"].items()
    ]


def _answer(operation: Operation, answer: Answer, schemas: Mapping[tuple[str, str, str], Json]) -> Json:
    described: Json = {"description": answer.text}
    if answer.content:
        described["content"] = {
            media_type: {"schema": schemas[operation.name, str(answer.status), media_type]}
            for media_type in answer.content
        }
    if answer.headers:
        described["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in answer.headers.items()
        }
    return described


def _refusals(operation: Operation) -> Iterable[tuple[int, Json]]:
    """Yield what an operation answers if something is wrong; a status that it answers anyway is its own to describe."""
    wanting = (InvalidConfiguration,) if operation.body or operation.query else ()
    errors = (*operation.errors, *wanting, *(WITH_KEY if operation.scope else ()), InternalError)
    for status, codes in refusals(errors, operation.form).items():
        if status not in {answer.status for answer in operation.answers}:
            schema = operation.form.narrowed(code for code, _ in codes)
            text = "\n".join(f"- `{code}`: {meaning}" for code, meaning in codes)
            yield status, {"description": text, "content": {"application/json": {"schema": schema}}}
