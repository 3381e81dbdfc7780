"""Read a client's object field by field, naming the field in every refusal and never its value."""

from __future__ import annotations

from collections.abc import Mapping

from stream_server.errors import InvalidConfiguration

LONGEST_NAME = 200
"""Characters allowed in labels, track names and the like."""


class Fields:
    """One object of a message. A field that is absent or null is None; a wrong type raises `InvalidConfiguration`.

    Remembers which fields were asked for, so that the rest can be reported as `unknown`.
    """

    def __init__(self, values: Mapping[str, object], prefix: str = "") -> None:
        self._values = values
        self._prefix = prefix
        self._known: set[str] = set()
        self._inner: list[Fields] = []

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names nobody asked for, sorted, cut to a printable length; inner objects included."""
        own = sorted(self._prefix + name[:40] for name in self._values if name not in self._known)
        return (*own, *(name for inner in self._inner for name in inner.unknown))

    def has(self, name: str) -> bool:
        """Tell whether a field is there, be it null."""
        return name in self._values

    def text(self, name: str, longest: int = LONGEST_NAME) -> str | None:
        """Return a string of at most `longest` characters."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._refusal(name, "must be a string")
        if len(value) > longest:
            raise self._refusal(name, f"may have {longest} characters")
        return value

    def texts(self, name: str, longest: int = LONGEST_NAME) -> tuple[str, ...] | None:
        """Return a list of strings of at most `longest` characters each."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._refusal(name, "must be a list of strings")
        if any(len(item) > longest for item in value):
            raise self._refusal(name, f"may have {longest} characters in each item")
        return tuple(value)

    def text_or_texts(self, name: str, longest: int) -> str | None:
        """Return a string, or a list of strings joined by commas."""
        if isinstance(self._values.get(name), list):
            return ", ".join(self.texts(name, longest) or ())
        return self.text(name, longest)

    def integer(self, name: str) -> int | None:
        """Return a whole number; 16000.0 is one."""
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._refusal(name, "must be a whole number")
        return value

    def number(self, name: str) -> float | None:
        """Return a finite number."""
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e15 < value < 1e15:
            raise self._refusal(name, "must be a number")  # the bounds refuse NaN, infinities and huge integers too
        return float(value)

    def boolean(self, name: str) -> bool | None:
        """Return true or false."""
        value = self._take(name)
        if value is not None and not isinstance(value, bool):
            raise self._refusal(name, "must be true or false")
        return value

    def inner(self, name: str) -> Fields:
        """Return an object inside this one; an absent one reads as empty."""
        value = self._take(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self._refusal(name, "must be an object")
        inner = type(self)(value, f"{self._prefix}{name}.")
        self._inner.append(inner)
        return inner

    def objects(self, name: str) -> tuple[Fields, ...] | None:
        """Return a list of objects."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._refusal(name, "must be a list of objects")
        inner = tuple(type(self)(item, f"{self._prefix}{name}.") for item in value)
        self._inner += inner
        return inner

    def _take(self, name: str) -> object:
        self._known.add(name)
        return self._values.get(name)

    def _refusal(self, name: str, rule: str) -> InvalidConfiguration:
        return InvalidConfiguration(f"{self._prefix}{name} {rule}")
