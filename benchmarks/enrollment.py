"""Who is recognised by name: voices enrolled from one or two sentences, others of their sentences held back.

    python benchmarks/enrollment.py [--audio ../shared/audio] [--data-directory DIR]

The clips marked `speaker_verification`, read speech of nine people, native and accented, each heard as a server hears
it: samples by `enroll`, held-back sentences by the live clusters. Every way to choose a speaker's sentences for its
sample is tried, by turns. Equal error rate: at the threshold where as many strangers are taken for a voice as its owner
is not. *Volumes*: the same with each held-back sentence up to 10 dB louder or quieter than it is. At the shipped
limits: how often anybody was named with another's voice alone enrolled (false accepts, one to one), and, with everybody
enrolled but one, how often that one was given a name (strangers named) and how often those enrolled were not given
theirs (missed) or were given another's (misnamed). Impostors are two more people of whom no other sentence is known.
Held out: each speaker at the threshold that lets 1 % of strangers pass among the others. Writes
results/enrollment.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper.audio import decode_audio
from record import keep
from speech import RATE, SHARED

from stream_server.diarize.clustering import SpeakerClusters
from stream_server.diarize.embedder import Ge2eEmbedder
from stream_server.diarize.enrollment import EnrollmentLimits, enroll
from stream_server.diarize.listener import Listener
from stream_server.diarize.networks import find_graph
from stream_server.diarize.recognition import EnrolledVoice, RecognitionLimits, recognise
from stream_server.diarize.segmentation import OnnxSegmenter
from stream_server.diarize.voices import STEP_FRAMES, Embedding, Heard
from stream_server.errors import UnsuitableSample
from stream_server.events import Samples
from stream_server.settings import default_data_directory

ANY_LENGTH = EnrollmentLimits(speech_seconds=2.0)
"""The sentences are as short as four seconds: what the shipped limit refuses is counted by itself."""

THRESHOLDS = (0.65, 0.68, 0.7, 0.72, 0.74, 0.75, 0.76, 0.78, 0.8)
HEARD_SECONDS = (1.0, 2.0, 3.0, 5.0)
CLIPPED_SHARES = (0.001, 0.005, 0.02, 0.1)
GAINS_DB = (-10.0, -6.0, 6.0, 10.0)
HELD_OUT_ACCEPTS = 0.01

Score = Callable[[Embedding, EnrolledVoice], float]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One sentence: what was heard of it, and what each use of it takes from that; `changed` is at another volume."""

    speaker: str
    heard: list[Heard]
    sample: tuple[Embedding, ...]
    live: Embedding
    changed: Embedding
    accepted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A held-back sentence and everybody enrolled from others; `own` is the place of its speaker's voice."""

    clip: Clip
    voices: list[EnrolledVoice]
    own: int


def read(path: Path, speaker: str, listener: Listener, gain_db: float) -> Clip:
    """Listen to a sentence: as it is, as a sample, and at another volume."""
    audio = decode_audio(str(path), sampling_rate=RATE)
    heard = listener.hear_all(audio, STEP_FRAMES)
    changed = listener.hear_all(np.clip(amplified(audio, gain_db), -1, 1), STEP_FRAMES)
    try:
        enroll(audio, heard, EnrollmentLimits())
        accepted = True
    except UnsuitableSample:
        accepted = False
    sample = enroll(audio, heard, ANY_LENGTH).embeddings
    return Clip(speaker, heard, sample, live_centroid(heard), live_centroid(changed), accepted)


def live_centroid(heard: Sequence[Heard], seconds: float = float("inf")) -> Embedding:
    """Return how the main speaker sounds to a session that has heard so much of it."""
    clusters = SpeakerClusters()
    for window in heard:
        clusters.assign(window)
        if clusters.seconds and max(clusters.seconds) >= seconds:
            break
    return clusters.centroids[int(np.argmax(clusters.seconds))]


def trials(clips: Sequence[Clip], sentences: int) -> list[Trial]:
    """Return each sentence with its speaker enrolled from others of its sentences, the other speakers by turns."""
    by_speaker: dict[str, list[Clip]] = {}
    for clip in clips:
        by_speaker.setdefault(clip.speaker, []).append(clip)
    names = list(by_speaker)
    ways = {name: list(combinations(group, sentences)) for name, group in by_speaker.items()}
    found = []
    for clip in clips:
        for turn, chosen in enumerate(way for way in ways[clip.speaker] if clip not in way):
            samples = {name: ways[name][turn % len(ways[name])] for name in names} | {clip.speaker: chosen}
            voices = [
                EnrolledVoice(name, name, tuple(each for sample in samples[name] for each in sample.sample))
                for name in names
            ]
            found.append(Trial(clip, voices, names.index(clip.speaker)))
    return found


