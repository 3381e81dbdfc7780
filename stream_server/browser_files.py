"""Where the files lie that browsers load: the page, and the JavaScript package that it is made with."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).with_name("page")

PACKAGED = Path(__file__).with_name("javascript")
"""Where a wheel has the package; pyproject.toml puts it there."""

IN_CHECKOUT = Path(__file__).resolve().parents[1] / "clients" / "js" / "src"


def find_javascript() -> Path:
    """Return the folder of the package's modules: the wheel's own, else the one beside us in a checkout."""
    return PACKAGED if PACKAGED.is_dir() else IN_CHECKOUT
