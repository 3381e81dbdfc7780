"""A query as Deepgram's clients write it: names may repeat, booleans are words in any case, nothing may be "None"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stream_server.errors import InvalidConfiguration

OFF = frozenset({"", "false", "0", "no", "off", "none", "null"})
"""Whatever else stands there means yes: `diarize_model=latest` is how some clients switch it on."""

_NUMBER = re.compile(r"\d{1,9}(\.0*)?")
_SECONDS = re.compile(r"\d{1,6}(\.\d{1,9})?")


class Query:
    """The parameters of one request; nobody asks for those that mean nothing here."""

    def __init__(self, parameters: Sequence[tuple[str, str]]) -> None:
        self._parameters = parameters

    def texts(self, name: str) -> list[str]:
        """Return every value of a parameter, empty ones left out."""
        values = (value.strip() for given, value in self._parameters if given == name)
        return [value for value in values if value]

    def text(self, name: str) -> str | None:
        """Return the first value; None if there is none."""
        return next(iter(self.texts(name)), None)

    def is_on(self, *names: str) -> bool:
        """Tell whether any of these is switched on."""
        return any(value.lower() not in OFF for name in names for value in self.texts(name))

    def integer(self, name: str) -> int | None:
        """Return a whole number; None where there is none, or a word that means none. Raises `InvalidConfiguration`."""
        value = self.text(name)
        if value is None or (value != "0" and value.lower() in OFF):
            return None
        if not _NUMBER.fullmatch(value):
            raise InvalidConfiguration(f"{name} must be a whole number")
        return int(float(value))

    def number(self, name: str, default: float) -> float:
        """Return a number of seconds; raises `InvalidConfiguration`."""
        value = self.text(name) or str(default)
        if not _SECONDS.fullmatch(value):
            raise InvalidConfiguration(f"{name} must be a number of seconds")
        return float(value)
