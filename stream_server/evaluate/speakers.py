"""Count the seconds of wrong speakers with pyannote.metrics, and tell who was taken for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from stream_server.evaluate.libraries import scoring_library
from stream_server.evaluate.scores import SpeakerConfusion, SpeakerErrors
from stream_server.evaluate.transcript import Turns

MOST_VOICES = 100
"""On a side, for errors in seconds; the matrix of a mistaken input with a speaker a turn would fill the memory."""

Together: TypeAlias = dict[tuple[frozenset[str], frozenset[str]], float]


def speaker_errors(reference: Turns, hypothesis: Turns, *, collar_seconds: float, score_overlap: bool) -> SpeakerErrors:
    """Return the diarization error (Fiscus et al. 2006) under the best assignment of speakers.

    `collar_seconds` to *each* side of every start and end in the reference are not scored; without `score_overlap`
    neither is the time in which the reference has several speakers.
    """
    with scoring_library():
        from pyannote.core import Segment, Timeline
        from pyannote.metrics.diarization import DiarizationErrorRate
    # pyannote's collar is the whole width, both sides together.
    metric = DiarizationErrorRate(collar=2 * collar_seconds, skip_overlap=not score_overlap)
    end = max((end for turns in (*reference.values(), *hypothesis.values()) for _, end in turns), default=0.0)
    detail = metric.compute_components(
        _annotation(reference), _annotation(hypothesis), uem=Timeline([Segment(0.0, end)] if end else [])
    )
    return SpeakerErrors(
        missed=float(detail["missed detection"]),
        false_alarm=float(detail["false alarm"]),
        confusion=float(detail["confusion"]),
        reference=float(detail["total"]),
    )


def speaker_confusion(reference: Turns, hypothesis: Turns) -> SpeakerConfusion:
    """Tell who was taken for whom, without a collar, overlap included.

    Wherever speakers are heard rightly they count as such. What is left at that moment on both sides was confused, each
    with each in equal parts; what only one side has left was missed or made up. So the cells off the mapping add up
    to the diarization error's confusion, and the edges to its missed speech and false alarm.
    """
    with scoring_library():
        from pyannote.metrics.diarization import DiarizationErrorRate
    mapping = DiarizationErrorRate().optimal_mapping(_annotation(reference), _annotation(hypothesis))
    theirs = {str(heard): str(spoke) for heard, spoke in mapping.items()}
    seconds: dict[tuple[str | None, str | None], float] = {}
    for (spoke, heard), duration in _together(reference, hypothesis).items():
        for pair, share in _shares(spoke, heard, theirs):
            seconds[pair] = seconds.get(pair, 0.0) + share * duration
    return SpeakerConfusion(reference=tuple(reference), hypothesis=tuple(hypothesis), seconds=seconds, mapping=theirs)


def _annotation(turns: Turns) -> Any:
    """Return turns as pyannote takes them."""
    with scoring_library():
        from pyannote.core import Annotation, Segment
    annotation = Annotation()
    for speaker, times in turns.items():
        for start, end in times:
            annotation[Segment(start, end), speaker] = speaker
    return annotation


def _together(reference: Turns, hypothesis: Turns) -> Together:
    """Return for how many seconds exactly these spoke and exactly those were heard."""
    edges = sorted(
        (time, opens, side, speaker)
        for side, speakers in enumerate((reference, hypothesis))
        for speaker, times in speakers.items()
        for turn in times
        for time, opens in zip(turn, (True, False), strict=True)
    )
    found: Together = {}
    active: tuple[set[str], set[str]] = (set(), set())
    before = 0.0
    for time, opens, side, speaker in edges:
        if time > before and any(active):
            key = frozenset(active[0]), frozenset(active[1])
            found[key] = found.get(key, 0.0) + time - before
        before = time
        (active[side].add if opens else active[side].discard)(speaker)
    return found


def _shares(
    spoke: frozenset[str], heard: frozenset[str], mapping: Mapping[str, str]
) -> Iterator[tuple[tuple[str | None, str | None], float]]:
    """Yield each pair of speakers with its share of a moment; the shares of one speaker add up to 1."""
    right = {mapping[speaker]: speaker for speaker in heard if mapping.get(speaker) in spoke}
    yield from ((pair, 1.0) for pair in right.items())
    ours, theirs = spoke - set(right), heard - set(right.values())
    both = min(len(ours), len(theirs))
    if both:
        share = both / (len(ours) * len(theirs))
        yield from (((speaker, other), share) for speaker in ours for other in theirs)
    if len(ours) > both:
        yield from (((speaker, None), 1 - both / len(ours)) for speaker in ours)
    if len(theirs) > both:
        yield from (((None, other), 1 - both / len(theirs)) for other in theirs)
