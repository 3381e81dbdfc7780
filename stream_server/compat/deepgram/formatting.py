"""What a query of `/v1/listen` says of how words are written: marks, numbers, fillers, replacements and secrets."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.compat.deepgram.query import OFF, Query
from stream_server.errors import InvalidConfiguration
from stream_server.text.formatting import SECRETS, Formatting, Replacement, Secret

_REDACTED: dict[str, tuple[Secret, ...]] = {
    "pci": ("card",),
    "credit_card": ("card",),
    "account_number": ("card",),
    "numbers": ("numbers",),
    "number": ("numbers",),
    "ssn": ("nik",),
    "phone_number": ("phone",),
    "email_address": ("email",),
    "true": ("card", "phone", "nik"),
}
"""What clients call secrets, in lower case. Names are none of them: only those that are given can be found, and here
nobody gives any. A group such as `pii`, of which we would find a part, is none either."""


def read_formatting(query: Query, *, formatted: bool) -> Formatting:
    """Return how words are to be written; without marks and in lower case, unless they are `formatted`.

    Raises `InvalidConfiguration` for secrets that nobody finds here: they would be shown.
    """
    smart = query.is_on("smart_format")
    return Formatting(
        numbers=smart or query.is_on("numerals"),
        spelling=smart,
        punctuation=formatted,
        capitals=formatted,
        fillers=query.is_on("filler_words"),
        replace=tuple(map(_read_replacement, query.texts("replace"))),
        redact=_read_redacted(query.texts("redact")),
    )


def _read_replacement(text: str) -> Replacement:
    """Read `find:replace`; without a replacement what is found goes away."""
    find, _, replace = text.partition(":")
    return Replacement(find, replace)


def _read_redacted(values: Sequence[str]) -> tuple[Secret, ...]:
    wanted = {name for value in values for part in value.split(",") if (name := part.strip().lower()) not in OFF}
    if not wanted <= set(_REDACTED):
        raise InvalidConfiguration(f"redact is one of {', '.join(_REDACTED)} here: nothing else would be hidden")
    found = {secret for name in wanted for secret in _REDACTED[name]}
    return tuple(secret for secret in SECRETS if secret in found)
