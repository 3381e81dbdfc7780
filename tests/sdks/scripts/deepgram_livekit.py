"""Drive LiveKit's Deepgram plugin: `deepgram_livekit.py MODE JOB`; prints the speech events that an agent sees."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from livekit import rtc
from livekit.agents import APIConnectionError, APIStatusError
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.plugins import deepgram


def frames(job: dict[str, Any]) -> list[rtc.AudioFrame]:
    """Return a tenth of a second at a time."""
    pcm = Path(job["pcm"]).read_bytes()
    return [
        rtc.AudioFrame(pcm[at : at + 3_200], 16_000, 1, len(pcm[at : at + 3_200]) // 2)
        for at in range(0, len(pcm), 3_200)
    ]


def plugin(job: dict[str, Any], session: aiohttp.ClientSession) -> deepgram.STT:
    """Return the plugin; its address has the path in it."""
    address = job["url"] + "/v1/listen"
    return deepgram.STT(api_key=job["key"], base_url=address, http_session=session, **job["options"])


async def live(job: dict[str, Any], session: aiohttp.ClientSession) -> list[dict[str, Any]]:
    """Stream as an agent does."""
    told = []
    once = replace(DEFAULT_API_CONNECT_OPTIONS, max_retry=0)
    async with plugin(job, session).stream(conn_options=once) as stream:

        async def send() -> None:
            for frame in frames(job):
                stream.push_frame(frame)
                await asyncio.sleep(job.get("pace", 0.03))
            stream.end_input()

        sending = asyncio.create_task(send())
        try:
            told.extend([{"type": event.type.value, **shown(event.alternatives)} async for event in stream])
        finally:
            sending.cancel()
    return told


async def recorded(job: dict[str, Any], session: aiohttp.ClientSession) -> dict[str, Any]:
    """Recognise one buffer of speech."""
    event = await plugin(job, session).recognize(frames(job))
    return {"type": event.type.value, **shown(event.alternatives)}


def shown(alternatives: Any) -> dict[str, Any]:
    """Return the first alternative."""
    if not alternatives:
        return {}
    first = alternatives[0]
    return {
        "text": first.text,
        "speaker": first.speaker_id,
        "start": first.start_time,
        "end": first.end_time,
        "confidence": first.confidence,
        "language": str(first.language),
        "words": [str(word) for word in first.words or []],
    }


async def run(mode: str, job: dict[str, Any]) -> Any:
    """Run a mode."""
    async with aiohttp.ClientSession() as session:
        try:
            return await {"live": live, "recorded": recorded}[mode](job, session)
        except (APIStatusError, APIConnectionError) as error:
            return {"raised": type(error).__name__, "status": getattr(error, "status_code", None)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], json.loads(sys.argv[2])))))
