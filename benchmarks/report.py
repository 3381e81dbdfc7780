"""Write docs/benchmarks.md and its plots from the results: the page is never typed.

    python benchmarks/report.py

With `BENCHMARK_RESULTS` set the page is written beside those results.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from chapters import (
    browser,
    capacity,
    detection,
    engine,
    enrollment,
    fifty_recordings,
    formatting,
    gpu,
    gpu_engine,
    ingest,
    load_and_words,
    memory,
    overload,
    peers,
    recordings,
    recordings_beside,
    restoring,
    sessions,
    soak,
    speakers,
    tagging,
    words,
)
from chapters.plots import save
from record import ELSEWHERE, HERE, RESULTS, load

PAGE = RESULTS / "benchmarks.md" if ELSEWHERE else HERE.parent / "docs" / "benchmarks.md"
IMAGES = PAGE.parent / "images" / "benchmarks"

HEAD = """# Benchmarks

What this server does, measured. Each table comes from `benchmarks/results/`, with the machine, the commit and the
command that repeats it; `python benchmarks/report.py` writes this page. Absolute times belong to the machine that gave
them: on shared machines they differ by a factor of three between days. The recordings are not part of the repository;
any folder with a `manifest.json` of the same form will do. `make bench` runs a short form of everything.
"""


SECTIONS: tuple[tuple[str, str, ModuleType], ...] = (
    ("Capacity", "capacity_*", capacity),
    ("Beside other servers", "peers", peers),
    ("Words, live against offline", "live_accuracy_*", words),
    ("Words under load", "load_and_words", load_and_words),
    ("Twice the load", "overload", overload),
    ("Half an hour and more", "soak", soak),
    ("Speech without a pause", "soak_unbroken", soak),
    ("Memory", "memory", memory),
    ("From the socket to the gate", "ingest", ingest),
    ("Many sessions", "many_sessions", sessions),
    ("Speech detection", "vad", detection),
    ("The engine", "engine_*", engine),
    ("On a GPU", "gpu", gpu),
    ("The engine on a GPU", "gpu_engine_*", gpu_engine),
    ("Who speaks", "diarization", speakers),
    ("Who is known by name", "enrollment", enrollment),
    ("Voices told apart live", "tagging", tagging),
    ("Text people can read", "formatting", formatting),
    ("Marks and capitals", "restoring", restoring),
    ("In a browser", "browser", browser),
    ("Finished recordings", "recordings", recordings),
    ("Recordings of two organisations", "fifty_recordings", fifty_recordings),
    ("Live sessions beside recordings", "recordings_beside", recordings_beside),
)
"""Title, result and chapter; a star stands for a model's name, which the title then carries."""


def page() -> str:
    """Return the whole page; draw its plots."""
    sections = [
        section(title if name == pattern else f"{title}: {name.removeprefix(pattern[:-1])}", name, chapter)
        for title, pattern, chapter in SECTIONS
        for name in names(pattern)
    ]
    return "\n".join([HEAD, *sections])


def names(pattern: str) -> list[str]:
    """Return the results that a pattern stands for, small models first."""
    return [path.stem for path in sorted(RESULTS.glob(f"{pattern}.json"), key=lambda path: (order(path), path.stem))]


def order(path: Path) -> int:
    """Return the place of a model among those whose order is not the alphabet's."""
    known = ("tiny.en", "tiny", "base.en", "base", "small.en", "small")
    model = path.stem.rpartition("_")[2]
    return known.index(model) if model in known else len(known)


def section(title: str, name: str, chapter: ModuleType) -> str:
    """Return what a chapter says of a result, with its plot."""
    result = load(name)
    assert result is not None
    parts = [f"## {title}\n", origin(result), chapter.body(result["figures"])]
    if hasattr(chapter, "plot"):
        image = IMAGES / f"{name}.png"
        save(chapter.plot(result["figures"]), image)
        parts.append(f"![{title}]({image.relative_to(PAGE.parent)})\n")
    return "\n".join(parts)


def origin(result: dict[str, Any]) -> str:
    """Say where figures come from."""
    return f"*`{result['command']}`; commit {result['commit']}; {result['machine']}.*\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written to {PAGE}")


if __name__ == "__main__":
    main()
