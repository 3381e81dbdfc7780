"""Jobs as Prosa's REST API says them, in the shapes that `gl-speech` reads; pure.

`gl-speech` refuses a `request` that has neither `data` nor `uri`. Data is not said back, so `uri` then names the
medium's place on this server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from stream_server.compat.prosa.errors import word_of_code
from stream_server.compat.prosa.submission import FLAGS
from stream_server.compat.prosa.times import write_time
from stream_server.jobs.job import Job, JobPage
from stream_server.store.records import Segment, Transcript
from stream_server.text.formatter import join

MEDIA_PATH = "/v1/media/"
"""Where media are served."""

_LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Models:
    """The model names that are accepted; all of them mean `loaded`, which knows these languages."""

    names: Sequence[str]
    loaded: str
    languages: Sequence[str]

    def listed(self) -> list[Object]:
        """Return every model."""
        return [self.describe(name) for name in self.names]

    def describe(self, name: str) -> Object:
        """Return one model; `language` is for people to read."""
        only = self.languages[0] if len(self.languages) == 1 else None
        return {
            "name": name,
            "label": f"{name} ({self.loaded})",
            "language": "Multilingual" if only is None else _LANGUAGES.get(only, only),
            "domain": "general",
            "acoustic": "recording",
            "channels": 1,
            "samplerate": 16_000,
        }


def job_json(job: Job, models: Models, transcript: Transcript | None = None) -> Object:
    """Return a job in its fullest form, its result if there is a transcript; nulls are said."""
    config = _config(job, models)
    return {
        **status_json(job),
        "request": _request(job),
        "result": _result(job, transcript),
        "job_config": config,
        "model": models.describe(config["model"]),
    }


def event_json(job: Job, models: Models, transcript: Transcript | None) -> Object:
    """Return what webhooks are told of a job that has ended: all but its status, which the event's name tells."""
    body = job_json(job, models, transcript)
    del body["status"]
    return body


def status_json(job: Job) -> Object:
    """Return how far a job is."""
    return {
        "job_id": job.id,
        "status": job.status,
        "created_at": write_time(job.created_at),
        "modified_at": write_time(job.modified_at),
        "progress": None if job.ended else _progress(job),
    }


def archived_json(job: Job) -> Object:
    """Return what is said of a job that was taken away."""
    return {
        "job_id": job.id,
        "status": "archived",
        "created_at": write_time(job.created_at),
        "modified_at": write_time(job.modified_at),
    }


def page_json(found: JobPage, models: Models, page: int, per_page: int) -> Object:
    """Return a page of jobs, without their results; `length` counts those on it."""
    return {
        "pagination": {"page": page, "per_page": per_page, "page_count": -(-found.total // per_page)},
        "length": len(found.jobs),
        "data": [job_json(job, models) for job in found.jobs],
    }


def _config(job: Job, models: Models) -> Object:
    """Return the options as they were given; of a job that came another way, as if they had been."""
    given = job.submission.config.get("job_config")
    if isinstance(given, dict):
        return given
    options = job.submission.options
    formatting = options.formatting
    flags = dict.fromkeys(FLAGS, False) | {
        "include_filler": formatting.fillers,
        "auto_punctuation": formatting.punctuation,
        "enable_spoken_numerals": formatting.numbers,
    }
    return {"model": models.names[0], **flags, "speaker_count": options.speaker_count or 1}


def _request(job: Job) -> Object | None:
    """Return what was handed in, with what was found in it; None if there is neither medium nor address any more."""
    submission = job.submission
    uri = submission.uri or (f"{MEDIA_PATH}{submission.media}" if submission.media else None)
    if uri is None:
        return None
    said = submission.config.get("request", {})
    found = {
        "duration": job.seconds,
        "mime_type": job.mime_type,
        "sample_rate": job.sample_rate,
        "channels": job.channels,
    }
    hints = {name: said.get(name) if value is None else value for name, value in found.items()}
    return {"label": submission.options.label, "uri": uri, "data": None, **hints}


def _result(job: Job, transcript: Transcript | None) -> Object | None:
    if job.status == "failed":
        code, message = job.error_code or "", job.error_message or ""
        return _outcome(error=word_of_code(code), message=message, latency=_latency(job))
    if transcript is None:
        return None
    data = results_json(transcript)
    return _outcome(data=data, speaker_count=len({item["speaker_tag"] for item in data}), latency=_latency(job))


def _outcome(**known: object) -> Object:
    nothing = dict.fromkeys(("data", "path", "error", "latency", "speaker_count", "speech_insights", "voice_insights"))
    return {**nothing, **known}


def results_json(transcript: Transcript) -> list[Object]:
    """Return what was said in the order of time, a piece for each turn of a speaker."""
    segments = sorted(transcript.segments, key=lambda segment: (segment.start, segment.track, segment.sequence))
    rate = transcript.record.clock_rate
    return [piece for segment in segments if segment.text for piece in _pieces(segment, rate)]


def _pieces(segment: Segment, rate: int) -> list[Object]:
    words = zip(segment.words, segment.speakers, strict=True)
    turns = [(speaker, [word for word, _ in said]) for speaker, said in groupby(words, key=lambda pair: pair[1])]
    if len(turns) <= 1:
        speaker = turns[0][0] if turns else segment.speaker
        return [_piece(segment, segment.text, (segment.start, segment.end), speaker, rate)]
    return [
        _piece(segment, join(word.text for word in said), (said[0].start, said[-1].end), speaker, rate)
        for speaker, said in turns
    ]


def _piece(segment: Segment, text: str, span: tuple[int, int], speaker: int | None, rate: int) -> Object:
    """Return one result; somebody unknown is speaker 1, as of audio in which nobody is told apart."""
    return {
        "transcript": text,
        "final": True,
        "time_start": round(span[0] / rate, 3),
        "time_end": round(span[1] / rate, 3),
        "channel": segment.track,
        "speaker_tag": 1 if speaker is None else speaker,
    }


def _latency(job: Job) -> float:
    return round(job.modified_at - job.created_at, 6)


def _progress(job: Job) -> Object:
    transcribed = round(100 * job.progress, 1)
    transferred = 0.0 if job.status == "queued" and job.submission.media is None else 100.0
    return {"total": transcribed, "details": {"transfer": transferred, "transcribe": transcribed}}
