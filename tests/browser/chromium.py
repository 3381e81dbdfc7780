"""Debian's Chromium, driven by Playwright, with a file in place of a microphone.

microphone = Microphone(directory)
async with chromium(microphone) as browser:
    microphone.hears(pcm, rate)                # from the moment that a page opens it
"""

from __future__ import annotations

import shutil
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import soxr
from playwright.async_api import Browser, async_playwright

from tests.child_server import Pcm

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""What distributions call it."""

MICROPHONE_RATE = 48_000
"""What Chromium's fake device runs at."""

LEAD_SECONDS = 0.6
"""Before the first word: a page opens the microphone before it listens."""

SILENCE_SECONDS = 30
"""After the last word; Chromium would not play on by itself."""

LAN_HOST = "meetings.example"
"""A name that is not this machine's own to a browser, and leads here: its pages have no secure context."""


def find_chromium() -> str | None:
    """Return where the browser is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Microphone:
    """The file that Chromium plays from its beginning whenever a page opens the microphone."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "microphone.wav"
        self.hears(np.zeros(0, np.int16), MICROPHONE_RATE)

    def hears(self, pcm: Pcm, rate: int) -> None:
        """Let whoever opens the microphone from now on hear this."""
        resampled = soxr.resample(pcm, rate, MICROPHONE_RATE) if len(pcm) else pcm
        silences = [np.zeros(round(seconds * MICROPHONE_RATE), np.int16) for seconds in (LEAD_SECONDS, SILENCE_SECONDS)]
        whole = np.concatenate([silences[0], resampled, silences[1]]).astype("<i2")
        unfinished = self.path.with_suffix(".unfinished")
        with wave.open(str(unfinished), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(MICROPHONE_RATE)
            file.writeframes(whole.tobytes())
        unfinished.rename(self.path)


@asynccontextmanager
async def chromium(microphone: Microphone, *flags: str) -> AsyncIterator[Browser]:
    """Run a browser that asks nobody for leave to use the microphone."""
    arguments = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone.path}%noloop",
        f"--host-resolver-rules=MAP {LAN_HOST} 127.0.0.1",
        *flags,
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        try:
            yield browser
        finally:
            await browser.close()
