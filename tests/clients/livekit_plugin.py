"""gl-speech's LiveKit plugin, driven as an agent drives it: one buffer of speech in, one transcript out."""

from __future__ import annotations

from gl_speech.livekit import STT
from livekit import rtc
from livekit.agents.types import APIConnectOptions


async def recognize(url: str, key: str, pcm: bytes, *, sample_rate: int = 16_000, timeout: float = 10.0) -> str:
    """Return the plugin's transcript of mono s16le speech; raises what the plugin raises."""
    frame = rtc.AudioFrame(pcm, sample_rate, 1, len(pcm) // 2)
    plugin = STT(api_key=key, wss_url=url)
    event = await plugin._recognize_impl(frame, conn_options=APIConnectOptions(timeout=timeout))
    return event.alternatives[0].text
