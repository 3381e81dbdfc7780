"""Drive Pipecat's Deepgram service in a pipeline: `deepgram_pipecat.py MODE JOB`; prints the frames that come of it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from loguru import logger
from pipecat.frames.frames import (
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.worker import PipelineParams
from pipecat.services.deepgram.stt import DeepgramSTTService
from pipecat.tests.utils import SleepFrame, run_test


def audio(job: dict[str, Any]) -> list[Frame]:
    """Return speech a tenth of a second at a time; when it is over the pipeline's own detector says so."""
    pcm = Path(job["pcm"]).read_bytes()
    frames: list[Frame] = [SleepFrame(sleep=1.0), VADUserStartedSpeakingFrame()]
    for at in range(0, len(pcm), 3_200):
        if at >= job["spoken_bytes"] > at - 3_200:
            frames.append(VADUserStoppedSpeakingFrame())
        frames += [
            InputAudioRawFrame(audio=pcm[at : at + 3_200], sample_rate=16_000, num_channels=1),
            SleepFrame(sleep=0.03),
        ]
    return [*frames, SleepFrame(sleep=job.get("linger_seconds", 3.0))]


async def live(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the service in a pipeline."""
    service = DeepgramSTTService(
        api_key=job["key"],
        base_url=job["url"],
        sample_rate=16_000,
        settings=DeepgramSTTService.Settings(**job["options"]),
    )
    params = PipelineParams(audio_in_sample_rate=16_000)
    down, up = await run_test(service, frames_to_send=audio(job), pipeline_params=params, start_timeout=30)
    return [shown(frame) for frame in (*down, *up) if isinstance(frame, SHOWN)]


SHOWN = (TranscriptionFrame, InterimTranscriptionFrame, ErrorFrame)


def shown(frame: Frame) -> dict[str, Any]:
    """Return what a frame says."""
    fields = ("text", "finalized", "language", "error", "permanent")
    return {"frame": type(frame).__name__, **{name: str(getattr(frame, name, None)) for name in fields}}


if __name__ == "__main__":
    logger.remove()
    print(json.dumps(asyncio.run(live(json.loads(sys.argv[2])))))
