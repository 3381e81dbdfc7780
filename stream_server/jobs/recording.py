"""What is asked for a finished recording, and who transcribes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from stream_server.auth import Principal
from stream_server.events import Event
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.store.records import Transcript

RECORDING_RATE = 16_000
"""Hz of a recording's clock, whatever the file's: what the engines hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file on this machine and what is wanted of it.

    `options` are a session's; their `audio` and `partials` mean nothing here. `raw` declares headerless bytes, None:
    the file tells what it is. `per_channel` makes every channel a track of its own instead of mixing them.
    """

    media: Path
    name: str = ""
    options: SessionOptions = field(default_factory=SessionOptions)
    raw: AudioFormat | None = None
    per_channel: bool = False


class Transcriber(Protocol):
    """Turns recordings into transcripts, as sessions that give way to live ones."""

    async def transcribe(
        self, principal: Principal, recording: Recording, *, on_event: Callable[[Event], None] | None = None
    ) -> Transcript:
        """Return all that is said in a recording, when its turn has come and it is done.

        Waits in line with others', organisation by organisation. `on_event` hears the session's events (`Ready`,
        `Final` … `Closed`) as they come. The transcript is kept as a record where records are kept; it is given in any
        case, with `record.end_sample` as the duration, clock rate `RECORDING_RATE`. Being cancelled ends the session.
        Raises what the client has earned: `UnsupportedAudio`, `QuotaExceeded`, `TooManySessions`, `ServerFull` … .
        """
        ...