def by_mean(centroid: Embedding, voice: EnrolledVoice) -> float:
    """Return the likeness to the mean of a voice's embeddings: what `recognise` does."""
    return float(centroid @ voice.mean)


def by_best(count: int) -> Score:
    """Return a score that is the mean likeness to the best few of a voice's embeddings."""

    def score(centroid: Embedding, voice: EnrolledVoice) -> float:
        return float(np.sort(np.stack(voice.embeddings) @ centroid)[-count:].mean())

    return score


def scores(found: Iterable[Trial], score: Score, centroid: Callable[[Clip], Embedding]) -> tuple[list[float], ...]:
    """Return the scores of sentences with their own speaker's voice, and with others'."""
    own: list[float] = []
    others: list[float] = []
    for trial in found:
        heard = centroid(trial.clip)
        for place, voice in enumerate(trial.voices):
            (own if place == trial.own else others).append(score(heard, voice))
    return own, others


def equal_error(own: Sequence[float], others: Sequence[float]) -> tuple[float, float]:
    """Return the equal error rate and its threshold."""
    best = (2.0, 0.0, 0.0)
    for threshold in sorted({*own, *others}):
        missed, accepted = share_below(own, threshold), 1 - share_below(others, threshold)
        best = min(best, (abs(missed - accepted), (missed + accepted) / 2, threshold))
    return best[1], best[2]


def share_below(values: Sequence[float], threshold: float) -> float:
    """Return how many of the values are below a threshold, as a share of one."""
    below: npt.NDArray[np.bool_] = np.asarray(values) < threshold
    return float(below.mean())


def named(found: Sequence[Trial], limits: RecognitionLimits) -> dict[str, float]:
    """Return how often people are named rightly, wrongly, not, and strangers at all."""
    right = wrong = stranger = 0
    for trial in found:
        (match,) = recognise([trial.clip.live], trial.voices, limits)
        right += match is not None and match.voice is trial.voices[trial.own]
        wrong += match is not None and match.voice is not trial.voices[trial.own]
        without = trial.voices[: trial.own] + trial.voices[trial.own + 1 :]
        stranger += recognise([trial.clip.live], without, limits) != [None]
    count = len(found)
    return {
        "missed": 1 - (right + wrong) / count,
        "misnamed": wrong / count,
        "strangers_named": stranger / count,
    }


def one_against_one(own: Sequence[float], others: Sequence[float], threshold: float) -> dict[str, float]:
    """Return both errors at a threshold."""
    return {"false_rejects": share_below(own, threshold), "false_accepts": 1 - share_below(others, threshold)}


def figures_of(clips: Sequence[Clip], impostors: Sequence[Clip], sentences: int) -> dict[str, Any]:
    """Return the figures of voices enrolled from so many sentences."""
    found, limits = trials(clips, sentences), RecognitionLimits()
    own, others = scores(found, by_mean, lambda clip: clip.live)
    ways: dict[str, Score] = {"mean": by_mean, "best": by_best(1), "best two": by_best(2), "best three": by_best(3)}
    rate, threshold = equal_error(own, others)
    return {
        "trials": len(found),
        "equal_error_rate": rate,
        "equal_error_threshold": threshold,
        "at_the_limits": one_against_one(own, others, limits.threshold) | named(found, limits),
        "without_margin": named(found, replace(limits, margin=0.0)),
        "volumes": volumes(found, limits.threshold),
        "held_out": held_out(found),
        "impostors_named": sum(
            recognise([impostor.live], trial.voices, limits) != [None] for trial in found for impostor in impostors
        )
        / (len(found) * len(impostors)),
        "thresholds": {
            f"{value:.2f}": one_against_one(own, others, value) | named(found, replace(limits, threshold=value))
            for value in THRESHOLDS
        },
        "scores": {name: equal_error(*scores(found, score, lambda clip: clip.live))[0] for name, score in ways.items()},
        "heard_seconds": {f"{seconds:g}": heard_for(found, seconds, limits.threshold) for seconds in HEARD_SECONDS},
    }


def volumes(found: Sequence[Trial], threshold: float) -> dict[str, float]:
    """Return the errors where sentences are louder or quieter than samples."""
    own, others = scores(found, by_mean, lambda clip: clip.changed)
    return {"equal_error_rate": equal_error(own, others)[0], **one_against_one(own, others, threshold)}


