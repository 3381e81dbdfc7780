"""A voice to be known again: whether a sample is good enough for that, and what is kept of it.

A poor sample is refused rather than taken: a voice learned from two people, or from noise, would give somebody's name
to others for as long as it is enrolled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stream_server.diarize.activity import SpeakerActivity, Speaking, turns
from stream_server.diarize.clustering import ClusteringLimits, Labels, second_look
from stream_server.diarize.voices import FRAME_SECONDS, Embedding, Heard, normalised
from stream_server.errors import UnsuitableSample
from stream_server.events import Samples

FULL_SCALE = 0.98
"""From here on a sample counts as clipped: resampling rounds the flat tops of clipped audio a little."""

SILENCE_DBFS = -120.0
"""The level of audio that is all zeros."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentLimits:
    """What a sample must be like; shares are of one, times in seconds, levels in dB below full scale (RMS)."""

    speech_seconds: float = 5.0
    """Of one voice alone, at least."""
    other_voice_share: float = 0.15
    """Of all that is spoken, at most: one person in two moods was taken for two at 0.14, recordings of several people
    who all say more than a word begin at 0.29."""
    clipped_share: float = 0.02
    """Of all samples, at most: a sentence of which so much is cut off is 0.985 like itself."""
    level_dbfs: float = -50.0
    """Of the speech, at least: below it the microphone's own noise is heard as part of the voice."""
    embedding_seconds: float = 3.0
    """Clean speech behind each embedding that is kept: enough to be like the voice, and several tell how it varies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What was found in a sample; `level_dbfs` is that of the speech, or of everything where nobody speaks."""

    speech_seconds: float
    other_voice_share: float
    clipped_share: float
    level_dbfs: float


@dataclass(frozen=True, slots=True, eq=False)
class Enrollment:
    """What is kept of a sample: `embeddings` in the order of speaking, one for each few seconds."""

    quality: Quality
    embeddings: tuple[Embedding, ...]


def enroll(
    audio: Samples, heard: Sequence[Heard], limits: EnrollmentLimits, clustering: ClusteringLimits | None = None
) -> Enrollment:
    """Return what a sample, shape (n,) at 16 kHz, and the windows heard in it tell of its one voice.

    `clustering` are the limits of the embedder that heard them. Raises `UnsuitableSample`, which says what is wrong and
    what is needed.
    """
    labels = second_look(heard, clustering)
    speaking, first = _speaking(heard, labels)
    known = speaking[:, :-1]
    main = int(known.sum(axis=0).argmax()) + 1 if known.any() else None
    quality = _judge(audio, speaking, first, main)
    embeddings = () if main is None else _embeddings(heard, labels, main, limits.embedding_seconds)
    _refuse_unless_good(quality, limits, heard=bool(embeddings))
    return Enrollment(quality, embeddings)


def _speaking(heard: Sequence[Heard], labels: Labels) -> tuple[Speaking, int]:
    """Return who speaks in each frame, and the first frame; the last column is of voices that were never alone.

    Who only ever talks into somebody else's words has no embedding, and spoils a sample all the same.
    """
    unknown = max((label for row in labels for label in row if label is not None), default=0) + 1
    activity = SpeakerActivity(heard[0].frame if heard else 0)
    for window, row in zip(heard, labels, strict=True):
        activity.add(window.frame, window.activity, [unknown if label is None else label for label in row])
    first = activity.settled
    speaking = activity.settle()
    return np.pad(speaking, ((0, 0), (0, unknown - speaking.shape[1]))), first


def _judge(audio: Samples, speaking: Speaking, first: int, main: int | None) -> Quality:
    if main is None:
        return Quality(
            speech_seconds=0.0, other_voice_share=0.0, clipped_share=_clipped(audio), level_dbfs=_level(audio)
        )
    said = speaking.sum(axis=0)
    alone = speaking[:, main - 1] & (speaking.sum(axis=1) == 1)
    pieces = [audio[turn.start : turn.end] for turn in turns(speaking, first) if turn.speaker == main]
    return Quality(
        speech_seconds=float(alone.sum()) * FRAME_SECONDS,
        other_voice_share=1 - float(said[main - 1] / said.sum()),
        clipped_share=_clipped(audio),
        level_dbfs=_level(np.concatenate(pieces) if pieces else audio),
    )


