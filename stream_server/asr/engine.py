"""The contract of a speech recognition engine.

An engine is owned by one thread (`asr.worker`), which alone calls it. Outsiders add an engine by implementing this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_server.work import Hypothesis, Transcribe


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an engine can do; declared once, tested for every engine.

    `languages` are ISO 639-1 codes (("en",) for an English-only model). `max_window_seconds` is the longest audio of
    one `Transcribe`; `max_batch` the largest batch that pays. Some `translates` into English. One that `punctuates`
    writes marks and capitals; the words of one that does not get theirs from pauses and words.
    """

    engine: str
    model: str
    device: str
    compute_type: str
    languages: tuple[str, ...]
    detects_language: bool
    word_times: bool
    hotwords: bool
    translates: bool
    punctuates: bool
    max_window_seconds: float
    max_batch: int


class Engine(Protocol):
    """Turns batches of windows into hypotheses."""

    @property
    def capabilities(self) -> Capabilities:
        """Return what the engine can do; constant."""
        ...

    def warm_up(self) -> None:
        """Run the real path once, so that the first session does not pay for it."""
        ...

    def bucket(self, item: Transcribe) -> object:
        """Return a hashable key: only items with equal keys may share a batch."""
        ...

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Return one outcome per item, in order; an item's outcome never depends on its neighbours.

        May raise if the whole batch failed; the worker then retries item by item.
        """
        ...

    def close(self) -> None:
        """Free the model."""
        ...