def held_out(found: Sequence[Trial]) -> dict[str, float]:
    """Return the errors of each speaker at the threshold that the other speakers would have chosen."""
    rejected = accepted = total_own = total_others = 0
    for name in {trial.clip.speaker for trial in found}:
        rest = [without(trial, name) for trial in found if trial.clip.speaker != name]
        mine = [trial for trial in found if trial.clip.speaker == name]
        _, strangers = scores(rest, by_mean, lambda clip: clip.live)
        threshold = float(np.quantile(strangers, 1 - HELD_OUT_ACCEPTS))
        own, others = scores(mine, by_mean, lambda clip: clip.live)
        rejected += sum(score < threshold for score in own)
        accepted += sum(score >= threshold for score in others)
        total_own, total_others = total_own + len(own), total_others + len(others)
    return {"false_rejects": rejected / total_own, "false_accepts": accepted / total_others}


def without(trial: Trial, name: str) -> Trial:
    """Return a trial in which somebody is not enrolled."""
    voices = [voice for voice in trial.voices if voice.name != name]
    return Trial(trial.clip, voices, [voice.name for voice in voices].index(trial.clip.speaker))


def heard_for(found: Sequence[Trial], seconds: float, threshold: float) -> dict[str, float]:
    """Return the errors when a session has heard so much of a speaker."""
    centroids = {id(trial.clip): live_centroid(trial.clip.heard, seconds) for trial in found}
    own, others = scores(found, by_mean, lambda clip: centroids[id(clip)])
    return {"equal_error_rate": equal_error(own, others)[0], **one_against_one(own, others, threshold)}


def likeness(paths: Sequence[Path], listener: Listener) -> dict[str, dict[str, float]]:
    """Return how like itself a sentence is, on average, when so much of it is clipped, and when it is louder."""
    sounds = [decode_audio(str(path), sampling_rate=RATE) for path in paths]
    clean = listener.embedder.run(sounds)

    def to_itself(change: Callable[[Samples], Samples]) -> float:
        changed = listener.embedder.run([change(sound).astype(np.float32) for sound in sounds])
        return float(np.mean([before @ after for before, after in zip(clean, changed, strict=True)]))

    return {
        "clipped_share": {f"{share:g}": to_itself(partial(clipped, share=share)) for share in CLIPPED_SHARES},
        "gain_db": {f"{gain:+g}": to_itself(partial(amplified, gain_db=gain)) for gain in GAINS_DB},
    }


def clipped(sound: Samples, share: float) -> Samples:
    """Return a sound of which so much is cut off, no louder than it is."""
    peak = float(np.quantile(np.abs(sound), 1 - share))
    return np.clip(sound, -peak, peak)


def amplified(sound: Samples, gain_db: float) -> Samples:
    """Return a sound at another volume."""
    louder: Samples = sound * np.float32(10 ** (gain_db / 20))
    return louder


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audio", type=Path, default=SHARED)
    parser.add_argument("--data-directory", type=Path, default=default_data_directory())
    options = parser.parse_args()
    networks = (find_graph(name, options.data_directory) for name in ("segmentation-2021", "ge2e"))
    listener = Listener(OnnxSegmenter(next(networks), "segmentation-2021"), Ge2eEmbedder(next(networks)))
    entries = json.loads((options.audio / "manifest.json").read_text("utf-8"))
    strangers = [entry for entry in entries if entry["file"].startswith("impostor/")]
    entries = [entry for entry in entries if "speaker_verification" in entry["uses"]]
    gains = np.random.default_rng(0).uniform(min(GAINS_DB), max(GAINS_DB), len(entries))
    clips = [
        read(options.audio / entry["file"], entry["speakers"][0], listener, gain)
        for entry, gain in zip(entries, gains, strict=True)
    ]
    impostors = [read(options.audio / entry["file"], entry["file"], listener, 0.0) for entry in strangers]
    limits = RecognitionLimits()
    figures = {
        "clips": len(clips),
        "speakers": len({clip.speaker for clip in clips}),
        "accepted": sum(clip.accepted for clip in clips),
        "threshold": limits.threshold,
        "margin": limits.margin,
        "sentences": {str(count): figures_of(clips, impostors, count) for count in (1, 2)},
        "likeness": likeness([options.audio / entry["file"] for entry in entries], listener),
    }
    print(json.dumps(figures, indent=1))
    keep("enrollment", figures)


if __name__ == "__main__":
    main()
