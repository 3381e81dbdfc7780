"""The plain loop that everyone writes first: faster-whisper over the last window of each session, every second.

    python -m peers.loop_server MODEL_DIRECTORY PORT

One process, one model, one thread that goes round robin over the sessions. A session's window grows to 30 s; then the
segments before its last one are kept as they are and the window begins at the last. The text is what the last windows
gave. Binary messages are int16 samples at 16 kHz; any text message ends the audio. Every window is answered with
`{"text", "over"}`. Greedy, without temperature fallback, as our own server decodes; faster-whisper's own speech filter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from websockets.asyncio.server import ServerConnection, serve

RATE = 16_000
WINDOW_SECONDS = 30.0
EVERY_SECONDS = 1.0


class Session:
    """One session's audio and text. Audio is added by the event loop; the rest belongs to the thread."""

    def __init__(self) -> None:
        self.audio: list[bytes] = []
        self.ended = False
        self.answers: asyncio.Queue[str] = asyncio.Queue()
        self._window = np.zeros(0, np.float32)
        self._kept: list[str] = []
        self._next = 0.0

    def is_due(self, now: float) -> bool:
        """Tell whether the next window may be taken."""
        return self.ended or (bool(self.audio) and now >= self._next)

    def turn(self, model: WhisperModel) -> str:
        """Transcribe the window as it is now; return the answer."""
        self._next = time.monotonic() + EVERY_SECONDS
        over, count = self.ended, len(self.audio)
        blocks, self.audio[:count] = self.audio[:count], []
        new = np.frombuffer(b"".join(blocks), np.int16).astype(np.float32) / 32_768
        self._window = np.concatenate([self._window, new])
        found, _ = model.transcribe(
            self._window,
            language="en",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            vad_filter=True,
        )
        segments = [(segment.start, segment.text.strip()) for segment in found]
        text = " ".join([*self._kept, *(words for _, words in segments)])
        if len(self._window) > WINDOW_SECONDS * RATE:
            start = segments[-1][0] if len(segments) > 1 else len(self._window) / RATE
            self._kept += [words for begin, words in segments if begin < start]
            self._window = self._window[round(start * RATE) :]
        return json.dumps({"text": text, "over": over})


class Loop:
    """The sessions and the thread that serves them."""

    def __init__(self, model: WhisperModel) -> None:
        self._model = model
        self._sessions: list[Session] = []
        self._events = asyncio.get_running_loop()
        threading.Thread(target=self._run, daemon=True).start()

    async def hold(self, socket: ServerConnection) -> None:
        """Serve one connection."""
        session = Session()
        self._sessions.append(session)
        answering = asyncio.create_task(self._answer(socket, session))
        try:
            async for message in socket:
                if isinstance(message, str):
                    session.ended = True
                else:
                    session.audio.append(message)
        finally:
            if session in self._sessions:
                self._sessions.remove(session)
            answering.cancel()

    async def _answer(self, socket: ServerConnection, session: Session) -> None:
        while True:
            answer = await session.answers.get()
            await socket.send(answer)

    def _run(self) -> None:
        while True:
            due = [session for session in list(self._sessions) if session.is_due(time.monotonic())]
            for session in due:
                ends = session.ended
                answer = session.turn(self._model)
                if ends and session in self._sessions:
                    self._sessions.remove(session)
                self._events.call_soon_threadsafe(session.answers.put_nowait, answer)
            if not due:
                time.sleep(0.01)


async def run(model: Path, port: int) -> None:
    """Serve until ended."""
    loop = Loop(WhisperModel(str(model), device="cpu", compute_type="int8"))
    async with serve(loop.hold, "127.0.0.1", port, compression=None):
        await asyncio.Event().wait()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.model, arguments.port))


if __name__ == "__main__":
    main()
