"""What the page says of a CUDA device on which the engine alone was measured."""

from __future__ import annotations

from typing import Any

from chapters import gpu


def body(figures: dict[str, Any]) -> str:
    """Return the words and table."""
    return f"Devices: {', '.join(figures['devices'])}.\n\n{gpu.speed(figures)}"
