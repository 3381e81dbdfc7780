"""What a client may ask for, and what it is told otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.session.options import AudioFormat, SessionOptions


def test_tracks_are_numbered_when_they_have_no_names() -> None:
    """One per channel."""
    assert SessionOptions(audio=AudioFormat(channels=2)).track_names == ("track 1", "track 2")
    assert SessionOptions(tracks=("Ana",)).track_names == ("Ana",)


def test_participants_are_people() -> None:
    """Tracks are named after them, unless several people share one; a number is nobody's name."""
    assert SessionOptions(audio=AudioFormat(channels=2)).participants == ()
    named = SessionOptions(tracks=("Ana", "Room"), audio=AudioFormat(channels=2), shared_tracks=("Room",))
    assert named.participants == ("Ana",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"audio": {"encoding": "mp5"}},
        {"audio": {"sample_rate": 7_999}},
        {"audio": {"sample_rate": 96_000}},
        {"audio": {"channels": 9}},
        {"audio": {"raw_rate": 96_000}},
        {"audio": {"raw_channels": 9}},
        {"audio": {"channels": 2, "raw_channels": 2}},
        {"silence_ms": 99},
        {"idle_seconds": 0},
        {"tracks": ("a", "b")},
        {"tracks": tuple("abc") * 11, "independent_tracks": True},
        {"audio": {"channels": 2}, "independent_tracks": True},
        {"partial_interval_ms": 99},
        {"endpointing_ms": 9},
        {"endpointing_ms": 5_001},
        {"max_utterance_seconds": 29},
        {"hotwords": "x" * 1_001},
        {"context": "half \ud800"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """Each limit has its sentence."""
    rest = {name: value for name, value in wrong.items() if name != "audio"}
    with pytest.raises(InvalidConfiguration):
        SessionOptions(audio=AudioFormat(**wrong.get("audio", {})), **rest)
