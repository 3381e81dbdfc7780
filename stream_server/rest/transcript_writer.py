"""Format transcripts: short ones beside the event loop, long ones one at a time in a process that can be ended."""

from __future__ import annotations

import asyncio
import pickle
import sys

from stream_server.errors import MessageTooLarge, ServerFull
from stream_server.rest.child import ask
from stream_server.store.records import Transcript
from stream_server.transcript_formatting import Request, answer

COMMAND = (sys.executable, "-m", "stream_server.formatting_child")

MOST_SHORT_WORDS = 2_000
"""What takes no longer than a process takes to begin; sessions wait for no more of it at a time."""

MOST_SHORT_CHARACTERS = 20_000
"""Of such a text, whatever it takes for its words."""


class TranscriptWriter:
    """Answers requests; a long one may take `max_seconds` on the clock, and at most `max_waiting` wait behind it."""

    def __init__(self, *, max_words: int, max_seconds: float, max_waiting: int) -> None:
        self._max_words = max_words
        self._max_seconds = max_seconds
        self._max_waiting = max_waiting
        self._short_turn = asyncio.Lock()
        self._long_turn = asyncio.Lock()
        self._long_ones = 0

    async def write(self, request: Request, transcript: Transcript | None) -> bytes:
        """Return the answer's JSON; `transcript` is the record that is asked for.

        Raises `ServerFull`, `MessageTooLarge` and `InternalError`.
        """
        words = await asyncio.to_thread(request.count, transcript)
        if words > self._max_words:
            raise MessageTooLarge(f"at most {self._max_words} words are formatted at once (max_formatted_words)")
        if words > MOST_SHORT_WORDS or len(request.text or "") > MOST_SHORT_CHARACTERS:
            return await self._write_long(request, transcript)
        async with self._short_turn:
            return await asyncio.to_thread(answer, request, transcript)

    async def _write_long(self, request: Request, transcript: Transcript | None) -> bytes:
        if self._long_ones > self._max_waiting:
            raise ServerFull("other transcripts are being formatted", retry_after_seconds=self._max_seconds)
        self._long_ones += 1
        try:
            async with self._long_turn:
                question = await asyncio.to_thread(pickle.dumps, (request, transcript))
                return await ask(COMMAND, question, self._max_seconds)
        except TimeoutError:
            raise MessageTooLarge(
                f"this takes longer to format than {self._max_seconds:g} seconds (max_formatting_seconds)"
            ) from None
        finally:
            self._long_ones -= 1
