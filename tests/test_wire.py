"""Golden conversations: every line of tests/wire/*.jsonl is a frame or an event with what the dialect must make of it.

A line's `direction` is "=" (the handshake), "<" (a frame from the client: `text`, `json`, `binary` in hex or `msgpack`,
with the `inputs` it becomes or the error code it `raises`) or ">" (an `event`, with the `outputs` it becomes).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest

from stream_server import errors, events
from stream_server.compat.deepgram.streaming import DeepgramDialect
from stream_server.compat.openai.realtime import RealtimeDialect
from stream_server.compat.prosa.streaming import ProsaDialect
from stream_server.errors import StreamServerError
from stream_server.protocol.dialect import Close, Dialect, Frame, Handshake, Input, Output, Reply
from stream_server.protocol.native import NativeDialect

CONVERSATIONS = sorted((Path(__file__).parent / "wire").glob("*.jsonl"))
DIALECTS: dict[str, Callable[[], Dialect]] = {
    "native": NativeDialect,
    "prosa": ProsaDialect,
    "deepgram": DeepgramDialect,
    "openai": RealtimeDialect,
}
ERRORS = {cls.code: cls for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "code")}


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_every_conversation_is_as_it_was_written_down(path: Path) -> None:
    """A frame becomes exactly the inputs, and an event exactly the frames, that the golden file shows."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    dialect = DIALECTS[lines[0]["dialect"]]()
    for number, line in enumerate(lines, start=1):
        where = f"{path.name}:{number}"
        if line["direction"] == "=":
            assert_inputs(dialect.open(Handshake(**line["handshake"])), line["inputs"], where)
        elif line["direction"] == ">":
            outputs = [shown_output(output) for output in dialect.encode(event_of(line["event"]))]
            assert outputs == line["outputs"], where
        elif "raises" in line:
            with pytest.raises(StreamServerError) as raised:
                dialect.decode(frame_of(line))
            assert raised.value.code == line["raises"], where
        else:
            assert_inputs(dialect.decode(frame_of(line)), line["inputs"], where)


def test_the_golden_files_show_every_event() -> None:
    """No event of the vocabulary is missing from the golden conversations."""
    lines = [json.loads(line) for path in CONVERSATIONS for line in path.read_text().splitlines()]
    shown = {line["event"]["event"] for line in lines if line["direction"] == ">"}
    assert shown == {cls.__name__ for cls in events.Event.__args__}  # type: ignore[attr-defined]


def frame_of(line: dict[str, Any]) -> Frame:
    """Return the client's frame of a line."""
    if "binary" in line:
        return bytes.fromhex(line["binary"])
    if "msgpack" in line:
        packed: bytes = msgpack.packb(with_bytes(line["msgpack"]))
        return packed
    return line["text"] if "text" in line else json.dumps(line["json"])


def with_bytes(value: Any) -> Any:
    """Replace {"$hex": …} by bytes, at any depth."""
    if isinstance(value, dict):
        return bytes.fromhex(value["$hex"]) if "$hex" in value else {k: with_bytes(v) for k, v in value.items()}
    return value


def event_of(values: dict[str, Any]) -> events.Event:
    """Build the event that a line describes."""
    values = dict(values)
    cls = getattr(events, values.pop("event"))
    for name in ("stable", "tentative", "words"):
        if name in values:
            values[name] = tuple(events.Word(**with_speaker(word)) for word in values[name])
    values = with_speaker(values)
    for name, kind in (("merged", tuple), ("names", tuple), ("changes", lambda each: events.SpeakerChange(**each))):
        if name in values:
            values[name] = tuple(kind(each) for each in values[name])
    if "tracks" in values and isinstance(values["tracks"], list):
        values["tracks"] = tuple(values["tracks"])
    if values.get("error"):
        error = dict(values["error"])
        values["error"] = ERRORS[error.pop("code")](**error)
    event: events.Event = cls(**values)
    return event


def with_speaker(values: dict[str, Any]) -> dict[str, Any]:
    """Build the speaker that an event or a word names."""
    speaker = values.get("speaker")
    return values if speaker is None else values | {"speaker": events.Speaker(**speaker)}


def shown_output(output: Output) -> dict[str, Any]:
    """Return an output the way golden lines write it."""
    if isinstance(output, Close):
        return {"close": output.code, "reason": output.reason}
    return {"json": json.loads(output)} if isinstance(output, str) else {"msgpack": msgpack.unpackb(output)}


def assert_inputs(inputs: list[Input], expected: list[dict[str, Any]], where: str) -> None:
    """Compare inputs with a golden line, field by field where the line names one."""
    assert [type(item).__name__ for item in inputs] == [item["input"] for item in expected], where
    for item, golden in zip(inputs, expected, strict=True):
        if isinstance(item, Reply):
            assert {"input": "Reply", **shown_output(item.frame)} == golden, where
        else:
            assert_fields(item, with_bytes({k: v for k, v in golden.items() if k != "input"}), where)


def assert_fields(item: Any, golden: dict[str, Any], where: str) -> None:
    """Compare the named fields of a dataclass, lists standing for tuples and objects for dataclasses inside."""
    for name, value in golden.items():
        found = getattr(item, name)
        if dataclasses.is_dataclass(found):
            assert_fields(found, value, where)
        else:
            assert found == (tuple(value) if isinstance(value, list) else value), f"{where}: {name}"
