"""What the page costs in a real browser: time from the microphone to the wire, and memory over a long session.

    PYTHONPATH=. python benchmarks/browser.py [--seconds 20] [--speed 40] [--minutes 3]

Capture to wire: Chromium plays real speech as a microphone into the page, which streams to a real server. A probe in
the worklet tells which sample of the sound's clock came when; one around `WebSocket.send` tells when it left. The clock
is pinned to the wall by the most prompt of the worklet's calls within a second, so a sample counts as captured when it
could be had at the earliest; what the device and Chromium take before that is not the page's and is not in the figures.

Memory: the same page hears the same session `speed` times as fast, for on the way to the server each of its frames is
replaced by so many frames of a talk. What comes back is a real server's, recognition is scripted. The heap is read
after its garbage is collected. What grows with the hours is a straight line through the second half of the session.

Writes results/browser.json.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from chapters import browser as chapter
from playwright.async_api import Browser, CDPSession, WebSocketRoute
from processes import percentile
from record import keep
from scipy.ndimage import minimum_filter1d
from speech import RATE, SHARED, clips, ring, talk

from stream_server.local_server import local_server
from tests.browser.chromium import Microphone, chromium

FRAME_BYTES = RATE // 50 * 2
SETTLE_SECONDS = 2.0
PIN_FRAMES = 50
"""A second: when a machine is too busy for its sound, the sound's clock falls behind, and is pinned anew."""
REST_SECONDS = 3.0
"""Before a reading: what waits to be sent or drawn because this machine is too slow is no memory of the page's."""

READINGS = 9
"""Of the heap in a session."""

IN_THE_WORKLET = """
const register = registerProcessor;
globalThis.registerProcessor = (name, Processor) => register(name, class extends Processor {
  #taken = 0;
  #given = 0;
  #clock = 0;
  #prompt = Infinity;
  constructor(options) {
    super(options);
    const to = options.processorOptions.sampleRate;
    const post = this.port.postMessage.bind(this.port);
    this.port.postMessage = (message, transfer) => {
      if (!message.samples) return post(message, transfer);
      this.#given += message.samples.length;
      const last = this.#clock - 1000 * (this.#taken / sampleRate - this.#given / to);
      post({ ...message, probe: [last, this.#prompt, Date.now()] }, transfer);
      this.#prompt = Infinity;
    };
  }
  process(inputs, ...others) {
    const length = inputs[0]?.[0]?.length ?? 0;
    this.#taken += length;
    this.#clock = 1000 * (currentFrame + length) / sampleRate;
    if (length) this.#prompt = Math.min(this.#prompt, Date.now() - this.#clock);
    return super.process(inputs, ...others);
  }
});
"""

IN_THE_PAGE = """(source) => {
  window.probe = { frames: [], sends: [] };
  const add = AudioWorklet.prototype.addModule;
  AudioWorklet.prototype.addModule = async function (...given) {
    await add.call(this, "data:text/javascript," + encodeURIComponent(source));
    return add.apply(this, given);
  };
  const Node = AudioWorkletNode;
  window.AudioWorkletNode = class extends Node {
    constructor(...given) {
      super(...given);
      this.port.addEventListener("message", ({ data }) => {
        if (data.probe) probe.frames.push([data.samples.length, ...data.probe, Date.now()]);
      });
    }
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    send.call(this, data);
    if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) probe.sends.push([data.byteLength / 2, Date.now()]);
  };
}"""
"""The listener comes before the page's own, so a frame's arrival is noted before what the page does with it."""


async def capture_to_wire(browser: Browser, url: str, seconds: float) -> dict[str, Any]:
    """Return how late samples leave, in milliseconds, and where the time goes."""
    context = await browser.new_context(bypass_csp=True)  # the page's policy lets no probe in
    page = await context.new_page()
    await page.add_init_script(f"({IN_THE_PAGE})({IN_THE_WORKLET!r})")
    await page.goto(url)
    await page.locator("body[data-ready]").wait_for()
    await page.locator("#start").click()
    await page.locator("#live-bar[data-state=open]").wait_for()
    await asyncio.sleep(SETTLE_SECONDS)
    before = await page.evaluate("probe.sends.length")
    await asyncio.sleep(seconds)
    probe = await page.evaluate("probe")
    latency = await page.evaluate("new AudioContext({ latencyHint: 'interactive' }).baseLatency * 1000")
    await context.close()
    return {"seconds": seconds, "base_latency_ms": latency} | lateness(probe, before)


