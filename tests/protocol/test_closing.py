from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_server.errors import ServerFull
from stream_server.protocol.closing import LONGEST_REASON, close_reason


@given(st.text(), st.none() | st.floats(0, 100_000))
def test_a_reason_always_fits_and_keeps_its_hint(message: str, after: float | None) -> None:
    """Whatever the message, the close frame has room, the UTF-8 is whole and the retry hint is there."""
    message = message.encode(errors="replace").decode()
    reason = close_reason(ServerFull(message, retry_after_seconds=after))
    assert len(reason.encode()) <= LONGEST_REASON
    assert reason.startswith("server_full")
    assert (after is None) or reason.endswith(" s")


def test_success_has_no_reason() -> None:
    """Nothing needs to be said when all went well."""
    assert close_reason(None) == ""
