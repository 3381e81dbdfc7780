"""Drive Pipecat's OpenAI services in a pipeline: `openai_pipecat.py MODE JOB`; prints the frames that come of it."""

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
from pipecat.services.openai.stt import OpenAIRealtimeSTTService, OpenAISTTService
from pipecat.tests.utils import SleepFrame, run_test

SHOWN = (TranscriptionFrame, InterimTranscriptionFrame, ErrorFrame)


def audio(job: dict[str, Any]) -> list[Frame]:
    """Return speech a tenth of a second at a time; when it is over the pipeline's own detector says so."""
    pcm = Path(job["pcm"]).read_bytes()
    frames: list[Frame] = [SleepFrame(sleep=1.0), VADUserStartedSpeakingFrame()]
    for at in range(0, len(pcm), 4_800):
        frames += [
            InputAudioRawFrame(audio=pcm[at : at + 4_800], sample_rate=24_000, num_channels=1),
            SleepFrame(sleep=0.02),
        ]
    return [*frames, VADUserStoppedSpeakingFrame(), SleepFrame(sleep=job.get("linger_seconds", 4.0))]


def service(mode: str, job: dict[str, Any]) -> Any:
    """Return the service of a mode: the pipeline's turns, the server's, or whole recordings."""
    if mode == "recorded":
        return OpenAISTTService(api_key=job["key"], base_url=job["url"] + "/v1", sample_rate=24_000)
    turn_detection: Any = {"type": "server_vad", "silence_duration_ms": 400} if mode == "turns" else False
    return OpenAIRealtimeSTTService(
        api_key=job["key"],
        base_url=job["url"].replace("http", "ws", 1) + "/v1/realtime",
        turn_detection=turn_detection,
        sample_rate=24_000,
        settings=OpenAIRealtimeSTTService.Settings(model="gpt-4o-transcribe"),
    )


async def run(mode: str, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a service in a pipeline."""
    params = PipelineParams(audio_in_sample_rate=24_000)
    frames = audio(job)
    down, up = await run_test(service(mode, job), frames_to_send=frames, pipeline_params=params, start_timeout=30)
    return [shown(frame) for frame in (*down, *up) if isinstance(frame, SHOWN)]


def shown(frame: Frame) -> dict[str, Any]:
    """Return what a frame says."""
    return {"frame": type(frame).__name__, **{name: str(getattr(frame, name, None)) for name in ("text", "error")}}


if __name__ == "__main__":
    logger.remove()
    print(json.dumps(asyncio.run(run(sys.argv[1], json.loads(sys.argv[2])))))
