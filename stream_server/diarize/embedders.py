"""Which embedder a graph is of: told by the name and the shape of what it takes."""

from __future__ import annotations

from pathlib import Path

from stream_server.diarize.embedder import Embedder, Ge2eEmbedder
from stream_server.diarize.inference import Shape, input_of
from stream_server.diarize.wespeaker import WespeakerEmbedder
from stream_server.errors import ModelUnavailable


def open_embedder(graph: Path, *, threads: int = 1) -> Embedder:
    """Return an embedder on a graph; raises `ModelUnavailable` for one that is neither's, or that lacks a library."""
    name, shape = input_of(graph)
    if _is_ge2e(name, shape):
        return Ge2eEmbedder(graph, threads=threads)
    if _is_wespeaker(name, shape):
        return WespeakerEmbedder(graph, threads=threads)
    raise ModelUnavailable(
        f"{graph.name} is no known speaker embedder: it takes {name} {list(shape)}, "
        "GE2E takes mels [batch, 160, 40] and WeSpeaker's networks take feats [batch, frames, 80]"
    )


def _is_ge2e(name: str, shape: Shape) -> bool:
    """Tell whether it takes 40 mels, and 160 frames if not any number."""
    return name == "mels" and len(shape) == 3 and shape[2] == 40 and (shape[1] == 160 or not isinstance(shape[1], int))


def _is_wespeaker(name: str, shape: Shape) -> bool:
    """Tell whether it takes 80 mels, and any number of frames."""
    return name == "feats" and len(shape) == 3 and shape[2] == 80 and not any(isinstance(n, int) for n in shape[:2])
