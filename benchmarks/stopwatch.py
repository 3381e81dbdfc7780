"""Seconds that a thread spends in each step of CTranslate2's Whisper, whatever the engine around it does."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import Any

from ctranslate2.models import Whisper

STEPS = {"encode": "encode", "generate": "decode", "align": "align"}


class Stopwatch(threading.local):
    """Counts for the thread that reads it. `tokens` pins how many a window gets, for a model that speaks nonsense."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.tokens: int | None = None

    def install(self, end_token: int) -> None:
        """Wrap the steps of every model of this process."""
        for method, step in STEPS.items():
            setattr(Whisper, method, self._timed(getattr(Whisper, method), step, end_token))

    def _timed(self, run: Any, step: str, end_token: int) -> Any:
        def timed(model: Any, *arguments: Any, **options: Any) -> Any:
            if step == "decode" and self.tokens is not None:
                options["suppress_tokens"] = [*options["suppress_tokens"], end_token]
                options["max_length"] = 2 * self.tokens  # CTranslate2 generates at most half
            started = time.perf_counter()
            try:
                return run(model, *arguments, **options)
            finally:
                self.seconds[step] += time.perf_counter() - started

        return timed
