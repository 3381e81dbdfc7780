"""The parts of the settings that sessions obey, live and of finished recordings."""

from __future__ import annotations

from stream_server.audio.containers import ContainerLimits
from stream_server.jobs.runner import RecordingLimits
from stream_server.session.limits import Limits
from stream_server.session.load import LoadLimits
from stream_server.session.services import RunnerLimits
from stream_server.settings import Settings


def session_limits(settings: Settings) -> Limits:
    """Return the part of the settings that every session obeys."""
    return Limits(
        idle_seconds=settings.idle_seconds,
        max_session_seconds=settings.max_session_seconds,
        behind_ms=settings.lag_behind_ms,
        overloaded_ms=settings.lag_overloaded_ms,
        partial_interval_ms=settings.partial_interval_ms,
        endpointing_ms=settings.endpointing_ms,
        max_utterance_seconds=settings.max_utterance_seconds,
        start_probability=settings.vad_start_threshold,
        end_probability=settings.vad_end_threshold,
        start_ms=settings.vad_start_ms,
        before_ms=settings.vad_preroll_ms,
    )


def runner_limits(settings: Settings) -> RunnerLimits:
    """Return what a live session's connection obeys."""
    return RunnerLimits(
        handshake_seconds=settings.handshake_seconds,
        spool_memory_bytes=settings.spool_memory_bytes,
        spool_disk_bytes=settings.spool_disk_bytes,
        unheard_seconds=settings.unheard_seconds,
        outbound_bytes=settings.outbound_bytes,
    )


def container_limits(settings: Settings) -> ContainerLimits:
    """Return what the process that decodes a compressed stream obeys."""
    return ContainerLimits(memory_bytes=settings.container_memory_bytes, stall_seconds=settings.container_stall_seconds)


def recording_limits(settings: Settings) -> RecordingLimits:
    """Return what the session of a finished recording obeys."""
    return RecordingLimits(
        ahead_seconds=settings.recording_ahead_seconds,
        endpointing_ms=settings.recording_endpointing_ms,
        max_utterance_seconds=settings.recording_utterance_seconds,
    )


def load_limits(settings: Settings) -> LoadLimits:
    """Return the waits at which something is given up."""
    return LoadLimits(
        slow_partials_ms=settings.load_slow_partials_ms,
        finals_only_ms=settings.load_finals_only_ms,
        full_ms=settings.load_full_ms,
        recovery_seconds=settings.load_recovery_seconds,
    )
