"""How much of a resumable session's raw audio has come, so that its client can go on behind it."""

from __future__ import annotations

from stream_server.audio.formats import PcmDecoder
from stream_server.session.options import SessionOptions


class Received:
    """Counts bytes as they come; `go_back` says from which sample on the client is to send.

    Independent tracks go on where the one stands that is furthest behind; what the others have already is left out.
    """

    def __init__(self, options: SessionOptions, begin: int) -> None:
        assert options.audio.encoding is not None  # or it would not be resumable
        self._frame_bytes = PcmDecoder.frame_bytes(options.audio.encoding, options.audio.channels)
        tracks: list[int | None] = list(range(len(options.track_names))) if options.independent_tracks else [None]
        self._bytes = dict.fromkeys(tracks, begin * self._frame_bytes)
        self._repeated = dict.fromkeys(tracks, 0)
        """Bytes that will come again."""

    def take(self, data: bytes, track: int | None) -> bytes:
        """Count audio; return what of it is new."""
        repeated = min(self._repeated[track], len(data))
        self._repeated[track] -= repeated
        data = data[repeated:] if repeated else data
        self._bytes[track] += len(data)
        return data

    def go_back(self) -> int:
        """Forget the samples that came in part, and return the sample from which all tracks go on."""
        whole = {track: count // self._frame_bytes for track, count in self._bytes.items()}
        at = min(whole.values())
        self._bytes = {track: frames * self._frame_bytes for track, frames in whole.items()}
        self._repeated = {track: (frames - at) * self._frame_bytes for track, frames in whole.items()}
        return at