def _refuse_unless_good(quality: Quality, limits: EnrollmentLimits, *, heard: bool) -> None:
    """Raise `UnsuitableSample` for the first thing that is wrong: what spoils the rest comes first."""
    if quality.level_dbfs < limits.level_dbfs:
        raise UnsuitableSample(
            f"the sample is too quiet: {quality.level_dbfs:.0f} dBFS, at least {limits.level_dbfs:.0f} are needed"
        )
    if quality.clipped_share > limits.clipped_share:
        raise UnsuitableSample(
            f"the sample is clipped: {quality.clipped_share:.1%} of it is at full scale, "
            f"{limits.clipped_share:.1%} may be"
        )
    if not heard:
        raise UnsuitableSample("no voice was heard in the sample")
    if quality.other_voice_share > limits.other_voice_share:
        raise UnsuitableSample(
            f"more than one voice was heard: {quality.other_voice_share:.0%} of the speech is another's, "
            f"{limits.other_voice_share:.0%} may be"
        )
    if quality.speech_seconds < limits.speech_seconds:
        raise UnsuitableSample(
            f"the sample has too little speech: {quality.speech_seconds:.1f} s of one voice alone were heard, "
            f"{limits.speech_seconds:g} s are needed"
        )


def _embeddings(heard: Sequence[Heard], labels: Labels, main: int, each_seconds: float) -> tuple[Embedding, ...]:
    """Return the voice's embeddings: means of windows in a row, weighted by how long each heard the voice alone."""
    pairs: list[tuple[Embedding, float]] = [
        (embedding, float(window.seconds_alone[voice]))
        for window, row in zip(heard, labels, strict=True)
        for voice, embedding in enumerate(window.embeddings)
        if embedding is not None and row[voice] == main
    ]
    if not pairs:
        return ()
    # A window's first and last second are guesses from little: they count where there is nothing else.
    strong = [pair for pair in pairs if pair[1] >= ClusteringLimits().learn_seconds] or pairs
    weights = np.array([seconds for _, seconds in strong])
    weighted = np.stack([embedding for embedding, _ in strong]) * weights[:, None]
    count = min(len(strong), max(1, int(_seconds(heard, labels, main) / each_seconds)))
    return tuple(normalised(part.sum(axis=0)) for part in _split(weighted, weights, count))


def _seconds(heard: Sequence[Heard], labels: Labels, main: int) -> float:
    """Return for how long the voice speaks alone; windows overlap, so each frame counts once."""
    frames: set[int] = set()
    for window, row in zip(heard, labels, strict=True):
        alone = window.alone
        for voice, label in enumerate(row):
            if label == main:
                frames.update((np.flatnonzero(alone[:, voice]) + window.frame).tolist())
    return len(frames) * FRAME_SECONDS


def _split(
    rows: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], count: int
) -> list[npt.NDArray[np.float64]]:
    """Cut rows into `count` parts of about the same weight, none of them empty."""
    middles = np.cumsum(weights) - weights / 2
    wanted = np.minimum((middles / weights.sum() * count).astype(int), count - 1)
    edges = [int(np.searchsorted(wanted, part)) for part in range(1, count)]
    return [part for part in np.split(rows, edges) if len(part)]


def _clipped(audio: Samples) -> float:
    return float(np.mean(np.abs(audio) >= FULL_SCALE)) if len(audio) else 0.0


def _level(audio: Samples) -> float:
    power = float(np.mean(np.square(audio, dtype=np.float64))) if len(audio) else 0.0
    return max(SILENCE_DBFS, 10 * float(np.log10(power))) if power > 0 else SILENCE_DBFS
