"""A client is told to go on exactly behind what came of its audio."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.received import Received

STEREO = SessionOptions(audio=AudioFormat(encoding="pcm_s24le", channels=2), resumable=True)
APART = SessionOptions(
    audio=AudioFormat(encoding="pcm_s16le"), tracks=("Ada", "Budi"), independent_tracks=True, resumable=True
)


@given(st.lists(st.integers(0, 100), max_size=8))
def test_a_sample_that_came_in_part_comes_again(cuts: list[int]) -> None:
    """Whatever is cut off wherever, every byte is taken once; a sample has six of them here."""
    audio, taken, at = bytes(range(240)), b"", 0
    received = Received(STEREO, begin=7)
    for count in cuts:
        taken += received.take(audio[6 * at :][:count], None)
        at = received.go_back() - 7
        taken = taken[: 6 * at]
        assert taken == audio[: 6 * at]
    taken += received.take(audio[6 * at :], None)
    assert taken == audio


def test_tracks_go_on_where_the_last_of_them_stands() -> None:
    """What others have already is left out, to the byte, and the next time too."""
    received = Received(APART, begin=0)
    received.take(b"a" * 21, 0)
    received.take(b"b" * 8, 1)
    assert received.go_back() == 4
    assert received.take(b"a" * 10, 0) == b""
    assert received.take(b"12xyz", 0) == b"xyz"
    assert received.take(b"b", 1) == b"b"
    assert received.go_back() == 4
    assert received.take(b"c" * 20, 0) == b"c" * (20 - 14)
