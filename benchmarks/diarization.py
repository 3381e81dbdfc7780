"""Who spoke when, against labels: live and at the second look, with the error of each.

    python benchmarks/diarization.py [--audio ../shared/audio] [--data-directory DIR]

The well-labelled recordings (meetings, telephone, constructed talks) through the networks that a server uses.
Diarization error rate by pyannote.metrics, 0.25 s around every label's edge left out (its `collar` is the whole width:
0.5), with overlap scored and without. Live: a frame is settled one or two seconds after it was heard and never changes.
Second look: all embeddings clustered again. Thresholds are the shipped ones; beside them each recording with the
threshold that is best on the others, so that none judges itself. Cost: CPU seconds per second of audio. Writes
results/diarization.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from faster_whisper.audio import decode_audio
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate
from record import keep
from speech import RATE, SHARED

from stream_server.diarize.activity import SpeakerActivity, Turn, speakers_in, turns
from stream_server.diarize.clustering import ClusteringLimits, SpeakerClusters, second_look
from stream_server.diarize.embedder import Ge2eEmbedder
from stream_server.diarize.listener import Listener
from stream_server.diarize.networks import find_graph
from stream_server.diarize.segmentation import OnnxSegmenter
from stream_server.diarize.voices import STEP_FRAMES, Heard
from stream_server.settings import default_data_directory

SPARSE = ("diar/ami_trn01.flac",)
"""Labelled too sparsely to be scored."""

COLLAR_SECONDS = 0.5
SECOND_JOINS = (0.22, 0.25, 0.28, 0.31, 0.34)
JOINS = (0.19, 0.22, 0.25, 0.28, 0.31)


@dataclass(frozen=True, slots=True)
class Recording:
    """What the networks heard in a recording, and who is said to speak when."""

    name: str
    seconds: float
    heard: list[Heard]
    reference: Annotation


def read(folder: Path, entry: dict[str, Any], listener: Listener) -> Recording:
    """Listen to a recording."""
    audio = decode_audio(str(folder / entry["file"]), sampling_rate=RATE)
    reference = Annotation()
    for number, line in enumerate((folder / entry["rttm"]).read_text("utf-8").splitlines()):
        kind, _, _, start, length, _, _, speaker, *_rest = line.split()
        if kind == "SPEAKER":
            reference[Segment(float(start), float(start) + float(length)), number] = speaker
    return Recording(entry["file"], len(audio) / RATE, listener.hear_all(audio, STEP_FRAMES), reference)


def live(recording: Recording, limits: ClusteringLimits, delay_windows: int) -> list[Turn]:
    """Return the turns as they were settled, so many windows after they were heard."""
    clusters, activity, found = SpeakerClusters(limits), SpeakerActivity(recording.heard[0].frame), []
    for heard in recording.heard:
        activity.add(heard.frame, heard.activity, clusters.assign(heard))
        frame = activity.settled
        found += turns(activity.settle(heard.frame + len(heard.activity) - delay_windows * STEP_FRAMES), frame)
    frame = activity.settled
    return [*found, *turns(activity.settle(), frame)]


def again(recording: Recording, limits: ClusteringLimits) -> list[Turn]:
    """Return the turns of the second look."""
    frame = recording.heard[0].frame
    activity = SpeakerActivity(frame)
    for heard, labels in zip(recording.heard, second_look(recording.heard, limits), strict=True):
        activity.add(heard.frame, heard.activity, labels)
    return turns(activity.settle(), frame)


def errors(recording: Recording, found: Iterable[Turn], *, skip_overlap: bool = False) -> dict[str, float]:
    """Return the seconds of each kind of error."""
    hypothesis = Annotation()
    for number, turn in enumerate(found):
        hypothesis[Segment(turn.start / RATE, min(recording.seconds, turn.end / RATE)), number] = turn.speaker
    metric = DiarizationErrorRate(collar=COLLAR_SECONDS, skip_overlap=skip_overlap)
    whole = Annotation()
    whole[Segment(0, recording.seconds)] = "all"
    detail = metric.compute_components(recording.reference, hypothesis, uem=whole.get_timeline())
    return {
        "missed": detail["missed detection"],
        "false": detail["false alarm"],
        "confused": detail["confusion"],
        "total": detail["total"],
    }


def rate(parts: Iterable[dict[str, float]]) -> float:
    """Return the error rate over recordings."""
    listed = list(parts)
    return sum(p["missed"] + p["false"] + p["confused"] for p in listed) / sum(p["total"] for p in listed)


def leave_one_out(
    recordings: list[Recording], values: Iterable[float], find: Callable[[Recording, float], list[Turn]]
) -> float:
    """Return the error rate when each recording is judged with the value that is best on the others."""
    table = {value: [errors(recording, find(recording, value)) for recording in recordings] for value in values}
    chosen = []
    for index in range(len(recordings)):
        others = {value: rate(row[:index] + row[index + 1 :]) for value, row in table.items()}
        chosen.append(table[min(others, key=lambda value: others[value])][index])
    return rate(chosen)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audio", type=Path, default=SHARED)
    parser.add_argument("--data-directory", type=Path, default=default_data_directory())
    options = parser.parse_args()
    networks = (find_graph(name, options.data_directory) for name in ("segmentation-2021", "ge2e"))
    listener = Listener(OnnxSegmenter(next(networks), "segmentation-2021"), Ge2eEmbedder(next(networks)))
    entries = json.loads((options.audio / "manifest.json").read_text("utf-8"))
    entries = [entry for entry in entries if entry["kind"] == "diarization" and entry.get("rttm")]
    started = time.process_time()
    recordings = [read(options.audio, entry, listener) for entry in entries]
    cost = (time.process_time() - started) / sum(recording.seconds for recording in recordings)
    scored = [recording for recording in recordings if recording.name not in SPARSE]
    limits = ClusteringLimits()
    ways: dict[str, Callable[[Recording], list[Turn]]] = {
        "live, 1 s": lambda recording: live(recording, limits, 1),
        "live, 2 s": lambda recording: live(recording, limits, 2),
        "second look": lambda recording: again(recording, limits),
    }
    rows = []
    for recording in scored:
        row: dict[str, Any] = {"recording": recording.name, "speakers": len(recording.reference.labels())}
        for name, way in ways.items():
            found = way(recording)
            row[name] = {
                "overlap": errors(recording, found),
                "no overlap": errors(recording, found, skip_overlap=True),
                "speakers": len(speakers_in(found)),
            }
        rows.append(row)
        print(recording.name, {name: f"{100 * rate([row[name]['overlap']]):.1f} %" for name in ways}, flush=True)
    totals = {
        name: {kind: rate(row[name][kind] for row in rows) for kind in ("overlap", "no overlap")} for name in ways
    }
    held_out = {
        "live, 1 s": leave_one_out(scored, JOINS, lambda r, join: live(r, replace(limits, join=join), 1)),
        "live, 2 s": leave_one_out(scored, JOINS, lambda r, join: live(r, replace(limits, join=join), 2)),
        "second look": leave_one_out(scored, SECOND_JOINS, lambda r, join: again(r, replace(limits, second_join=join))),
    }
    false_alarms = {
        recording.name: rate([errors(recording, again(recording, limits)) | {"missed": 0.0, "confused": 0.0}])
        for recording in recordings
        if recording.name in SPARSE
    }
    figures = {
        "totals": totals,
        "leave_one_out": held_out,
        "false_alarms": false_alarms,
        "cpu_seconds_per_audio_second": cost,
        "rows": rows,
    }
    print(
        json.dumps({key: figures[key] for key in ("totals", "leave_one_out", "cpu_seconds_per_audio_second")}, indent=1)
    )
    keep("diarization", figures)


if __name__ == "__main__":
    main()