def lateness(probe: dict[str, Any], before: int) -> dict[str, Any]:
    """Compare when samples left with when they could be had; what was sent while the session opened is left out."""
    sent, frames = np.array(probe["sends"], float), np.array(probe["frames"], float)
    given, sent_until = np.cumsum(frames[:, 0]), np.cumsum(sent[:, 0])
    carried = np.searchsorted(given, sent_until[before:])
    pins = minimum_filter1d(frames[:, 2], PIN_FRAMES)[carried]
    whole = sent[before:, 1] - frames[carried, 1] - pins
    thread = (frames[:, 4] - frames[:, 3])[before:]
    oldest = whole + 1000 * sent[before:, 0] / RATE
    parts = {"last_sample_ms": whole, "first_sample_ms": oldest, "thread_to_page_ms": thread}
    return {"sends": len(whole), "clock_behind_ms": float(pins.max() - pins.min())} | {
        name: [percentile(list(map(float, values)), share) for share in (0.5, 0.95, 1.0)]
        for name, values in parts.items()
    }


class Hastened:
    """Stands between the page and the server and says a whole talk in the time in which the page says a part of it."""

    def __init__(self, speed: int) -> None:
        self.speed = speed
        self.rests = False
        self.heard_seconds = 0.0
        said = ring(clips(), pause_seconds=0.8, grid=FRAME_BYTES // 2).audio
        self._talk = said.astype("<i2").tobytes() * 2
        self._period = len(self._talk) // 2
        self._at = 0

    def __call__(self, route: WebSocketRoute) -> None:
        """Take a websocket of the page's."""
        server = route.connect_to_server()
        route.on_message(lambda message: server.send(message if isinstance(message, str) else self._more(message)))
        server.on_message(route.send)

    def _more(self, frame: bytes) -> bytes:
        if self.rests:
            return bytes(len(frame))
        self.heard_seconds += len(frame) * self.speed / 2 / RATE
        return b"".join(self._next(len(frame)) for _ in range(self.speed))

    def _next(self, size: int) -> bytes:
        first, self._at = self._at, (self._at + size) % self._period
        return self._talk[first : first + size]


async def memory(browser: Browser, url: str, speed: int, minutes: float) -> dict[str, Any]:
    """Return the readings of heap and document over a session, and what an hour adds."""
    context = await browser.new_context()
    page = await context.new_page()
    hastened = Hastened(speed)
    await page.route_web_socket("**/v1/stream", hastened)
    await page.goto(url)
    await page.locator("body[data-ready]").wait_for()
    await page.locator("#start").click()
    await page.locator("#live-bar[data-state=open]").wait_for()
    debugger = await context.new_cdp_session(page)
    readings = []
    for _ in range(READINGS):
        await asyncio.sleep(minutes * 60 / READINGS)
        hastened.rests = True
        await asyncio.sleep(REST_SECONDS)
        pieces = await page.locator("#live-turns [data-piece]").count()
        readings.append({"hours": hastened.heard_seconds / 3600, "pieces": pieces} | await footprint(debugger))
        hastened.rests = False
        print(readings[-1], flush=True)
    await context.close()
    late = readings[READINGS // 2 :]
    hours = [reading["hours"] for reading in late]
    slopes = {
        name: float(np.polyfit(hours, [reading[name] for reading in late], 1)[0]) for name in ("heap_bytes", "nodes")
    }
    return {"speed": speed, "readings": readings, "per_hour": slopes}


async def footprint(debugger: CDPSession) -> dict[str, float]:
    """Return what the page holds once its garbage is collected."""
    await debugger.send("HeapProfiler.collectGarbage")
    heap = await debugger.send("Runtime.getHeapUsage")
    counters = await debugger.send("Memory.getDOMCounters")
    return {
        "heap_bytes": heap["usedSize"],
        "buffer_bytes": heap.get("backingStorageSize", 0),
        "nodes": counters["nodes"],
        "listeners": counters["jsEventListeners"],
    }


async def run(seconds: float, speed: int, minutes: float) -> dict[str, Any]:
    """Measure both, each with a server and a browser of its own."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as directory:
        microphone = Microphone(Path(directory))
        spoken = seconds + 2 * SETTLE_SECONDS
        microphone.hears(talk(clips(SHARED), spoken).audio, RATE)
        async with chromium(microphone) as browser:
            figures["browser"] = browser.version
            for name, measure in (
                ("wire", lambda url: capture_to_wire(browser, url, seconds)),
                ("memory", lambda url: memory(browser, url, speed, minutes)),
            ):
                data = Path(directory) / name
                data.mkdir()
                async with local_server(data, ["--engine", "scripted", "--diarization", "false"]) as url:
                    figures[name] = await measure(url)
                print(figures[name], flush=True)
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="of speech from the microphone to the wire")
    parser.add_argument("--speed", type=int, default=40, help="how much faster than speech the long session runs")
    parser.add_argument("--minutes", type=float, default=3, help="for how long it runs")
    options = parser.parse_args()
    figures = asyncio.run(run(options.seconds, options.speed, options.minutes))
    keep("browser", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
