"""Which track an audio message belongs to, and whether it comes in turn."""

from __future__ import annotations

from dataclasses import dataclass

from stream_server.errors import UnexpectedMessage
from stream_server.protocol.codec import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioPlace:
    """Where an audio message belongs: its track (None: interleaved), its sequence, how many before it are missing."""

    track: int | None
    sequence: int | None
    missing: int = 0
    repeated: bool = False


class TrackReader:
    """Reads `track` and `sequence` of audio messages.

    The sequence of a track begins anywhere and grows by one. A number not above the last one repeats audio and is to be
    ignored; a jump means that the client lost audio, which is told to it and does not end the session: the websocket
    itself loses nothing, and the session clock counts what arrives.
    """

    def __init__(self, names: tuple[str, ...], *, independent: bool) -> None:
        self._names = names
        self._independent = independent
        self._last: dict[int | None, int] = {}

    def read(self, message: Message) -> AudioPlace:
        """Return the place of an audio message; raise `UnexpectedMessage` if it has none."""
        track = self._track(message.get("track"))
        sequence = message.get("sequence")
        if sequence is None:
            return AudioPlace(track=track, sequence=None)
        if isinstance(sequence, bool) or not isinstance(sequence, int) or sequence < 0:
            raise UnexpectedMessage("audio sequence must be a whole number from 0")
        last = self._last.get(track, sequence - 1)
        if sequence <= last:
            return AudioPlace(track=track, sequence=sequence, repeated=True)
        self._last[track] = sequence
        return AudioPlace(track=track, sequence=sequence, missing=sequence - last - 1)

    def _track(self, value: object) -> int | None:
        if not self._independent:
            if value is not None:
                raise UnexpectedMessage("audio may name a track only after start with independent_tracks")
            return None
        if value is None and len(self._names) == 1:
            return 0
        if isinstance(value, str) and value in self._names:
            return self._names.index(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(self._names):
            return value
        raise UnexpectedMessage("audio must name one of the tracks, by its name or its number from 0")
