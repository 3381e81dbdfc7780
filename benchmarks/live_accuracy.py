"""Word error rate of the live path at 1x against the same weights run offline by faster-whisper.

    python benchmarks/live_accuracy.py tiny.en ../shared/audio [--parallel 2 8]

Streams every transcribed clip of the folder's manifest in real time through a real server, some at once, with
automatic language and partials on, once for each number of parallel sessions: load must not change the words. Then
transcribes the same clips offline with the same decoding options (greedy, no time stamps, no conditioning on earlier
text, VAD filter, no temperature fallback) and with faster-whisper's own fallback. Checks on the way that every
partial's stable words are a prefix of its final's, that clips without speech give no text, and that first and last
words are kept in clips where offline has both right. Text is compared after whisper-normalizer; Chinese and Japanese by
characters. Writes benchmarks/results/live_accuracy_MODEL.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import jiwer
from faster_whisper import WhisperModel, decode_audio
from record import keep
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.asr.models import resolve
from stream_server.client import stream
from stream_server.local_server import local_server
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.settings import default_data_directory
from stream_server.sources import Source
from stream_server.text.formatting import PLAIN

AS_HEARD = SessionOptions(formatting=PLAIN)
"""What is counted are the words that were heard, not how they are written."""

PATIENT = ("--load-finals-only-ms", "600000", "--load-full-ms", "600000")
"""Nothing is given up: this is about words, not about how many."""

ENGLISH, ANY = EnglishTextNormalizer(), BasicTextNormalizer()
UNSPACED = {"ja", "zh"}


@dataclass
class Heard:
    """What one clip became."""

    file: str
    kind: str
    language: str
    reference: str
    live: str = ""
    offline: str = ""
    fallback: str = ""
    partials: int = 0
    broken_prefixes: int = 0
    final_lag_ms: list[int] = field(default_factory=list)


def normalized(text: str, language: str) -> str:
    """Return text as it is compared."""
    plain = (ENGLISH if language.startswith("en") else ANY)(text)
    return " ".join(plain.replace(" ", "")) if language in UNSPACED else " ".join(plain.split())


async def hear_live(url: str, path: Path, clip: Heard, gate: asyncio.Semaphore) -> None:
    """Stream one clip at 1x and keep what the server says."""
    pcm = (decode_audio(str(path)) * 32767).astype("<i2").tobytes()
    blocks = [pcm[at : at + 3_200] for at in range(0, len(pcm), 3_200)]

    async def audio() -> Any:
        for block in blocks:
            yield block

    source = Source(audio=AudioFormat(encoding="pcm_s16le"), tracks=(), blocks=audio, bytes_per_second=32_000)
    shown: dict[str, list[list[str]]] = {}
    finals: dict[str, list[str]] = {}
    async with gate:
        async for event in stream(source, url, options=AS_HEARD):
            if event["type"] == "partial":
                clip.partials += 1
                shown.setdefault(event["utterance_id"], []).append([word["text"] for word in event["stable"]])
            elif event["type"] == "final":
                clip.live = f"{clip.live} {event['text']}".strip()
                clip.final_lag_ms.append(event["lag_ms"])
                finals[event["utterance_id"]] = [word["text"] for word in event["words"]]
    for utterance, prefixes in shown.items():
        clip.broken_prefixes += sum(finals.get(utterance, [])[: len(p)] != p for p in prefixes)


def hear_offline(model: WhisperModel, path: Path, temperatures: list[float]) -> str:
    """Transcribe one clip with faster-whisper."""
    segments, _ = model.transcribe(
        str(path),
        beam_size=1,
        temperature=temperatures,
        without_timestamps=True,
        condition_on_previous_text=False,
        vad_filter=True,
    )
    return " ".join(segment.text.strip() for segment in segments)


def error_rate(clips: list[Heard], which: str) -> float:
    """Return the word error rate in percent over clips."""
    references = [normalized(clip.reference, clip.language) for clip in clips]
    return 100 * jiwer.wer(references, [normalized(getattr(clip, which), clip.language) for clip in clips])


def edges(clips: list[Heard]) -> dict[str, Any]:
    """Count clips whose first and last words offline both has right, and list where live has another word there."""
    both_right, other = 0, {}
    for clip in clips:
        reference, offline, live = (
            normalized(text, clip.language).split() for text in (clip.reference, clip.offline, clip.live)
        )
        if not offline or (offline[0], offline[-1]) != (reference[0], reference[-1]):
            continue
        both_right += 1
        for at in (0, -1):
            if not live or live[at] != reference[at]:
                other[f"{clip.file}, {'first' if at == 0 else 'last'}"] = [reference[at], live[at] if live else ""]
    return {"clips_offline_right": both_right, "live_differs": other}


def by_kind(clips: list[Heard]) -> dict[str, dict[str, float]]:
    """Return the word error rates of each kind of clip."""
    kinds: dict[str, list[Heard]] = {}
    for clip in clips:
        kinds.setdefault(clip.kind, []).append(clip)
    return {
        kind: {which: round(error_rate(members, which), 2) for which in ("live", "offline", "fallback")}
        for kind, members in kinds.items()
    }


def load(folder: Path, *, english_only: bool) -> list[Heard]:
    """Return the clips of a manifest that have a reference, the empty one included."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return [
        Heard(file=clip["file"], kind=clip["kind"], language=clip["language"], reference=clip["transcript"])
        for clip in manifest
        if clip.get("transcript") is not None
        and clip["kind"] != "container"
        and (not english_only or clip["language"].startswith("en") or clip["language"] == "none")
    ]


