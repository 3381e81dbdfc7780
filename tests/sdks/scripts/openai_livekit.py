"""Drive LiveKit's OpenAI plugin: `openai_livekit.py MODE JOB`; prints the speech events that an agent sees."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from livekit import rtc
from livekit.agents import APIConnectionError, APIError, APIStatusError
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.utils import http_context
from livekit.plugins import openai

ONCE = replace(DEFAULT_API_CONNECT_OPTIONS, max_retry=0)


def frames(job: dict[str, Any]) -> list[rtc.AudioFrame]:
    """Return a tenth of a second at a time."""
    pcm = Path(job["pcm"]).read_bytes()
    return [
        rtc.AudioFrame(pcm[at : at + 4_800], 24_000, 1, len(pcm[at : at + 4_800]) // 2)
        for at in range(0, len(pcm), 4_800)
    ]


def plugin(job: dict[str, Any], **how: Any) -> openai.STT:
    """Return the plugin."""
    return openai.STT(api_key=job["key"], base_url=job["url"] + "/v1", language="en", **how)


async def turns(job: dict[str, Any]) -> list[Any]:
    """Stream to a model that finds turns."""
    return await stream(job, plugin(job, model="gpt-4o-transcribe", use_realtime=True))


async def commits(job: dict[str, Any]) -> list[Any]:
    """Stream to a model that does not: the plugin names no turn detection, and the agent commits."""
    return await stream(job, plugin(job, model="gpt-realtime-whisper", vad=None), commit=True)


async def stream(job: dict[str, Any], stt: openai.STT, *, commit: bool = False) -> list[Any]:
    """Stream as an agent does, until there is a transcript."""
    told = []
    async with stt.stream(conn_options=ONCE) as talking:

        async def send() -> None:
            for frame in frames(job):
                talking.push_frame(frame)
                await asyncio.sleep(0.02)
            talking.flush()
            if commit:
                await asyncio.sleep(1.0)
                await talking._ws.send_json({"type": "input_audio_buffer.commit"})

        sending = asyncio.create_task(send())
        try:
            async for event in talking:
                told.append(shown(event))
                if event.type.value == "final_transcript":
                    break
        finally:
            sending.cancel()
    await stt.aclose()
    return told


async def recorded(job: dict[str, Any]) -> dict[str, Any]:
    """Recognise one buffer of speech."""
    return shown(await plugin(job, model="whisper-1").recognize(frames(job), conn_options=ONCE))


def shown(event: Any) -> dict[str, Any]:
    """Return what an event says."""
    first = event.alternatives[0] if event.alternatives else None
    text, language = (first.text, str(first.language)) if first else (None, None)
    return {"type": event.type.value, "text": text, "language": language}


async def run(mode: str, job: dict[str, Any]) -> Any:
    """Run a mode."""
    async with http_context.open():
        try:
            return await {"turns": turns, "commits": commits, "recorded": recorded}[mode](job)
        except (APIStatusError, APIConnectionError, APIError) as error:
            return {"raised": type(error).__name__, "status": getattr(error, "status_code", None)}
        except aiohttp.WSServerHandshakeError as error:  # the plugin lets it through as it is
            return {"raised": type(error).__name__, "status": error.status}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], json.loads(sys.argv[2])))))
