"""The inner vocabulary: work that a session asks for, results that come back.

Every piece of work has an id, unique in its session; a result for an unknown id is dropped. Audio inside is mono
float32 at `ENGINE_RATE`; positions are samples at that rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from stream_server.diarize.voices import Embedding, Heard
from stream_server.errors import StreamServerError
from stream_server.events import Samples

ENGINE_RATE = 16_000
"""Hz; what Silero and Whisper were trained on."""

VAD_FRAME = 512
"""Samples per probability (32 ms)."""

VAD_CONTEXT = 64
"""Samples in front of each frame that Silero wants to see again."""

VadState: TypeAlias = npt.NDArray[np.float32]
"""Silero's recurrent state, shape (2, 1, 128): h and c."""


def initial_vad_state() -> VadState:
    """Return the state of a track that has heard nothing."""
    return np.zeros((2, 1, 128), dtype=np.float32)


@dataclass(slots=True, kw_only=True, eq=False)
class DetectSpeech:
    """Ask for speech probabilities of consecutive frames of one track.

    `audio` has VAD_CONTEXT + n * VAD_FRAME samples: the context of the first frame, then n frames.
    """

    session_id: str
    work_id: int
    audio: Samples
    state: VadState


@dataclass(slots=True, kw_only=True, eq=False)
class SpeechDetected:
    """Answer the first k ≥ 1 frames of a `DetectSpeech`; the session asks again for the rest."""

    session_id: str
    work_id: int
    probabilities: npt.NDArray[np.float32]  # shape (k,)
    state: VadState


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribe:
    """Ask for the words of one utterance's window.

    `prefix` are token ids that the hypothesis must begin with (words already committed); engines without tokens give
    their words empty token tuples and `prefix_words` tells how many words to keep. `hotwords` and `context` are text in
    front of the transcript; `participants` are names that get capitals where the engine writes none. `language` None
    means: detect, among `languages` if any are named. Finals are given word times. Everything here depends on the
    session alone, never on neighbours in a batch.
    `start` is the window's first sample on the track's engine clock (for fakes and logs; engines need not care).
    """

    session_id: str
    work_id: int
    track: int
    utterance_id: str
    audio: Samples
    start: int
    final: bool
    times: bool = False
    """Whether word times are wanted of a partial."""
    language: str | None = None
    languages: tuple[str, ...] = ()
    prefix: tuple[int, ...] = ()
    prefix_words: tuple[str, ...] = ()
    hotwords: str = ""
    context: str = ""
    participants: tuple[str, ...] = ()
    translate: bool = False
    """Whether the words are to be English, whatever is spoken."""
    careful: bool = False
    """Second look after the guards refused the first hypothesis: a wider beam, no repeated n-grams."""
    background: bool = False
    """A finished recording's: everybody who speaks now comes first."""

    @property
    def timed(self) -> bool:
        """Tell whether the words are to have times."""
        return self.final or self.times


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisWord:
    """One recognised word: `text` without its leading space, punctuation attached; times relative to the window."""

    text: str
    tokens: tuple[int, ...]
    probability: float
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What an engine heard in a window, the forced prefix included."""

    words: tuple[HypothesisWord, ...]
    language: str
    language_probability: float = 1.0
    average_log_probability: float = 0.0
    no_speech_probability: float = 0.0
    compression_ratio: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """Answer a `Transcribe` that `waited` so many seconds for its turn."""

    session_id: str
    work_id: int
    hypothesis: Hypothesis
    waited: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFailed:
    """A piece of work could not be done; a final is then told to the client as a warning, never silently lost."""

    session_id: str
    work_id: int
    error: StreamServerError


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDropped:
    """A partial that was not worth doing any more: stale, or overtaken by its final; it `waited` so many seconds."""

    session_id: str
    work_id: int
    waited: float = 0.0


@dataclass(slots=True, kw_only=True, eq=False)
class Listen:
    """Ask whose voices are heard in a window of a track; `frame` is its first on the grid of `diarize.voices`."""

    session_id: str
    work_id: int
    track: int
    frame: int
    audio: Samples


@dataclass(slots=True, kw_only=True, eq=False)
class Listened:
    """Answer a `Listen`."""

    session_id: str
    work_id: int
    heard: Heard


@dataclass(slots=True, kw_only=True, eq=False)
class LookAgain:
    """Ask who said each word of a track, now that all of it was heard.

    `live` are the speakers that each window's voices were given, counted from 1, `spans` the words' first and last
    samples, in order. `speaker_count` is how many are known to speak; None: nobody knows; at most `most_speakers`.
    `known` is how many had a number live, in these windows or before them.
    """

    session_id: str
    work_id: int
    windows: tuple[Heard, ...]
    live: tuple[tuple[int | None, ...], ...]
    spans: tuple[tuple[int, int], ...]
    speaker_count: int | None = None
    most_speakers: int = 20
    known: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class LookedAgain:
    """Answer a `LookAgain`: a speaker for each span, and how each speaker sounds.

    Numbers are those given live as far as they mean the same people; who is new has a higher one.
    """

    session_id: str
    work_id: int
    speakers: tuple[int | None, ...]
    centroids: dict[int, Embedding]


Work: TypeAlias = DetectSpeech | Transcribe | Listen | LookAgain
Result: TypeAlias = SpeechDetected | Transcribed | Listened | LookedAgain | WorkFailed | WorkDropped
