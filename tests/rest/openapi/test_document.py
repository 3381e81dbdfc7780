from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NotRequired

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from typing_extensions import TypedDict

from stream_server.errors import NotFound
from stream_server.rest.openapi.document import make_document
from stream_server.rest.openapi.operation import Answer, Operation, closed
from stream_server.rest.operations.every import OPERATIONS

DOCUMENT = make_document(OPERATIONS, version="1.2.3")


@closed
class Cup(TypedDict):
    """A cup of something."""

    of: str
    """What is in it."""
    sugar: NotRequired[int]


@closed
class Wish(TypedDict):
    """How it should be."""

    warm: NotRequired[bool]
    """Or cold."""


POUR = Operation(
    method="POST",
    path="/cups/{id}",
    group="Cups",
    summary="Pour",
    places={"id": "Which."},
    query=Wish,
    body={"application/json": Cup},
    example={"of": "tea"},
    answers=(Answer(text="Full.", status=201, content={"application/json": Cup}),),
    errors=(NotFound,),
)


def described() -> dict[str, Any]:
    """Return the document of one operation."""
    return make_document([POUR], version="1")


def test_the_document_is_openapi() -> None:
    """A validator of the specification accepts it."""
    assert DOCUMENT["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_an_operation_is_told_whole() -> None:
    """Parameters of the path and behind it, body, answers, errors and the key stand in their places."""
    operation = described()["paths"]["/cups/{id}"]["post"]
    assert operation["operationId"] == "post_cups_id"
    assert [(each["name"], each["in"], each["required"]) for each in operation["parameters"]] == [
        ("id", "path", True),
        ("warm", "query", False),
    ]
    assert operation["parameters"][1]["description"] == "Or cold."
    content = operation["requestBody"]["content"]["application/json"]
    assert content == {"schema": {"$ref": "#/components/schemas/Cup"}, "example": {"of": "tea"}}
    assert sorted(operation["responses"]) == ["201", "400", "401", "403", "404", "500", "503"]
    assert operation["security"] == [{"key": []}, {"bearer": []}]


def test_fields_have_their_sentences_and_no_others_stand_beside_them() -> None:
    """An object is closed; what may be left out is not required."""
    cup = described()["components"]["schemas"]["Cup"]
    assert cup["additionalProperties"] is False
    assert cup["required"] == ["of"]
    assert cup["properties"]["of"] == {"type": "string", "description": "What is in it."}


def test_every_object_that_comes_back_is_closed() -> None:
    """What a client may read is all named."""
    for name in set(answered(DOCUMENT)):
        assert DOCUMENT["components"]["schemas"][name].get("additionalProperties") is False, name


def test_no_answer_stands_for_all_others() -> None:
    """There is no `default`: every status is told."""
    for methods in DOCUMENT["paths"].values():
        assert all("default" not in operation["responses"] for operation in methods.values())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operations_are_told_apart(operation: Operation) -> None:
    """Each has a name, a summary and explained places of its own."""
    assert [each.name for each in OPERATIONS].count(operation.name) == 1
    assert operation.summary
    assert not operation.summary.endswith(".")
    assert {f"{{{name}}}" for name in operation.places} == {
        part for part in operation.path.split("/") if part.startswith("{")
    }


def answered(document: dict[str, Any]) -> Iterator[str]:
    """Yield the names of all objects that answers refer to, by whatever way."""
    waiting: list[Any] = [
        operation["responses"] for methods in document["paths"].values() for operation in methods.values()
    ]
    seen: set[str] = set()
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference)}:
                name = reference.rpartition("/")[2]
                if name not in seen:
                    seen.add(name)
                    waiting.append(document["components"]["schemas"][name])
                    yield name
            case dict(value):
                waiting.extend(value.values())
            case list(value):
                waiting.extend(value)
