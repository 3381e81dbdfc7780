from __future__ import annotations

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields

SECRET = "the value itself"


@pytest.mark.parametrize("read", ["texts", "integer", "number", "boolean", "inner"])
def test_a_refusal_names_the_field_and_never_its_value(read: str) -> None:
    """Whoever reads a refusal learns where to look, not what was sent."""
    with pytest.raises(InvalidConfiguration) as raised:
        getattr(Fields({"colour": SECRET}, "audio."), read)("colour")
    assert raised.value.message.startswith("audio.colour ")
    assert SECRET not in raised.value.message


@pytest.mark.parametrize("read", ["text", "texts", "integer", "number", "boolean"])
def test_null_is_absent(read: str) -> None:
    """A field that is null reads like one that is not there."""
    fields = Fields({"a": None})
    assert getattr(fields, read)("a") is None
    assert getattr(fields, read)("b") is None


@pytest.mark.parametrize("value", [True, 1.5, "1", float("nan"), float("inf")])
def test_an_integer_is_whole(value: object) -> None:
    """Booleans, fractions and what is no number are no integers."""
    with pytest.raises(InvalidConfiguration):
        Fields({"a": value}).integer("a")


@pytest.mark.parametrize("value", [True, "1", float("nan"), float("-inf"), 10**400])
def test_a_number_is_finite(value: object) -> None:
    """Booleans, text, infinities and integers beyond every float are no numbers."""
    with pytest.raises(InvalidConfiguration):
        Fields({"a": value}).number("a")


def test_whole_floats_are_integers() -> None:
    """A client that has only doubles may still give a rate."""
    assert Fields({"a": 16000.0}).integer("a") == 16_000


def test_long_text_is_refused() -> None:
    """A string, alone or in a list, has a longest length."""
    with pytest.raises(InvalidConfiguration):
        Fields({"a": "x" * 201}).text("a")
    with pytest.raises(InvalidConfiguration):
        Fields({"a": ["x" * 201]}).texts("a")


def test_what_nobody_asked_for_is_unknown() -> None:
    """Unknown names are listed, inner ones with their path, cut to a printable length."""
    fields = Fields({"a": 1, "b": 2, "c" * 90: 3, "in": {"d": 4, "e": 5}})
    fields.integer("a")
    fields.inner("in").integer("d")
    assert fields.unknown == ("b", "c" * 40, "in.e")
