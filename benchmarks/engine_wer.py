"""Word error rate and seconds of the Whisper engine against faster-whisper with the same decoding options.

    python benchmarks/engine_wer.py [--model tiny.en] [--clips 45] [--beam 1 5]

Whole English clips under 12 s of ../shared/audio/asr_en, no voice activity detection, both sides normalised with
whisper-normalizer. `engine.py` tells what the engine's steps cost.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jiwer
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.asr.models import resolve
from stream_server.asr.whisper import WhisperEngine
from stream_server.work import ENGINE_RATE, Hypothesis, Transcribe

AUDIO = Path(__file__).resolve().parents[2] / "shared" / "audio"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "stream-server-benchmarks")
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--beam", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    path = resolve(options.model, options.data_dir, allow_download=True).path
    clips = load_clips(options.clips)
    print(f"{options.model}, {len(clips)} clips, {sum(len(audio) for audio, _ in clips) / ENGINE_RATE:.0f} s")
    print("| decoding | WER % | seconds per clip |\n|---|---|---|")
    for beam in options.beam:
        engine = WhisperEngine(path, final_beam=beam)
        engine.warm_up()
        for size in (1, 8):
            report(f"ours, beam {beam}, batches of {size}", clips, lambda e=engine, s=size: ours(e, clips, s))
        engine.close()
        reference = WhisperModel(str(path), device="cpu", compute_type="int8")
        for stamps in (True, False):
            name = f"faster-whisper, beam {beam}, {'with' if stamps else 'no'} timestamps"
            report(name, clips, lambda r=reference, b=beam, t=stamps: offline(r, clips, b, timestamps=t))


def load_clips(limit: int) -> list[tuple[np.ndarray, str]]:
    """Return audio and reference of English clips under 12 s."""
    manifest = json.loads((AUDIO / "manifest.json").read_text())
    chosen = [
        clip
        for clip in manifest
        if clip["file"].startswith("asr_en/") and "asr" in clip["uses"] and clip["seconds"] < 12 and clip["transcript"]
    ]
    return [(decode_audio(str(AUDIO / clip["file"])), clip["transcript"]) for clip in chosen[:limit]]


def window(audio: np.ndarray, *, final: bool = True) -> Transcribe:
    """Return the request for a whole clip."""
    return Transcribe(
        session_id="bench", work_id=0, track=0, utterance_id="", audio=audio, start=0, final=final, language="en"
    )


def ours(engine: WhisperEngine, clips: list[tuple[np.ndarray, str]], size: int) -> list[str]:
    """Recognise all clips in batches of clips that may share one."""
    texts: dict[int, str] = {}
    buckets: dict[object, list[int]] = {}
    for index, (audio, _) in enumerate(clips):
        buckets.setdefault(engine.bucket(window(audio)), []).append(index)
    for members in buckets.values():
        for begin in range(0, len(members), size):
            chunk = members[begin : begin + size]
            for index, outcome in zip(chunk, engine.run([window(clips[i][0]) for i in chunk]), strict=True):
                assert isinstance(outcome, Hypothesis), outcome
                texts[index] = " ".join(word.text for word in outcome.words)
    return [texts[index] for index in range(len(clips))]


def offline(model: WhisperModel, clips: list[tuple[np.ndarray, str]], beam: int, *, timestamps: bool) -> list[str]:
    """Recognise all clips with faster-whisper: same beam, no fallback, word times on."""
    texts = []
    for audio, _ in clips:
        segments, _ = model.transcribe(
            audio,
            language="en",
            beam_size=beam,
            temperature=0.0,
            without_timestamps=not timestamps,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        texts.append(" ".join(segment.text.strip() for segment in segments))
    return texts


def report(name: str, clips: list[tuple[np.ndarray, str]], recognise: Callable[[], list[str]]) -> None:
    """Print one line of the table."""
    normalise = EnglishTextNormalizer()
    started = time.perf_counter()
    texts = recognise()
    seconds = (time.perf_counter() - started) / len(clips)
    rate = jiwer.wer([normalise(reference) for _, reference in clips], [normalise(text) for text in texts])
    print(f"| {name} | {100 * rate:.1f} | {seconds:.3f} |", flush=True)


if __name__ == "__main__":
    main()
