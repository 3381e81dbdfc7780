"""What the page says of itself in a browser: how late sound leaves it, and what hours of captions add to it."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, label
from chapters.tables import table

MOST_MS = 40
"""What capture may add."""

HOURS = 2
"""How long a session has to stay small."""

PARTS = (
    ("last_sample_ms", "a frame's last sample, from when it could be had to `WebSocket.send`"),
    ("first_sample_ms", "its first sample, so with the 20 ms in which the frame fills"),
    ("thread_to_page_ms", "of these, from the sound's thread to the page's"),
)


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    return "\n".join([_wire(figures["wire"], figures["browser"]), _memory(figures["memory"])])


def _wire(wire: dict[str, Any], version: str) -> str:
    words = (
        f"From the microphone to the wire, Chromium {version}, {wire['sends']} frames of {wire['seconds']:.0f} s; to "
        f"be under {MOST_MS} ms. Included are the blocks in which the browser calls the worklet, the resampler, the "
        "frame, the way to the page's thread and the client. What the device and the browser take before the first "
        "call is not: a sample counts from the moment at which the most prompt call would have had it within "
        f"a second. In this time the sound's own clock fell behind by {wire['clock_behind_ms']:.0f} ms, as it does on "
        "machines that are too busy. Clocks tick in milliseconds:\n"
    )
    return f"{words}\n{table(('', 'p50, ms', 'p95, ms', 'most, ms'), [(name, *wire[key]) for key, name in PARTS])}"


def _memory(memory: dict[str, Any]) -> str:
    slopes, last = memory["per_hour"], memory["readings"][-1]
    words = (
        f"Memory of the live view, a session {memory['speed']} times as fast as speech, {last['hours']:.2f} hours of "
        f"it: an hour of speech adds {slopes['heap_bytes'] / 1e6:.2f} MB to the heap after garbage collection and "
        f"{slopes['nodes']:.0f} nodes to the document (the slope over the second half), "
        f"{HOURS * slopes['heap_bytes'] / 1e6:.1f} MB in {HOURS} hours if it goes on so; the transcript is among it.\n"
    )
    rows = [
        (f"{each['hours']:.2f}", each["pieces"], each["heap_bytes"] / 1e6, each["buffer_bytes"] / 1e6, each["nodes"])
        for each in memory["readings"][::2]
    ]
    head = ("hours of speech", "pieces of transcript", "heap, MB", "buffers, MB", "nodes")
    return f"{words}\n{table(head, rows)}"


def plot(figures: dict[str, Any]) -> Figure:
    """Draw the heap against hours of speech."""
    figure, (panel,) = canvas()
    readings = figures["memory"]["readings"]
    panel.plot([each["hours"] for each in readings], [each["heap_bytes"] / 1e6 for each in readings], marker="o")
    panel.set_ylim(bottom=0)
    label(panel, "hours of speech", "heap after collection, MB")
    return figure
