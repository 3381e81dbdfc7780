"""gl-speech's LiveKit plugin, driven as an agent drives it: one buffer of speech in, one transcript out.

The plugin is the published one, unchanged. Where `livekit-agents` is installed it is used; it brings forty packages
that nothing else here needs, so where it is not, `livekit_stand_in` gives the few names that the plugin touches.
"""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("livekit") is None:
    from tests.clients.livekit_stand_in import install

    install()

from gl_speech.livekit import STT
from livekit import rtc
from livekit.agents.types import APIConnectOptions


async def recognize(url: str, key: str, pcm: bytes, *, sample_rate: int = 16_000, timeout: float = 60.0) -> str:
    """Return the plugin's transcript of mono s16le speech; raises what the plugin raises."""
    frame = rtc.AudioFrame(pcm, sample_rate, 1, len(pcm) // 2)
    plugin = STT(api_key=key, wss_url=url)
    event = await plugin._recognize_impl(frame, conn_options=APIConnectOptions(timeout=timeout))
    return event.alternatives[0].text
