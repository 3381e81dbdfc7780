"""The contract of enrolled voices: what was learned from samples, the voices made of it, each an organisation's own.

Voices are biometric data: embeddings are sealed wherever they are kept, samples are not kept at all, and what is
deleted is gone. Embeddings of one embedder mean nothing to another, so each row names the one that it belongs to. Times
are POSIX seconds given by the caller. Every operation raises `StoreUnavailable` when the database cannot be reached.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_server.diarize.recognition import EnrolledVoice
from stream_server.diarize.voices import Embedding


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """An enrolled voice. `user` is the opaque id of whom it belongs to, `embedder` the network that heard it.

    `readable` says whether this server's key opens it.
    """

    id: str
    organisation: str
    name: str
    user: str | None = None
    created_at: float = 0.0
    embedder: str
    readable: bool = True

    def needs_enrollment(self, embedder: str) -> bool:
        """Tell whether the voice must be enrolled again before `embedder` knows it."""
        return self.embedder != embedder or not self.readable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EnrolledAudio:
    """What was learned from one sample, until a voice is made of it; `seconds` of speech."""

    id: str
    organisation: str
    created_at: float
    seconds: float
    embedder: str
    embeddings: tuple[Embedding, ...]


def new_voice_id() -> str:
    """Return the id of a voice."""
    return f"voice_{secrets.token_hex(8)}"


def new_audio_id() -> str:
    """Return the id of a sample: random enough that nobody guesses another's."""
    return f"audio_{secrets.token_hex(16)}"


class VoiceStore(Protocol):
    """Enrolled voices, shared by every process of an installation."""

    async def add_audio(self, audio: EnrolledAudio) -> None:
        """Keep what was learned from a sample."""

    async def find_audios(self, organisation: str, audio_ids: Sequence[str], since: float) -> list[EnrolledAudio]:
        """Return those of the organisation that are no older than `since`, in the order of `audio_ids`."""

    async def drop_audios(self, before: float) -> int:
        """Delete what was learned earlier and never used; return how many there were."""

    async def create_voice(self, voice: Voice, audio_ids: Sequence[str], since: float) -> None:
        """Make a voice of samples, which are used up.

        Raises `NotFound` unless all are there, are the organisation's and no older than `since`, and
        `InvalidConfiguration` if another embedder than the voice's heard one of them. Then nothing is changed.
        """

    async def add_voice(self, voice: Voice, embeddings: Sequence[Embedding]) -> None:
        """Make a voice of embeddings."""

    async def list_voices(self, organisation: str) -> list[Voice]:
        """Return the organisation's voices, oldest first."""

    async def delete_voice(self, voice_id: str, organisation: str | None) -> Voice:
        """Delete for good and return what it was.

        Raises `NotFound` if it is not the organisation's (None: anybody's).
        """

    async def all_embeddings(self, organisation: str, embedder: str) -> list[EnrolledVoice]:
        """Return the organisation's voices that `embedder` knows, oldest first."""