async def stream_all(name: str, folder: Path, clips: list[Heard], parallel: int) -> None:
    """Hear every clip live through a server of its own."""
    gate = asyncio.Semaphore(parallel)
    with tempfile.TemporaryDirectory() as data:
        async with local_server(Path(data), ["--model", name, *PATIENT]) as url:
            await asyncio.gather(*(hear_live(url, folder / clip.file, clip, gate) for clip in clips))


async def run(name: str, folder: Path, loads: list[int], limit: int | None) -> dict[str, Any]:
    """Hear everything live at each load, then offline; return the figures."""
    under_load = {}
    for parallel in loads:
        clips = load(folder, english_only=name.endswith(".en"))[:limit]
        await stream_all(name, folder, clips, parallel)
        lags = sorted(lag for clip in clips for lag in clip.final_lag_ms)
        spoken = [clip for clip in clips if clip.reference]
        under_load[parallel] = {
            "wer": error_rate(spoken, "live"),
            "broken_prefixes": sum(clip.broken_prefixes for clip in clips),
            "partials": sum(clip.partials for clip in clips),
            "text_without_speech": {clip.file: clip.live for clip in clips if not clip.reference and clip.live},
            "final_lag_ms_p50_p95": [lags[len(lags) // 2], lags[len(lags) * 95 // 100]],
        }
    resolved = resolve(name, default_data_directory(), allow_download=False)
    model = WhisperModel(str(resolved.path), device="cpu", compute_type="int8", cpu_threads=os.cpu_count() or 1)
    for clip in spoken:
        clip.offline = hear_offline(model, folder / clip.file, [0.0])
        clip.fallback = hear_offline(model, folder / clip.file, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    return {
        "model": name,
        "clips": len(spoken),
        "clips_without_speech": len(clips) - len(spoken),
        "live": under_load,
        "offline_wer": error_rate(spoken, "offline"),
        "offline_with_fallback_wer": error_rate(spoken, "fallback"),
        "wer_by_kind_under_the_last_load": by_kind(spoken),
        "first_and_last_words": edges(spoken),
        "heard": [asdict(clip) for clip in clips],
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parallel", type=int, nargs="+", default=[4])
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    figures = asyncio.run(run(arguments.model, arguments.folder, arguments.parallel, arguments.limit))
    keep(f"live_accuracy_{arguments.model}", figures)
    for key, value in figures.items():
        if key != "heard":
            print(f"{key:28} {value if not isinstance(value, float) else round(value, 2)}")


if __name__ == "__main__":
    main()
