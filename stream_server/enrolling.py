"""What an organisation does with its voices: hear samples, make voices of them, list, delete; one way for all edges."""

from __future__ import annotations

import asyncio
import logging
import time
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from stream_server.diarize.enrollment import Enrollment, Quality
from stream_server.diarize.voices import Embedding
from stream_server.errors import InvalidConfiguration, NotFound, StreamServerError
from stream_server.store.voices import EnrolledAudio, Voice, VoiceStore, new_audio_id, new_voice_id
from stream_server.voices import VoiceBook

SWEEP_SECONDS = 600.0
"""How often samples that nobody made a voice of are looked for."""

MOST_AUDIOS = 20
"""Samples behind one voice: with more of them it is not known any better."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordedVoice:
    """A speaker of a record: embeddings of the named embedder, each of length one."""

    embedder: str
    embeddings: tuple[Embedding, ...]


class RecordedVoices(Protocol):
    """Finds how a speaker of a record sounds."""

    async def __call__(
        self, organisation: str, record_id: str, *, speaker: int | None, segments: Sequence[str]
    ) -> RecordedVoice:
        """Return the voice of a speaker, or the one of segments.

        Raises `NotFound` if the organisation has no such record, speaker or segment, `UnsuitableSample` if the
        segments are of several speakers or too short.
        """
        ...


class Hearer(Protocol):
    """Learns from a sample; see `hearing.SampleHearer`."""

    async def hear(self, data: AsyncIterator[bytes]) -> Enrollment:
        """Return what is learned."""
        ...


class Enroller:
    """Voices of organisations, on a store; `book` is told of changes.

    `embedder` is the network that hears samples. What was learned from a sample waits `audio_hours` for its voice.
    """

    def __init__(
        self,
        store: VoiceStore,
        book: VoiceBook,
        hearer: Hearer,
        *,
        audio_hours: float,
        recorded: RecordedVoices | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._book = book
        self._hearer = hearer
        self._audio_seconds = audio_hours * 3600
        self._recorded = recorded
        self._clock = clock
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def embedder(self) -> str:
        """Return which network's voices are recognised here."""
        return self._book.embedder

    async def start(self) -> None:
        """Begin to delete what was never used."""
        self._sweeper = asyncio.create_task(self._sweep(), name="sweep samples of voices")

    async def stop(self) -> None:
        """Stop that."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
            self._sweeper = None

    async def add_audio(self, organisation: str, data: AsyncIterator[bytes]) -> tuple[EnrolledAudio, Quality]:
        """Learn from a sample; raises what `SampleHearer.hear` raises."""
        heard = await self._hearer.hear(data)
        audio = EnrolledAudio(
            id=new_audio_id(),
            organisation=organisation,
            created_at=self._clock(),
            seconds=heard.quality.speech_seconds,
            embedder=self.embedder,
            embeddings=heard.embeddings,
        )
        await self._store.add_audio(audio)
        return audio, heard.quality

    async def enroll(self, organisation: str, name: str, audio_ids: Sequence[str], user: str | None = None) -> Voice:
        """Make a voice of samples, each of which serves once.

        Raises `InvalidConfiguration` for a bad name or number of samples, `NotFound` for an unknown sample.
        """
        if not 1 <= len(audio_ids) <= MOST_AUDIOS:
            raise InvalidConfiguration(f"audio_ids must be a list of 1 to {MOST_AUDIOS}")
        voice = self._new_voice(organisation, name, user)
        await self._store.create_voice(voice, audio_ids, self._clock() - self._audio_seconds)
        await self._book.changed(organisation)
        return voice

    async def enroll_speaker(
        self,
        organisation: str,
        name: str,
        record_id: str,
        *,
        speaker: int | None = None,
        segments: Sequence[str] = (),
        user: str | None = None,
    ) -> Voice:
        """Make a voice of a record's speaker, named by number or by segments; raises what `RecordedVoices` raises."""
        if (speaker is None) == (not segments):
            raise InvalidConfiguration("either speaker or segments must be given")
        voice = self._new_voice(organisation, name, user)
        if self._recorded is None:
            raise NotFound("there is no such record")
        found = await self._recorded(organisation, record_id, speaker=speaker, segments=segments)
        if found.embedder != self.embedder:
            raise InvalidConfiguration("record_id: the server's voice model has changed since that record")
        await self._store.add_voice(voice, found.embeddings)
        await self._book.changed(organisation)
        return voice

    async def list_voices(self, organisation: str) -> list[Voice]:
        """Return the organisation's voices, oldest first."""
        return await self._store.list_voices(organisation)

    async def delete(self, organisation: str | None, voice_id: str) -> Voice:
        """Delete a voice for good; raises `NotFound` if it is not the organisation's (None: anybody's)."""
        voice = await self._store.delete_voice(voice_id, organisation)
        self._book.forget(voice.organisation, voice.id)
        return voice

    def _new_voice(self, organisation: str, name: str, user: str | None) -> Voice:
        return Voice(
            id=new_voice_id(),
            organisation=organisation,
            name=checked_name(name),
            user=user,
            created_at=self._clock(),
            embedder=self.embedder,
        )

    async def _sweep(self) -> None:
        while True:
            try:
                await self._store.drop_audios(self._clock() - self._audio_seconds)
            except StreamServerError as error:
                _log.warning("samples of voices that nobody used cannot be deleted now (%s)", error.code)
            await asyncio.sleep(SWEEP_SECONDS)


def checked_name(name: str) -> str:
    """Return a name as it is kept: one line that can be read; the refusal does not repeat it."""
    stripped = unicodedata.normalize("NFC", name.strip())
    if not stripped or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in stripped):
        raise InvalidConfiguration("name must be a line of text")
    return stripped
