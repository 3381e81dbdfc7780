"""What a session calls its speakers: enrolled voices, steadily."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream_server.diarize.recognition import EnrolledVoice, RecognitionLimits, recognise
from stream_server.diarize.voices import Embedding

KEPT = 0.08
"""So far below the threshold a speaker keeps the name it has: a voice at the threshold would gain and lose it."""


def name_speakers(
    centroids: Mapping[int, Embedding],
    before: Mapping[int, str],
    voices: Sequence[EnrolledVoice],
    limits: RecognitionLimits | None = None,
) -> dict[int, str]:
    """Return names by speaker's id, given how each sounds and what they were called before."""
    limits = limits or RecognitionLimits()
    found = recognise(list(centroids.values()), voices, limits)
    names = {speaker: match.voice.name for speaker, match in zip(centroids, found, strict=True) if match is not None}
    for speaker, name in before.items():
        voice = next((each for each in voices if each.name == name), None)
        if speaker in names or name in names.values() or voice is None or speaker not in centroids:
            continue
        if float(centroids[speaker] @ voice.mean) >= limits.threshold - KEPT:
            names[speaker] = name
    return names
