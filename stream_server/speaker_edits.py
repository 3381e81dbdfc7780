"""What people change about a record's speakers: their names, who is whom, and who is enrolled.

Words and times never change. Each change is one `Revised`: of a running session the session itself tells it, to its
client and to its record; of a finished one it is written here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from stream_server.diarize.recognition import EnrolledVoice, RecognitionLimits, recognise
from stream_server.enrolling import checked_name
from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.events import Command, MergeSpeakers, RenameSpeaker, Revised
from stream_server.record_voices import RecordVoices
from stream_server.store.records import Entry, RecordStore, Revise, Transcript


@dataclass(frozen=True, slots=True)
class Recognised:
    """A record's speaker and the enrolled voice that it is like; `score` is their cosine. None: like none enough."""

    speaker: int
    voice: EnrolledVoice | None
    score: float | None


class SpeakerEdits:
    """Changes speakers of an organisation's records.

    `tell` hands a command to a running session and returns whether it took it, `flush` writes down what sessions have
    told; `enrolled` asks for an organisation's voices.
    """

    def __init__(
        self,
        records: RecordStore,
        voices: RecordVoices,
        *,
        tell: Callable[[str, Command], bool],
        flush: Callable[[], Awaitable[object]],
        enrolled: Callable[[str], Awaitable[Sequence[EnrolledVoice]]],
        limits: RecognitionLimits | None = None,
    ) -> None:
        self._records = records
        self._voices = voices
        self._tell = tell
        self._flush = flush
        self._enrolled = enrolled
        self._limits = limits or RecognitionLimits()
        self._one_at_a_time = asyncio.Lock()

    async def rename(self, organisation: str, record_id: str, speaker: int, name: str | None) -> None:
        """Call a speaker so in all that was said; raises `NotFound` for an unknown record or speaker."""
        name = None if name is None else checked_name(name)
        await self._transcript(organisation, record_id, speaker)
        if not self._tell(record_id, RenameSpeaker(speaker=speaker, name=name)):
            revised = Revised(sequence=0, reason="renamed", names=((speaker, name),))
            await self._revise(organisation, record_id, revised)

    async def merge(self, organisation: str, record_id: str, old: int, new: int) -> None:
        """Say that two speakers are one; raises `NotFound` as `rename`, `InvalidConfiguration` for one speaker."""
        if old == new:
            raise InvalidConfiguration("a speaker cannot be merged with itself")
        await self._transcript(organisation, record_id, old, new)
        if not self._tell(record_id, MergeSpeakers(old=old, new=new)):
            await self._revise(organisation, record_id, Revised(sequence=0, reason="merged", merged=((old, new),)))

    async def recognise(self, organisation: str, record_id: str) -> list[Recognised]:
        """Compare a finished record's speakers with the voices that are enrolled now, and name those that are known.

        Who is like nobody keeps the name that somebody gave. Raises `NotFound`, and `InvalidConfiguration` while the
        session runs: there voices are recognised as it goes.
        """
        transcript = await self._transcript(organisation, record_id)
        if transcript.record.ended_at is None:
            raise InvalidConfiguration("record_id: the session runs; its voices are recognised as it goes")
        kept = await self._voices.find(organisation, record_id)
        voices = {speaker: voice for speaker, voice in kept.items() if speaker in transcript.speakers}
        found = recognise(list(voices.values()), await self._enrolled(organisation), self._limits)
        names = {speaker: match.voice.name for speaker, match in zip(voices, found, strict=True) if match is not None}
        if changed := tuple((each, name) for each, name in names.items() if transcript.speakers.get(each) != name):
            await self._revise(organisation, record_id, Revised(sequence=0, reason="recognised", names=changed))
        return [
            Recognised(speaker, match.voice if match else None, match.score if match else None)
            for speaker, match in zip(voices, found, strict=True)
        ]

    async def _transcript(self, organisation: str, record_id: str, *speakers: int) -> Transcript:
        await self._flush()  # a speaker may have been told a moment ago
        transcript = await self._records.find_transcript(organisation, record_id)
        if not set(speakers) <= transcript.speakers.keys():
            raise NotFound("the record has no such speaker")
        return transcript

    async def _revise(self, organisation: str, record_id: str, revised: Revised) -> None:
        """Write a revision of a record that nobody else writes any more, with the next number.

        Raises `InvalidConfiguration` while it is written elsewhere.
        """
        async with self._one_at_a_time:
            await self._flush()  # what the session told last comes first
            transcript = await self._records.find_transcript(organisation, record_id)
            if transcript.record.ended_at is None:
                raise InvalidConfiguration("record_id: the session runs on another server, or is just ending")
            last = max([transcript.record.revision, *(segment.sequence for segment in transcript.segments)])
            numbered = replace(revised, sequence=last + 1)
            entry = Entry(organisation=organisation, record_id=record_id, change=Revise(revised=numbered))
            await self._records.write([entry])
