"""Find the cheapest windows that lose no words: recognise clips with each candidate and count the errors.

Finals are whole clips. Partials are clips cut in mid-speech, compared with that beginning of the reference which suits
them best. What the guards doubt is looked at again, as in a live session. The cheapest candidate is chosen whose errors
are at most `MARGIN` (relative) and `SLACK_WORDS` above those of the full window.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stream_server.asr.guards import Evidence, judge
from stream_server.asr.windows import Window, WindowProfile
from stream_server.errors import StartupError
from stream_server.events import Samples
from stream_server.work import Hypothesis, Transcribe

MARGIN = 1.03
SLACK_WORDS = 1
"""One word decides nothing."""

CUT = 0.6
"""Where a partial's clip is cut, as a share of its length."""

CANDIDATES = (
    Window(),
    Window(tail_seconds=10),
    Window(tail_seconds=5),
    Window(silence_seconds=1, tail_seconds=10),
    Window(silence_seconds=1, tail_seconds=5),
)
"""Shorter ones look as good on single windows and are not in live sessions: 0.5 s with a tail of 3 s costs tiny.en a
tenth more word errors there."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording of one or a few sentences and the words in it."""

    audio: Samples
    reference: str
    language: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a candidate cost and lost: word errors, windows that needed a second look, CPU seconds."""

    window: Window
    errors: int
    second_looks: int
    seconds: float


class Listener:
    """Recognises clips with one engine under changing windows. `engine` is a `WhisperEngine`."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def hear(self, clips: Sequence[Clip], window: Window, *, final: bool) -> tuple[list[str], int, float]:
        """Return the texts, how many needed a second look, and the CPU seconds."""
        self._engine.windows = WindowProfile(partial=window, final=window)
        texts, looks, started = [], 0, time.process_time()
        for clip in clips:
            item = Transcribe(
                session_id="", work_id=0, track=0, utterance_id="", audio=clip.audio, start=0, final=final,
                language=clip.language,
            )  # fmt: skip
            verdict = judge(self._once(item), _all_speech(clip.audio))
            if verdict.doubtful:
                looks += 1
                if final:  # a doubtful partial is not shown
                    verdict = judge(self._once(replace(item, careful=True)), _all_speech(clip.audio), careful=True)
            texts.append(" ".join(word.text for word in verdict.words))
        return texts, looks, time.process_time() - started

    def _once(self, item: Transcribe) -> Hypothesis:
        (outcome,) = self._engine.run([item])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome  # type: ignore[no-any-return]


def calibrate(
    listener: Listener, clips: Sequence[Clip], *, on_trial: Callable[[str, Trial], None]
) -> tuple[WindowProfile, dict[str, Any]]:
    """Return the profile and the figures it was chosen by; `on_trial` hears of each candidate."""
    cut = [replace(clip, audio=clip.audio[: int(len(clip.audio) * CUT)]) for clip in clips]
    chosen, evidence = {}, {}
    for kind, material in (("partial", cut), ("final", clips)):
        trials = []
        for window in CANDIDATES:
            trials.append(_try(listener, material, window, final=kind == "final"))
            on_trial(kind, trials[-1])
        allowed = trials[0].errors * MARGIN + SLACK_WORDS
        chosen[kind] = min((trial for trial in trials if trial.errors <= allowed), key=lambda trial: trial.seconds)
        evidence[kind] = [asdict(trial) for trial in trials]
    return WindowProfile(partial=chosen["partial"].window, final=chosen["final"].window), evidence


def _try(listener: Listener, clips: Sequence[Clip], window: Window, *, final: bool) -> Trial:
    texts, looks, seconds = listener.hear(clips, window, final=final)
    errors = sum(
        word_distance(_words(clip.reference), _words(text), whole=final)
        for clip, text in zip(clips, texts, strict=True)
    )
    return Trial(window, errors, looks, round(seconds, 2))


def word_distance(reference: Sequence[str], heard: Sequence[str], *, whole: bool = True) -> int:
    """Return the fewest substitutions, deletions and insertions between two texts (Levenshtein).

    Not `whole`: between what was heard and any beginning of the reference.
    """
    row = list(range(len(reference) + 1))
    for place, word in enumerate(heard, 1):
        diagonal, row[0] = row[0], place
        for column, said in enumerate(reference, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (said != word))
    return row[-1] if whole else min(row)


def read_clips(path: Path) -> list[Clip]:
    """Read a JSON list of `{"file", "reference", "language"}` ("transcript" will do); raises `StartupError`."""
    from faster_whisper import decode_audio

    try:
        entries = json.loads(path.read_text("utf-8"))
        return [
            Clip(decode_audio(str(path.parent / entry["file"])), words, entry.get("language", "en")[:2])
            for entry in entries
            if (words := entry.get("reference") or entry.get("transcript"))
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StartupError(f"the clips in {path} cannot be read: {type(error).__name__}") from None


def _all_speech(audio: Samples) -> Evidence:
    return Evidence(speech=len(audio), probability=1.0, speech_end=len(audio))


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() or sign == "'" else " " for sign in text.casefold()).split()
