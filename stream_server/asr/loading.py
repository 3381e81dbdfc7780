"""From names to an engine: find the model, load it, warm it up."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stream_server.asr.arenas import share_arenas
from stream_server.asr.engine import Engine
from stream_server.errors import StartupError

Progress = Callable[[str, int, int], None]

MOST_CPU_REPLICAS = 4
"""Models that run at once on one CPU: enough to keep partials out of finals' way, few enough to leave each threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineWish:
    """What the operator asked for; "auto" leaves a choice open. `device` may name several, with commas."""

    engine: Literal["whisper", "scripted"]
    model: str
    device: str
    compute_type: str
    replicas: int
    cpu_threads: int
    final_beam_size: int
    max_batch: int
    data_directory: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What would run and why.

    `device` names one or several, with commas. `path` is None where a model must still be fetched, or none is needed.
    """

    engine: str
    model: str
    device: str
    compute_type: str
    path: Path | None
    verified: bool
    reason: str
    advice: str = ""


def find_engine(wish: EngineWish, *, allow_download: bool, progress: Progress | None = None) -> Found:
    """Decide what runs, without loading it. Raises `ModelUnavailable` or `StartupError`."""
    if wish.engine == "scripted":
        return Found(
            engine="scripted", model="scripted", device="cpu", compute_type="none", path=None, verified=True,
            reason="asked for; it makes up words and recognises none",
        )  # fmt: skip
    from stream_server.asr.choice import choose_model
    from stream_server.asr.models import resolve
    from stream_server.asr.whisper import resolve_compute_type, resolve_device

    devices = wish.device.split(",")
    for each in devices:
        _check_device(each)
    device = devices[0] if devices[0].startswith("cuda:") else resolve_device(devices[0])
    reason, advice, name = f"{wish.model} was asked for", "", wish.model
    if wish.model == "auto":
        choice = choose_model(devices[0], wish.data_directory, allow_download=allow_download, progress=progress)
        resolved, reason, advice, name = choice.resolved, choice.reason, choice.advice, choice.model
    else:
        resolved = resolve(wish.model, wish.data_directory, allow_download=allow_download, progress=progress)
        reason = f"{reason}; found in the {resolved.source}"
    return Found(
        engine="whisper",
        model=name if resolved is None else resolved.name,
        device=",".join([device, *devices[1:]]),
        compute_type=resolve_compute_type(wish.compute_type, device.partition(":")[0]),
        path=None if resolved is None else resolved.path,
        verified=resolved is not None and resolved.verified,
        reason=reason,
        advice=advice,
    )


def load_engines(found: Found, wish: EngineWish) -> list[Engine]:
    """Load what was found, once for each device, and run each once; replicas on a device share its weights.

    The thread that calls this need not be the one that owns an engine later.
    """
    share_arenas()
    devices = found.device.split(",")
    return [engine for device in devices for engine in _make_engines(found, device, wish, len(devices))]


def share_cores(cores: int, devices: int, *, replicas: int = 0, threads: int = 0) -> tuple[int, int]:
    """Return how many models one of `devices` on this machine's CPU runs at once, and the threads of each.

    Zero leaves a choice open. One thread a model does most work per core: on two cores two models of one thread each
    encode twice the windows of one model with two, and no window waits longer (benchmarks/engine.py). With many cores a
    window would take too long on one of them.
    """
    mine = max(1, cores // devices)
    chosen = replicas or min(MOST_CPU_REPLICAS, max(1, mine // threads) if threads else mine)
    return chosen, threads or max(1, mine // chosen)


def _make_engines(found: Found, on: str, wish: EngineWish, devices: int) -> list[Engine]:
    if found.path is None:
        from stream_server.asr.scripted import ScriptedEngine

        return [ScriptedEngine()]
    from stream_server.asr.whisper import WhisperEngine, resolve_compute_type
    from stream_server.asr.windows import find_profile

    device, _, index = on.partition(":")
    replicas, threads = wish.replicas or 1, wish.cpu_threads
    if device == "cpu":
        replicas, threads = share_cores(available_cores(), devices, replicas=wish.replicas, threads=wish.cpu_threads)
    engine = WhisperEngine(
        found.path,
        name=found.model,
        device=device,
        device_index=int(index or 0),
        compute_type=resolve_compute_type(wish.compute_type, device),
        replicas=replicas,
        cpu_threads=threads,
        final_beam=wish.final_beam_size,
        max_batch=wish.max_batch or None,
        profile=find_profile(found.model, wish.data_directory),
    )
    engine.warm_up()
    return [engine, *(engine.replica() for _ in range(replicas - 1))]


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_device(device: str) -> None:
    """Refuse a GPU that is not there."""
    if not device.startswith("cuda"):
        return
    import ctranslate2

    count = ctranslate2.get_cuda_device_count()
    if int(device.partition(":")[2] or 0) >= count:
        raise StartupError(f"setting device: there is no {device} here; CTranslate2 sees {count} CUDA devices")
