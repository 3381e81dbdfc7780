"""A recording's transcript as Deepgram answers it.

Every field of `metadata` is required by one client or another. Nothing at the top level is called `request_id`: there
it means to clients that the result comes later, to a callback.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stream_server.compat.deepgram.errors import request_id
from stream_server.compat.deepgram.messages import Model, write_metadata
from stream_server.compat.deepgram.parameters import Listen
from stream_server.compat.deepgram.passages import paragraphs, utterances
from stream_server.compat.deepgram.words import (
    Spoken,
    confidence,
    language_code,
    with_every_speaker,
    write_alternative,
    write_text,
)
from stream_server.protocol.codec import Message
from stream_server.store.records import Segment, Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is told of a request's audio; `session_id` is the request's, `created` in POSIX seconds."""

    session_id: str
    sha256: str
    created: float


def write_response(transcript: Transcript, listen: Listen, source: Source, model: Model) -> Message:
    """Return the whole answer."""
    record = transcript.record
    channels = [_words(transcript, track, listen) for track in range(len(record.tracks))]
    results: Message = {
        "channels": [_channel(words, transcript.segments, track, listen) for track, words in enumerate(channels)]
    }
    identity = request_id(source.session_id)
    if listen.utterances:
        results["utterances"] = _utterances(channels, listen, identity)
    metadata = write_metadata(
        request_id=identity,
        sha256=source.sha256,
        created=source.created,
        duration=(record.end_sample or 0) / record.clock_rate,
        channels=len(channels),
        model=model,
    )
    return {"metadata": metadata, "results": results}


def _words(transcript: Transcript, track: int, listen: Listen) -> list[Spoken]:
    """Return a channel's words in the order of time."""
    rate = transcript.record.clock_rate
    said = []
    for segment in sorted(transcript.segments, key=lambda segment: segment.start):
        if segment.track != track:
            continue
        code = language_code(segment.language) if listen.multilingual else None
        for word, speaker in zip(segment.words, segment.speakers, strict=True):
            said.append(
                Spoken(
                    text=word.text,
                    start=word.start / rate,
                    end=word.end / rate,
                    confidence=word.confidence,
                    speaker=speaker - 1 if listen.diarize and speaker is not None else None,
                    language=code,
                )
            )
    words = [word for word in said if word.bare]
    return with_every_speaker(words) if listen.diarize else words


def _channel(words: Sequence[Spoken], segments: Sequence[Segment], track: int, listen: Listen) -> Message:
    alternative = write_alternative(words, formatted=listen.formatted)
    if listen.paragraphs:
        alternative["paragraphs"] = _paragraphs(words, listen)
    languages = _languages(segments, track)
    if listen.multilingual:
        alternative["languages"] = list(languages)
    channel: Message = {"alternatives": [alternative]}
    if listen.detect_language and languages:
        [(language, count)] = languages.most_common(1)
        channel |= {"detected_language": language, "language_confidence": round(count / languages.total(), 4)}
    return channel


def _languages(segments: Sequence[Segment], track: int) -> Counter[str]:
    """Return how many words are in each language."""
    languages: Counter[str] = Counter()
    for segment in segments:
        if segment.track == track and (code := language_code(segment.language)):
            languages[code] += len(segment.words)
    return languages


def _paragraphs(words: Sequence[Spoken], listen: Listen) -> Message:
    groups = paragraphs(words)
    entries, texts = [], []
    speaker: int | None = None
    for group in groups:
        said = [word for sentence in group for word in sentence]
        entry: dict[str, Any] = {
            "sentences": [_sentence(sentence, listen) for sentence in group],
            "num_words": len(said),
            "start": round(said[0].start, 3),
            "end": round(said[-1].end, 3),
        }
        text = write_text(said, formatted=listen.formatted)
        if listen.diarize:
            entry["speaker"] = said[0].speaker
            text = text if said[0].speaker == speaker else f"Speaker {said[0].speaker}: {text}"
            speaker = said[0].speaker
        entries.append(entry)
        texts.append(text)
    return {"transcript": "".join(f"\n{text}\n" for text in texts).rstrip("\n"), "paragraphs": entries}


def _sentence(words: Sequence[Spoken], listen: Listen) -> Message:
    text = write_text(words, formatted=listen.formatted)
    return {"text": text, "start": round(words[0].start, 3), "end": round(words[-1].end, 3)}


def _utterances(channels: Sequence[Sequence[Spoken]], listen: Listen, identity: str) -> list[Message]:
    """Return the utterances of every channel in the order of time; their ids are made of the request's."""
    said = [
        (track, words)
        for track, spoken in enumerate(channels)
        for words in utterances(spoken, listen.utterance_split_seconds)
    ]
    said.sort(key=lambda each: (each[1][0].start, each[0]))
    return [
        _utterance(words, track, listen, str(uuid.uuid5(uuid.UUID(identity), str(number))))
        for number, (track, words) in enumerate(said)
    ]


def _utterance(words: Sequence[Spoken], track: int, listen: Listen, identity: str) -> Message:
    alternative = write_alternative(words, formatted=listen.formatted)
    entry: Message = {
        "start": round(words[0].start, 3),
        "end": round(words[-1].end, 3),
        "confidence": confidence(words),
        "channel": track,
        "transcript": alternative["transcript"],
        "words": alternative["words"],
        "id": identity,
    }
    return entry | {"speaker": words[0].speaker} if listen.diarize else entry
