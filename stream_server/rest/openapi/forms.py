"""Describe errors in the forms in which paths say them: what the body looks like, and which code stands where."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from stream_server.compat.deepgram import errors as deepgram
from stream_server.compat.openai import errors as openai
from stream_server.compat.prosa import errors as prosa
from stream_server.errors import StreamServerError
from stream_server.protocol.dialect import HttpAnswer
from stream_server.rest.errors import our_form

SOMETHING: Mapping[str, Any] = {"type": "string"}
MAYBE: Mapping[str, Any] = {"type": ["string", "null"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of errors: `say` writes one, `schema` describes it, its code stands at `code`."""

    name: str
    say: Callable[[StreamServerError, str], HttpAnswer]
    schema: Mapping[str, Any]
    code: tuple[str, ...]

    def told(self, error: type[StreamServerError]) -> tuple[int, str]:
        """Return the HTTP status and the code with which an error of this class is said."""
        raised = error.__new__(error)  # what a class wants to be told besides is nothing to its status and code
        StreamServerError.__init__(raised, "")
        answer = self.say(raised, uuid.UUID(int=0).hex)
        return answer.status, str(reduce(lambda value, name: value[name], self.code, json.loads(answer.body)))

    def narrowed(self, codes: Iterable[str]) -> dict[str, Any]:
        """Return the schema of an error that has one of these codes."""
        inner: dict[str, Any] = {"enum": sorted(codes)}
        for name in reversed(self.code):
            inner = {"properties": {name: inner}}
        return {"allOf": [{"$ref": f"#/components/schemas/{self.name}"}, inner]}


def an_object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of an object with these fields and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


OURS = Form(
    name="Error",
    say=our_form,
    schema=an_object({"error": an_object({"code": SOMETHING, "message": SOMETHING})}),
    code=("error", "code"),
)

PROSA = Form(
    name="ProsaError",
    say=prosa.answer,
    schema=an_object({"status": SOMETHING, "message": SOMETHING}, {"context": {"type": "object"}}),
    code=("status",),
)

DEEPGRAM = Form(
    name="DeepgramError",
    say=deepgram.answer,
    schema=an_object({"err_code": SOMETHING, "err_msg": SOMETHING, "request_id": SOMETHING}),
    code=("err_code",),
)


OPENAI = Form(
    name="OpenAIError",
    say=openai.http_answer,
    schema=an_object(
        {"error": an_object({"message": SOMETHING, "type": SOMETHING, "param": MAYBE, "code": SOMETHING})}
    ),
    code=("error", "code"),
)


def refusals(errors: Iterable[type[StreamServerError]], form: Form) -> dict[int, list[tuple[str, str]]]:
    """Return codes and what they mean by HTTP status."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for error in errors:
        status, code = form.told(error)
        found[status].setdefault(code, (error.__doc__ or "").splitlines()[0])
    return {status: list(codes.items()) for status, codes in sorted(found.items())}
