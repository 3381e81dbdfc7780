"""Answer a request to evaluate: from its JSON to the report's, or to an error's. Runs in a process of its own.

Regular expressions and edit distances of hostile texts take as long as they like and hold Python's lock: sessions
must not share a process with them.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from stream_server.errors import InternalError, InvalidConfiguration, MessageTooLarge, NotInstalled, StreamServerError
from stream_server.evaluate.evaluation import Options, evaluate
from stream_server.evaluate.formats import parse
from stream_server.evaluate.report import as_json
from stream_server.evaluate.transcript import Transcript

Json: TypeAlias = dict[str, Any]

ERRORS = {cls.code: cls for cls in (InvalidConfiguration, MessageTooLarge, NotInstalled)}
"""What a request may end with besides a report."""


def answer(request: bytes) -> bytes:
    """Return `{"report": …}` or `{"error": {"code", "message"}}`."""
    try:
        return json.dumps({"report": _evaluate(json.loads(request))}).encode()
    except StreamServerError as error:
        return json.dumps({"error": {"code": error.code, "message": error.message}}).encode()


def read_answer(answer: bytes) -> Json:
    """Return the report that a process wrote; raises the error that it met."""
    try:
        told = json.loads(answer)
    except ValueError:
        raise InternalError("the evaluation ended without an answer") from None
    if "error" in told:
        raise ERRORS.get(told["error"]["code"], InternalError)(told["error"]["message"])
    report: Json = told["report"]
    return report


def _evaluate(request: Json) -> Json:
    reference, hypothesis = (_transcript(request[side], f"the {side}") for side in ("reference", "hypothesis"))
    return as_json(evaluate(reference, hypothesis, Options(**request["options"])))


def _transcript(given: Json, source: str) -> Transcript:
    """Parse a transcript; JSON may stand in the request as it is."""
    content = given["content"]
    text = content if isinstance(content, str) else json.dumps(content)
    return parse(text, given["format"], source)
