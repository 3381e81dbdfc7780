"""How the speakers of a record sound: written at its end, sealed; read to enroll one of them or to name them all.

A record keeps one embedding a speaker, the mean over all that was heard of that voice alone. It opens for its own
record only, and goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgpack
import numpy as np

from stream_server.diarize.voices import Embedding
from stream_server.enrolling import RecordedVoice
from stream_server.errors import NotFound, UnsuitableSample
from stream_server.store.records import Embeddings, RecordStore
from stream_server.store.sealing import Seal, SealBroken

ALL_TRACKS = 0
"""Speakers' ids are the session's, whatever their track, so that one row of a record holds them all."""


class RecordVoices:
    """Reads and writes how a record's speakers sound. `embedder` is the network that heard them."""

    def __init__(self, store: RecordStore, seal: Seal, embedder: str) -> None:
        self._store = store
        self._seal = seal
        self.embedder = embedder

    def sealed(self, record_id: str, voices: Mapping[int, Embedding]) -> bytes:
        """Return what is written down of a record's speakers, by id."""
        packed = msgpack.packb({speaker: voice.astype("<f4").tobytes() for speaker, voice in voices.items()})
        return self._seal.seal(packed, _row(record_id))

    async def find(self, organisation: str, record_id: str) -> dict[int, Embedding]:
        """Return how each speaker sounds, by id; nothing where voices were not told apart, or by another network.

        Raises `NotFound` if the organisation has no such record.
        """
        found: dict[int, Embedding] = {}
        for kept in await self._store.find_embeddings(organisation, record_id):
            if kept.model == self.embedder:
                found |= self._opened(record_id, kept)
        return found

    async def __call__(
        self, organisation: str, record_id: str, *, speaker: int | None, segments: Sequence[str]
    ) -> RecordedVoice:
        """Return the voice of a speaker, or of the one who said all of these segments (utterances' ids)."""
        voices = await self.find(organisation, record_id)
        if speaker is None:
            speaker = await self._speaker_of(organisation, record_id, segments)
        if speaker not in voices:
            raise NotFound("nothing is kept of how that speaker of the record sounds")
        return RecordedVoice(self.embedder, (voices[speaker],))

    async def _speaker_of(self, organisation: str, record_id: str, segments: Sequence[str]) -> int:
        transcript = await self._store.find_transcript(organisation, record_id)
        said = {segment.utterance_id: segment for segment in transcript.segments}
        if not set(segments) <= said.keys():
            raise NotFound("the record has no such segment")
        speakers = {word.speaker for name in segments for word in said[name].words} - {None}
        if len(speakers) != 1:
            raise UnsuitableSample(f"the segments are of {len(speakers)} speakers; they must be of one")
        (speaker,) = speakers
        assert speaker is not None  # taken out above
        return speaker

    def _opened(self, record_id: str, kept: Embeddings) -> dict[int, Embedding]:
        """Return what one row holds; one that this server's key does not open holds nothing for it."""
        try:
            packed = self._seal.open(kept.vectors, _row(record_id))
        except SealBroken:
            return {}
        voices = msgpack.unpackb(packed, strict_map_key=False)
        return {speaker: np.frombuffer(vector, "<f4").astype(np.float32) for speaker, vector in voices.items()}


def _row(record_id: str) -> str:
    return f"record:{record_id}"
