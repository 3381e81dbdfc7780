"""What is spoken on websockets, which OpenAPI has no words for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WIRES: Mapping[str, tuple[str, str]] = {
    "/v1/stream": ("The native wire", "docs/protocol.md is the whole of it: JSON or msgpack, audio as binary."),
    "/v2/speech/stt": ("Prosa's streaming wire", "As Prosa's clients speak it; docs/compat.md says what differs."),
    "/v1/listen": ("Deepgram's live wire", "As Deepgram's clients speak it; docs/compat.md says what differs."),
    "/v1/realtime": ("OpenAI's realtime wire", "Transcription sessions alone; docs/compat.md says what differs."),
    "/v2/speech/stt/streaming": ("Prosa's streaming wire", "Its second address."),
}


def describe(paths: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is spoken on each path."""
    return [{"path": path, "summary": WIRES[path][0], "description": WIRES[path][1]} for path in paths]
