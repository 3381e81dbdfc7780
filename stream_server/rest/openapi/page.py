"""Show an OpenAPI document as one HTML page: no script, nothing from elsewhere, readable on paper and on a phone."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

Json = Mapping[str, Any]

STYLE = (resources.files(__package__) / "page.css").read_text(encoding="utf-8")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The page may have this style and nothing else."""

HEADERS = {"key": "x-api-key: $KEY", "bearer": "Authorization: Bearer $KEY", "token": "Authorization: Token $KEY"}
"""How examples show a key, by the first way that an operation names."""


def render_page(document: Json, server: str) -> str:
    """Return the page; `server` is the address that examples name."""
    environment = Environment(
        loader=PackageLoader(__package__, ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"kind": kind, "prose": prose}
    return environment.get_template("page.html.jinja").render(
        document=document,
        style=Markup(STYLE),  # noqa: S704 - a file of ours
        curl=lambda method, path, operation: curl(method, path, operation, server),
    )


def prose(text: str) -> Markup:
    """Return text with its paragraphs, lists of lines and `code`."""
    parts = escape(text.strip()).split("`")
    marked = "".join(f"<code>{part}</code>" if index % 2 else str(part) for index, part in enumerate(parts))
    lines = marked.replace("\n- ", "<br>").removeprefix("- ").replace("\n\n", "<p>")
    return Markup(lines)  # noqa: S704 - escaped above


def kind(schema: Json) -> Markup:
    """Say in some words what a schema takes, with links to the objects that it names."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return Markup('<a href="#{0}">{0}</a>').format(name)
    for join in ("anyOf", "oneOf"):
        if join in schema:
            return Markup(" or ").join(kind(each) for each in schema[join])
    if "allOf" in schema:
        return kind(schema["allOf"][0])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum") or [schema["const"]]
        return Markup(" or ").join(Markup("<code>{}</code>").format(json.dumps(value)) for value in values)
    return _plain_kind(schema)


def _plain_kind(schema: Json) -> Markup:
    match schema.get("type"):
        case "array":
            return Markup("list of {}").format(kind(schema.get("items", {})))
        case "object" if isinstance(schema.get("additionalProperties"), Mapping):
            return Markup("object of {}").format(kind(schema["additionalProperties"]))
        case "string" if schema.get("format") == "binary":
            return Markup("bytes")
        case None:
            return Markup("anything")
        case name:
            return escape(" ".join(filter(None, (str(name), _bounds(schema)))))


def _bounds(schema: Json) -> str:
    names = {
        "minimum": "from {}",
        "maximum": "to {}",
        "minLength": "of at least {}",
        "maxLength": "of at most {} characters",
        "default": "(else {})",
    }
    return " ".join(words.format(schema[name]) for name, words in names.items() if name in schema)


def curl(method: str, path: str, operation: Json, server: str) -> str:
    """Return a command line that calls an operation."""
    words = ["curl"] if method == "get" else ["curl", "-X", method.upper()]
    for name in list(operation["security"][0]) if operation["security"] else ():
        words += ["-H", HEADERS[name]]
    needed = [each["name"] for each in operation["parameters"] if each["in"] == "query" and each["required"]]
    query = "?" + "&".join(f"{name}=…" for name in needed) if needed else ""
    body = operation.get("requestBody", {}).get("content", {})
    for media_type, content in list(body.items())[:1]:
        words += _curl_body(media_type, content)
    return " ".join(map(_quoted, [*words, f"{server}{path}{query}"]))


def _curl_body(media_type: str, content: Json) -> list[str]:
    if media_type == "multipart/form-data":
        fields = content.get("example") or {"file": "@speech.wav"}
        return [word for name, value in fields.items() for word in ("-F", f"{name}={value}")]
    if media_type == "application/json":
        return ["--json", json.dumps(content.get("example", {}), ensure_ascii=False)]
    return ["-H", f"Content-Type: {media_type.replace('*', 'wav')}", "--data-binary", "@speech.wav"]


def _quoted(word: str) -> str:
    """Quote a word for a shell, which still puts the key in."""
    return f'"{word}"' if "$KEY" in word else shlex.quote(word)
