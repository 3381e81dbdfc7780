"""A transcript as the API answers with it: JSON in three shapes, text and subtitles. Pure; times are seconds."""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stream_server.compat.openai.form import Wanted
from stream_server.compat.openai.languages import language_name
from stream_server.compat.openai.realtime_messages import logprobs, speaker_letter
from stream_server.store.exports import export
from stream_server.store.records import Segment, SegmentWord, Transcript
from stream_server.text.bare import bare_word
from stream_server.text.formatter import join

SEEK_RATE = 100
"""Hz of `seek`: Whisper's spectrograms have a frame each 10 ms."""

TEXT = "text/plain"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and its type; JSON that is not called so reaches Node's users as a string."""

    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class SpokenPart:
    """What one speaker says without a break, in samples; `speaker` None: nobody knows whose voice it is."""

    speaker: int | None
    start: int
    end: int
    text: str


def write_answer(transcript: Transcript, wanted: Wanted) -> Answer:
    """Return a transcript in the form that is wanted."""
    match wanted.response_format:
        case "text":
            return Answer(TEXT, f"{whole_text(transcript)}\n")
        case "srt" | "vtt" as form:
            return Answer(TEXT, export(transcript, form).rstrip("\n") + "\n")
        case "verbose_json":
            body = _verbose(transcript, wanted)
        case "diarized_json":
            body = _diarized(transcript)
        case "json":
            body = _plain(transcript, wanted)
    return Answer(JSON, json.dumps(body, ensure_ascii=False))


def whole_text(transcript: Transcript) -> str:
    """Return all that is said, in one line."""
    return join(segment.text for segment in transcript.segments)


def usage(transcript: Transcript) -> dict[str, Any]:
    """Return what was used, in whole seconds."""
    return {"type": "duration", "seconds": math.ceil(_duration(transcript))}


def spoken_parts(segment: Segment) -> list[SpokenPart]:
    """Split a segment where the speaker changes; words of nobody known go with those before them."""
    runs: list[tuple[int | None, list[SegmentWord]]] = []
    for word in _shown(segment):
        if runs and (word.speaker is None or runs[-1][0] in (None, word.speaker)):
            runs[-1] = (runs[-1][0] or word.speaker, [*runs[-1][1], word])
        else:
            runs.append((word.speaker, [word]))
    if len(runs) <= 1:
        speaker = next((speaker for speaker, _ in runs if speaker is not None), segment.speaker)
        return [SpokenPart(speaker, segment.start, segment.end, segment.text)] if segment.text else []
    return [
        SpokenPart(speaker, words[0].start, words[-1].end, join(word.text for word in words)) for speaker, words in runs
    ]


def diarized_segment(number: int, part: SpokenPart, name: str | None, rate: int) -> dict[str, Any]:
    """Return who said what."""
    return {
        "type": "transcript.text.segment",
        "id": f"seg_{number}",
        "start": round(part.start / rate, 3),
        "end": round(part.end / rate, 3),
        "text": part.text,
        "speaker": name or ("unknown" if part.speaker is None else speaker_letter(part.speaker)),
    }


def _plain(transcript: Transcript, wanted: Wanted) -> dict[str, Any]:
    body: dict[str, Any] = {"text": whole_text(transcript), "usage": usage(transcript)}
    languages = Counter(segment.language for segment in transcript.segments if segment.language)
    if languages and not wanted.options.translate:
        body["languages"] = [{"code": code} for code, _ in languages.most_common()]
    if wanted.logprobs:
        body["logprobs"] = logprobs(word for segment in transcript.segments for word in _shown(segment))
    return body


def _verbose(transcript: Transcript, wanted: Wanted) -> dict[str, Any]:
    rate = transcript.record.clock_rate
    translate = wanted.options.translate
    body: dict[str, Any] = {
        "task": "translate" if translate else "transcribe",
        "language": "english" if translate else language_name(_language(transcript, wanted)),
        "duration": round(_duration(transcript), 3),
        "text": whole_text(transcript),
        "usage": usage(transcript),
    }
    if wanted.segments:
        segments = [segment for segment in transcript.segments if segment.text]
        body["segments"] = [_segment(number, segment, rate) for number, segment in enumerate(segments)]
    if wanted.words:
        words = (word for segment in transcript.segments for word in _shown(segment))
        body["words"] = [
            {
                "word": bare_word(word.text) or word.text,
                "start": round(word.start / rate, 3),
                "end": round(word.end / rate, 3),
            }
            for word in words
        ]
    return body


def _segment(number: int, segment: Segment, rate: int) -> dict[str, Any]:
    """Return an utterance as Whisper's own program describes its segments.

    There are no tokens to tell: other engines have others, and a record keeps words.
    """
    text = f" {segment.text}"
    data = text.encode()
    logs = [math.log(max(word.confidence, 1e-6)) for word in segment.words]
    return {
        "id": number,
        "seek": segment.start * SEEK_RATE // rate,
        "start": round(segment.start / rate, 3),
        "end": round(segment.end / rate, 3),
        "text": text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(sum(logs) / len(logs), 4) if logs else 0.0,
        "compression_ratio": round(len(data) / len(zlib.compress(data)), 4),
        "no_speech_prob": 0.0,  # what was no speech is no segment
    }


def _shown(segment: Segment) -> list[SegmentWord]:
    """Return the words of which there is something to show."""
    return [word for word in segment.words if word.text]


def _diarized(transcript: Transcript) -> dict[str, Any]:
    rate, names = transcript.record.clock_rate, transcript.speakers
    segments = [
        diarized_segment(number, part, names.get(part.speaker) if part.speaker is not None else None, rate)
        for number, part in enumerate(_parts(transcript))
    ]
    return {
        "task": "transcribe",
        "duration": round(_duration(transcript), 3),
        "text": whole_text(transcript),
        "segments": segments,
        "usage": usage(transcript),
    }


def _parts(transcript: Transcript) -> Iterator[SpokenPart]:
    for segment in transcript.segments:
        yield from spoken_parts(segment)


def _language(transcript: Transcript, wanted: Wanted) -> str | None:
    """Return the language that is spoken for longest, else the one that was asked for."""
    spoken: Counter[str] = Counter()
    for segment in transcript.segments:
        if segment.language:
            spoken[segment.language] += segment.end - segment.start
    return spoken.most_common(1)[0][0] if spoken else wanted.options.language


def _duration(transcript: Transcript) -> float:
    return (transcript.record.end_sample or 0) / transcript.record.clock_rate
