from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from stream_server.rest.openapi.document import make_document
from stream_server.rest.openapi.page import CONTENT_SECURITY_POLICY, curl, kind, prose, render_page
from stream_server.rest.operations.every import OPERATIONS

DOCUMENT = make_document(OPERATIONS, version="1.2.3")
PAGE = render_page(DOCUMENT, "http://127.0.0.1:8765")


class Links(HTMLParser):
    """Collects where a page leads, what can be led to, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.places: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "link", "img", "iframe", "object", "embed") or values.get("src") or "style" in values:
            self.fetched.append(tag)
        if href := values.get("href"):
            self.targets.append(href)
        if place := values.get("id"):
            self.places.append(place)


def test_every_operation_and_object_is_on_the_page() -> None:
    """Each has a place that can be linked to, once, and every link leads to one."""
    links = Links()
    links.feed(PAGE)
    assert len(links.places) == len(set(links.places))
    assert {operation.name for operation in OPERATIONS} <= set(links.places)
    assert set(DOCUMENT["components"]["schemas"]) <= set(links.places)
    assert {target.removeprefix("#") for target in links.targets} - {"openapi.json"} <= set(links.places)


def test_the_page_needs_nothing_else() -> None:
    """It has no script, fetches nothing, and its only style is the one that the policy names."""
    links = Links()
    links.feed(PAGE)
    assert links.fetched == []
    [style] = re.findall(r"<style>(.*?)</style>", PAGE, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY


def test_what_stands_in_a_document_is_text() -> None:
    """Nothing in it, nor the address that the page was asked for at, becomes markup."""
    hostile = json.loads(json.dumps(DOCUMENT).replace("List records", "<script>alert(1)</script>"))
    page = render_page(hostile, "http://<img src=x>")
    assert "<script" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "integer from 1 to 200 (else 50)"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Cup"}}, 'list of <a href="#Cup">Cup</a>'),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number or null"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object of string"),
        ({"type": "string", "format": "binary"}, "bytes"),
        ({"const": True, "type": "boolean"}, "<code>true</code>"),
        ({}, "anything"),
    ],
)
def test_schemas_are_said_in_words(schema: dict[str, object], words: str) -> None:
    """A reader sees what a field takes without knowing JSON Schema."""
    assert kind(schema) == words


def test_prose_keeps_code_and_lists() -> None:
    """Backticks become code, lines of a list stand below each other, markup is shown as it is."""
    assert prose("- `a`: one\n- `b`: <two>") == "<code>a</code>: one<br><code>b</code>: &lt;two&gt;"
    assert prose("One.\n\nTwo.") == "One.<p>Two."


def test_commands_can_be_copied() -> None:
    """An example has the method, the key, the body in quotes and the address."""
    enroll = DOCUMENT["paths"]["/v1/enroll"]["post"]
    assert curl("post", "/v1/enroll", enroll, "http://h") == (
        """curl -X POST -H "x-api-key: $KEY" --json '{"name": "Ana", "audio_ids": ["audio_…"]}' http://h/v1/enroll"""
    )
    sample = DOCUMENT["paths"]["/v1/enroll_audio"]["post"]
    assert "--data-binary @speech.wav" in curl("post", "/v1/enroll_audio", sample, "http://h")
    listen = DOCUMENT["paths"]["/v1/listen"]["post"]
    assert '-H "Authorization: Token $KEY"' in curl("post", "/v1/listen", listen, "http://h")
    assert curl("get", "/metrics", DOCUMENT["paths"]["/metrics"]["get"], "http://h") == "curl http://h/metrics"
