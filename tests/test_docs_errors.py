"""The pages on errors and messages say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stream_server import errors
from stream_server.errors import StreamServerError
from stream_server.protocol.messages import MESSAGE_TYPES
from stream_server.protocol.native import CLIENT_MESSAGE_TYPES, PATH
from stream_server.session.options import ENCODINGS, AudioFormat, SessionOptions

DOCS = Path(__file__).resolve().parents[1] / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text()
CODES = {cls.code: cls for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "code")}
DIALECTS_OWN = {"lenient_language", "may_idle", "raw_rate", "raw_channels"}
"""What the habits of a vendor's clients decide, and no client of ours asks for."""

ROW = re.compile(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (yes|no) \|", re.MULTILINE)


def test_every_error_is_listed_as_it_is() -> None:
    """Code, close code, HTTP status and retryability stand in docs/errors.md for each class, and for nothing else."""
    listed = {
        code: (int(close), int(status), retry == "yes")
        for code, close, status, retry in ROW.findall((DOCS / "errors.md").read_text())
    }
    assert listed == {code: facts(cls) for code, cls in CODES.items()}


def facts(cls: type[StreamServerError]) -> tuple[int, int, bool]:
    """Return what the page says of a class."""
    return cls.close_code, cls.http_status, cls.retryable


@pytest.mark.parametrize("kind", [*MESSAGE_TYPES, *CLIENT_MESSAGE_TYPES])
def test_every_message_has_its_heading(kind: str) -> None:
    """Each type of message, both ways, has a section in docs/protocol.md or is told there as the first message."""
    headings = " ".join(re.findall(r"^### (.*)$", PROTOCOL, re.MULTILINE))
    assert f"`{kind}`" in headings or (kind == "authenticate" and '"type": "authenticate"' in PROTOCOL)


def test_the_examples_are_json_and_cover_what_the_server_sends() -> None:
    """Every example parses, and every message of the server has one."""
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PROTOCOL, re.DOTALL)]
    assert {block["type"] for block in blocks} == {*MESSAGE_TYPES, "start"}


def test_the_examples_have_the_fields_of_the_golden_frames() -> None:
    """An example shows the very fields that the wire has."""
    lines = [
        json.loads(line)
        for path in sorted((DOCS.parent / "tests" / "wire").glob("native_*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    golden: dict[str, set[str]] = {}
    for output in (output for line in lines for output in line.get("outputs", ())):
        message = output.get("json", {})
        golden.setdefault(message.get("type", ""), set()).update(message)
    for block in re.findall(r"```json\n(.*?)```", PROTOCOL, re.DOTALL):
        example = json.loads(block)
        assert example["type"] == "start" or set(example) == golden[example["type"]], example["type"]


@pytest.mark.parametrize(
    "name",
    [
        *(name for name in SessionOptions.__dataclass_fields__ if name != "audio" and name not in DIALECTS_OWN),
        *(f"audio.{name}" for name in AudioFormat.__dataclass_fields__ if name not in DIALECTS_OWN),
    ],
)
def test_every_option_has_a_row(name: str) -> None:
    """Each option of `start` stands in the table of fields."""
    assert f"| `{name}` |" in PROTOCOL


def test_paths_and_encodings_are_named() -> None:
    """The page names the path and every raw encoding."""
    assert PATH in PROTOCOL
    assert all(f"`{encoding}`" in PROTOCOL for encoding in ENCODINGS)
