from __future__ import annotations

import pytest

from stream_server.errors import UnexpectedMessage
from stream_server.protocol.tracks import TrackReader

TWO = ("Ada", "Budi")


def test_a_sequence_is_per_track_and_begins_anywhere() -> None:
    """Each track counts for itself; repeats are marked and jumps counted."""
    reader = TrackReader(TWO, independent=True)
    places = [reader.read({"track": track, "sequence": n}) for track, n in ((0, 5), (1, 0), (0, 6), (0, 6), (0, 9))]
    assert [(place.missing, place.repeated) for place in places] == [
        (0, False),
        (0, False),
        (0, False),
        (0, True),
        (2, False),
    ]


def test_a_single_track_need_not_be_named() -> None:
    """With one independent track audio belongs to it."""
    assert TrackReader(("track 1",), independent=True).read({}).track == 0


def test_interleaved_audio_names_no_track() -> None:
    """Without independent tracks a named track is a mistake of the client."""
    reader = TrackReader(("track 1",), independent=False)
    assert reader.read({}).track is None
    with pytest.raises(UnexpectedMessage):
        reader.read({"track": 0})


@pytest.mark.parametrize("track", [None, 2, -1, True, 0.0, "Cara"])
def test_an_unknown_track_is_refused(track: object) -> None:
    """Audio must belong somewhere."""
    with pytest.raises(UnexpectedMessage):
        TrackReader(TWO, independent=True).read({"track": track})
