"""How each server is spoken to: what opens and ends a session, and what a reader sees after each message.

A wire's `text` is all that a page would show of the session so far, what may still change included.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar


class Wire:
    """One session's side of a conversation; subclasses say what each message means."""

    path: ClassVar[str] = ""
    hello: ClassVar[str | None] = None
    goodbye: ClassVar[str | bytes] = ""
    waits: ClassVar[bool] = False
    """Whether a client must wait for the last words before it says goodbye, for the server ends the session at once."""

    def __init__(self) -> None:
        self.text = ""
        self.ready = False
        self.over = False
        self.error: str | None = None

    def hear(self, message: dict[str, Any]) -> None:
        """Take a message in."""
        raise NotImplementedError


class Ours(Wire):
    """The native wire, `docs/protocol.md`."""

    path = "/v1/stream"
    hello = json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le"}, "language": "en", "diarize": False})
    goodbye = json.dumps({"type": "finish"})

    def __init__(self) -> None:
        super().__init__()
        self._utterances: dict[str, str] = {}

    def hear(self, message: dict[str, Any]) -> None:
        """Show finals, and of an utterance without one its last partial."""
        match message["type"]:
            case "ready":
                self.ready = True
            case "partial":
                words = [word["text"] for word in (*message["stable"], *message["tentative"])]
                self._utterances[message["utterance_id"]] = " ".join(words)
            case "final":
                self._utterances[message["utterance_id"]] = message["text"]
            case "closed":
                self.over, self.error = True, message.get("error")
        self.text = " ".join(filter(None, self._utterances.values()))


class WhisperLive(Wire):
    """WhisperLive's websocket: its own client's options, and every segment in every message instead of the last ten.

    It has no way to ask for the last words: its client waits until nothing has changed for a while, and so does ours.
    """

    hello = json.dumps(
        {
            "uid": "benchmark",
            "language": "en",
            "task": "transcribe",
            "model": "",
            "use_vad": True,
            "audio_format": "int16",
            "send_last_n_segments": 1_000,
        }
    )
    goodbye = b"END_OF_AUDIO"
    waits = True

    def hear(self, message: dict[str, Any]) -> None:
        """Show the segments, completed or not."""
        if message.get("message") == "SERVER_READY":
            self.ready = True
        elif "status" in message:
            self.error = f"{message['status']}: {message.get('message')}"
        elif "segments" in message:
            self.text = " ".join(segment["text"].strip() for segment in message["segments"])


class WhisperLiveKit(Wire):
    """WhisperLiveKit's `/asr` in its default mode, which sends the whole text each time; an empty frame ends it."""

    path = "/asr"
    goodbye = b""

    def hear(self, message: dict[str, Any]) -> None:
        """Show the lines and the buffer behind them."""
        match message.get("type"):
            case "config":
                self.ready = True
            case "ready_to_stop":
                self.over = True
            case "error":
                self.error = message.get("error")
            case _ if "lines" in message:
                shown = [line.get("text") or "" for line in message["lines"]]
                self.text = " ".join(" ".join([*shown, message["buffer_transcription"]]).split())


class Loop(Wire):
    """The wire of `loop_server.py`."""

    goodbye = "finish"

    def __init__(self) -> None:
        super().__init__()
        self.ready = True

    def hear(self, message: dict[str, Any]) -> None:
        """Show the text."""
        self.text, self.over = message["text"], message["over"]


WIRES: dict[str, type[Wire]] = {
    "ours": Ours,
    "whisper_live": WhisperLive,
    "whisperlivekit": WhisperLiveKit,
    "loop": Loop,
}
