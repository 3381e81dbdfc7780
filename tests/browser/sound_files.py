"""Sound as files that somebody hands to a page."""

from __future__ import annotations

import io
import wave

from playwright.async_api import FilePayload

from tests.child_server import RATE, Pcm


def wav(name: str, pcm: Pcm) -> FilePayload:
    """Return a recording as a file input takes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(pcm.astype("<i2").tobytes())
    return {"name": name, "mimeType": "audio/wav", "buffer": file.getvalue()}
