"""Evaluate transcripts one at a time, each in a process that can be ended."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from stream_server.errors import MessageTooLarge, ServerFull
from stream_server.evaluate.request import read_answer
from stream_server.rest.child import ask

COMMAND = (sys.executable, "-m", "stream_server.evaluate")


class Evaluator:
    """Runs requests. One is evaluated, at most `max_waiting` wait; `max_seconds` is what one may take, on the clock."""

    def __init__(self, *, max_words: int, max_seconds: float, max_waiting: int) -> None:
        self._max_words = max_words
        self._max_seconds = max_seconds
        self._max_waiting = max_waiting
        self._turn = asyncio.Lock()
        self._here = 0

    async def evaluate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the report of a request as `evaluate.request` takes it, without the bound on words.

        Raises `ServerFull`, `MessageTooLarge`, `InvalidConfiguration`, `NotInstalled` and `InternalError`.
        """
        if self._here > self._max_waiting:
            raise ServerFull("other evaluations are being computed", retry_after_seconds=self._max_seconds)
        options = request["options"] | {"max_words": self._max_words}
        self._here += 1
        try:
            async with self._turn:
                return read_answer(await self._run(json.dumps(request | {"options": options}).encode()))
        finally:
            self._here -= 1

    async def _run(self, request: bytes) -> bytes:
        """Hand a request to a process of its own and return what it writes; it never outlives us."""
        try:
            return await ask(COMMAND, request, self._max_seconds)
        except TimeoutError:
            raise MessageTooLarge(
                f"the evaluation takes longer than {self._max_seconds:g} seconds (max_evaluation_seconds)"
            ) from None
