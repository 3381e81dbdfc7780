"""What was recognised of a recording so far, so that whoever goes on after a crash does not begin anew.

A piece of work is named by what it is about, not by its number, and depends on the recording alone: the same answer
would come again. Speech is detected anew, which costs a hundredth.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgpack
import numpy as np

from stream_server.diarize.voices import VOICES, Heard
from stream_server.work import Hypothesis, HypothesisWord, Listen, Listened, Result, Transcribe, Transcribed, Work

_WORDS = "words "
"""With which the name of a step begins that heard some."""


class Journal:
    """Answers work that was done before; `take_new` gives what has come since and is to be kept.

    Without `with_words` none are kept: what the engine heard of secrets that are to be hidden is written down nowhere,
    and whoever goes on has it recognised again. Those that are `known` from before are `refused`.
    """

    def __init__(self, known: Mapping[str, bytes] | None = None, *, with_words: bool = True) -> None:
        self._kinds = (Transcribed, Listened) if with_words else (Listened,)
        self._known = dict(known or {})
        self.refused = () if with_words else tuple(step for step in self._known if step.startswith(_WORDS))
        """Steps that are to be dropped wherever they are kept."""
        for step in self.refused:
            del self._known[step]
        self._asked: dict[int, str] = {}
        self._new: dict[str, bytes] = {}

    def answer(self, work: Work) -> Result | None:
        """Return the answer if it is known; else remember that it was asked for."""
        step = step_of(work)
        if step is None:
            return None
        kept = self._known.pop(step, None)
        if kept is None:
            self._asked[work.work_id] = step
            return None
        return unpack(kept, work)

    def note(self, result: Result) -> None:
        """Take an answer that has come; a failure is not kept."""
        step = self._asked.pop(result.work_id, None)
        if step is not None and isinstance(result, self._kinds):
            self._new[step] = pack(result)

    def put_back(self, new: Mapping[str, bytes]) -> None:
        """Take back what could not be kept."""
        self._new = {**new, **self._new}

    def take_new(self) -> dict[str, bytes]:
        """Return what came since the last call."""
        new, self._new = self._new, {}
        return new


def step_of(work: Work) -> str | None:
    """Name a piece of work by what it is about; None for what is not worth keeping."""
    match work:
        case Transcribe(track=track, start=start, careful=careful):
            return f"{_WORDS}{track} {start}{' again' if careful else ''}"
        case Listen(track=track, frame=frame):
            return f"voices {track} {frame}"
    return None


def pack(result: Transcribed | Listened) -> bytes:
    """Write an answer down, exactly: a run that goes on must end as one that was never disturbed."""
    if isinstance(result, Transcribed):
        heard = result.hypothesis
        words = [(w.text, w.tokens, w.probability, w.start, w.end) for w in heard.words]
        numbers = (heard.language_probability, heard.average_log_probability, heard.no_speech_probability)
        value: Any = (heard.language, *numbers, heard.compression_ratio, words)
    else:
        voices = result.heard
        sounds = [None if each is None else each.astype(np.float32).tobytes() for each in voices.embeddings]
        value = (voices.frame, voices.activity.astype(np.float32).tobytes(), sounds)
    packed: bytes = msgpack.packb(value)
    return zlib.compress(packed, 1)


def unpack(kept: bytes, work: Work) -> Transcribed | Listened:
    """Return what was written down as the answer to this piece of work."""
    value = msgpack.unpackb(zlib.decompress(kept))
    if isinstance(work, Listen):
        frame, activity, sounds = value
        embeddings = tuple(None if each is None else np.frombuffer(each, np.float32) for each in sounds)
        heard = Heard(frame, np.frombuffer(activity, np.float32).reshape(-1, VOICES), embeddings)
        return Listened(session_id=work.session_id, work_id=work.work_id, heard=heard)
    language, sure, average, no_speech, ratio, words = value
    hypothesis = Hypothesis(
        words=tuple(
            HypothesisWord(text=text, tokens=tuple(tokens), probability=probability, start=start, end=end)
            for text, tokens, probability, start, end in words
        ),
        language=language,
        language_probability=sure,
        average_log_probability=average,
        no_speech_probability=no_speech,
        compression_ratio=ratio,
    )
    return Transcribed(session_id=work.session_id, work_id=work.work_id, hypothesis=hypothesis)
