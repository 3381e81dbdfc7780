"""Say what one method of one path takes and answers.

Shapes are types: a `TypedDict` for an object, marked `closed` if no other field can stand in it, with a sentence below
each field. What a shape is as JSON Schema, pydantic says (`document`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from pydantic import ConfigDict, with_config

from stream_server.errors import StreamServerError
from stream_server.rest.openapi.forms import OURS, Form

Shape: TypeAlias = Any
"""A type that pydantic knows: `bytes` for a file, `str` for text, a `TypedDict` for an object."""

Content: TypeAlias = Mapping[str, Shape]
"""What a body may be, by media type; the first is the usual one."""

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ANY_SCOPE = "any"
"""For operations that take every key: what it may do comes with it."""

closed = with_config(ConfigDict(extra="forbid", use_attribute_docstrings=True))
"""Marks an object that has the fields that are named and no others."""

lenient = with_config(ConfigDict(extra="allow", use_attribute_docstrings=True))
"""Marks an object in which other fields are passed over, as a vendor's server does."""

OUR_KEYS = ("key", "bearer")
"""The ways to show a key everywhere but on vendors' paths; `document.SECURITY` describes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes back when nothing is wrong; without `content` there is no body."""

    text: str
    status: int = 200
    content: Content = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path.

    `group` is the heading that it stands under. `scope` is what its key must have; None: no key is asked for. `places`
    explains the parameters in the path, `query` has those behind it as a `TypedDict`. `errors` are those that it
    answers besides the ones that every operation with a key has, said in `form`.
    """

    method: Method
    path: str
    group: str
    summary: str
    text: str = ""
    scope: str | None = "transcribe"
    keys: tuple[str, ...] = OUR_KEYS
    places: Mapping[str, str] = field(default_factory=dict)
    query: Shape = None
    body: Content = field(default_factory=dict)
    body_required: bool = True
    example: Any = None
    answers: tuple[Answer, ...]
    errors: tuple[type[StreamServerError], ...] = ()
    form: Form = OURS

    @property
    def name(self) -> str:
        """Return a name of its own, made of method and path."""
        words = self.path.replace("{", "").replace("}", "").replace("-", "_").strip("/").split("/")
        return "_".join([self.method.lower(), *filter(None, words)])
