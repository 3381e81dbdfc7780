"""Plots for the page: small PNG files, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

mpl.use("Agg")

INCHES = (7.0, 2.8)
DOTS_PER_INCH = 80


def canvas(panels: int = 1, *, height: float = INCHES[1]) -> tuple[Figure, list[Any]]:
    """Return a figure and its panels, side by side."""
    figure = Figure(figsize=(INCHES[0], height), layout="constrained")
    made = list(figure.subplots(1, panels, squeeze=False)[0])
    for panel in made:
        panel.grid(visible=True, color="0.9")
        panel.set_axisbelow(True)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, made


def label(panel: Any, x: str, y: str, *, title: str = "", legend: bool = False) -> None:
    """Name the axes, which begin at zero upwards."""
    panel.set_xlabel(x)
    panel.set_ylabel(y)
    panel.set_title(title, fontsize="medium")
    panel.set_ylim(0, 1.05 * panel.get_ylim()[1])
    if legend:
        panel.legend(fontsize="small", frameon=False)


def even(panel: Any, places: Sequence[float], names: Sequence[object]) -> None:
    """Put ticks where the values are."""
    panel.set_xticks(places, [str(name) for name in names])


def save(figure: Figure, path: Path) -> None:
    """Write a PNG without the name of the program that made it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
