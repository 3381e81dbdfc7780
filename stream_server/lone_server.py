"""A server for the time being, for a command that finds none: it hears as the installation does and is no part of it.

Its data are in a temporary directory and go with it: nothing of what was said stays behind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stream_server.local_server import local_server, passing_directory
from stream_server.settings import Settings, bare_environment

HEARING = (
    *("engine", "model", "device", "compute_type", "device_replicas", "cpu_threads", "final_beam_size", "max_batch"),
    *("diarization", "speaker_embedder", "speaker_segmentation", "recording_endpointing_ms"),
    *("recording_utterance_seconds", "max_recording_seconds", "max_active_recordings"),
)
"""Settings that a server for the time being shares with the installation. The others would make it a part of that one,
and it would take jobs whose media it does not have.
"""

LENT = ("models", "networks", "profiles")
"""What was fetched into the installation's data directory before."""


@asynccontextmanager
async def lone_server(settings: Settings) -> AsyncIterator[str]:
    """Run a server of our own as long as the block runs; yield its URL. Raises `ServerDied` if it does not start."""
    async with passing_directory("stream-server-files-") as directory:
        for name in LENT:
            if (settings.data_directory / name).is_dir():
                (directory / name).symlink_to(settings.data_directory.resolve() / name)
        async with local_server(directory, serve_options(settings), bare_environment()) as url:
            yield url


def serve_options(settings: Settings) -> list[str]:
    """Return the flags with which a server hears as the settings say."""
    values = {name: getattr(settings, name) for name in HEARING}
    usual = {name: Settings.model_fields[name].default for name in HEARING}
    chosen = {name: value for name, value in values.items() if value != usual[name]}
    return [part for name, value in chosen.items() for part in (f"--{name.replace('_', '-')}", str(value))]
