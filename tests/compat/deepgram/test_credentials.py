"""Where Deepgram's clients put their key, and what is echoed."""

from __future__ import annotations

import pytest

from stream_server.compat.deepgram.credentials import presented_key, select_subprotocol


@pytest.mark.parametrize("value", ["Token KEY", "token KEY", "Bearer KEY", "bearer  KEY ", "TOKEN KEY"])
def test_a_header_of_either_scheme(value: str) -> None:
    """The scheme is written in any case; what stands behind it is the key."""
    assert presented_key({"authorization": value}) == "KEY"


@pytest.mark.parametrize(
    ("offered", "key", "echoed"),
    [
        (["token", "KEY"], "KEY", "token"),
        (["bearer", "KEY"], "KEY", "bearer"),
        (["token", "KEY", "x-deepgram-session-id", "5a0c"], "KEY", "token"),
        (["realtime", "other"], None, None),
        (["token"], None, "token"),
        ([], None, None),
    ],
)
def test_a_pair_of_subprotocols(offered: list[str], key: str | None, echoed: str | None) -> None:
    """The offer behind the scheme is the key; the scheme alone is echoed, whoever offers nothing gets nothing."""
    assert presented_key({}, offered) == key
    assert select_subprotocol(offered) == echoed


def test_the_header_wins() -> None:
    """Of two keys the header's counts; a scheme that is none of ours counts for nothing."""
    assert presented_key({"authorization": "Token A"}, ["token", "B"]) == "A"
    assert presented_key({"authorization": "Basic A"}, ["token", "B"]) == "B"
    assert presented_key({"authorization": "Token "}) is None
    assert presented_key({"x-api-key": "C"}) == "C"
