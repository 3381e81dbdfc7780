"""Laws of `stream_server.compat.prosa.jobs`."""

from __future__ import annotations

from dataclasses import replace

from gl_speech.models import ASRModel, STTJobsListResponse, STTResponse, STTStatusResponse

from stream_server.compat.prosa.jobs import (
    Models,
    archived_json,
    event_json,
    job_json,
    page_json,
    results_json,
    status_json,
)
from stream_server.compat.prosa.submission import read_order
from stream_server.jobs.job import Job, JobPage, Submission
from stream_server.session.options import SessionOptions
from stream_server.store.records import Record, Segment, SegmentWord, Transcript

MODELS = Models(("stt-general",), "tiny.en", ("en",))

ORDER = read_order(
    {"config": {"model": "stt-general", "speaker_count": 2}, "request": {"data": "QUJD", "label": "Rapat"}},
    MODELS.names,
)

JOB = Job(
    id="j1",
    organisation="acme",
    created_at=1_730_614_904.716,
    modified_at=1_730_614_906.047735,
    submission=Submission(options=ORDER.options, media="acme/j1", config=ORDER.config),
)

DONE = replace(
    JOB, status="complete", mime_type="video/webm", seconds=2.0, sample_rate=48_000, channels=1, progress=1.0
)


def word(text: str, start: int, speaker: int | None) -> SegmentWord:
    """Make a word of half a second."""
    return SegmentWord(text=text, spoken=text, start=start, end=start + 500, confidence=1.0, speaker=speaker)


def transcript(*segments: Segment) -> Transcript:
    """Make a record of a job."""
    record = Record(id="j1", organisation="acme", started_at=0.0, clock_rate=1000, model="tiny.en")
    return Transcript(record=record, segments=segments, speakers={1: None, 2: None})


TALK = transcript(
    Segment(
        sequence=1, utterance_id="u1", track=0, start=0, end=1600, text="Halo semua. Ya.", speaker=1,
        words=(word("Halo", 0, 1), word("semua.", 500, None), word("Ya.", 1100, 2)),
    ),
    Segment(sequence=2, utterance_id="u2", track=1, start=200, end=900, text="Tanpa kata."),
)  # fmt: skip


def test_a_complete_job_in_its_fullest_form() -> None:
    """What was seen of a real one: nulls are there, times have no zone, the latency is what lies between them."""
    body = job_json(DONE, MODELS, TALK)
    assert body == {
        "job_id": "j1",
        "status": "complete",
        "created_at": "2024-11-03T06:21:44.716000",
        "modified_at": "2024-11-03T06:21:46.047735",
        "progress": None,
        "request": {
            "label": "Rapat",
            "uri": "/v1/media/acme/j1",
            "data": None,
            "duration": 2.0,
            "mime_type": "video/webm",
            "sample_rate": 48_000,
            "channels": 1,
        },
        "result": {
            "data": results_json(TALK),
            "path": None,
            "error": None,
            "latency": 1.331735,
            "speaker_count": 2,
            "speech_insights": None,
            "voice_insights": None,
        },
        "job_config": {
            "model": "stt-general",
            "wait": False,
            "include_filler": False,
            "include_partial_results": False,
            "auto_punctuation": False,
            "enable_spoken_numerals": False,
            "enable_speech_insights": False,
            "enable_voice_insights": False,
            "speaker_count": 2,
        },
        "model": {
            "name": "stt-general",
            "label": "stt-general (tiny.en)",
            "language": "English",
            "domain": "general",
            "acoustic": "recording",
            "channels": 1,
            "samplerate": 16_000,
        },
    }
    parsed = STTResponse(**body)
    assert parsed.result is not None
    assert parsed.result.data is not None
    assert [item.transcript for item in parsed.result.data] == ["Halo semua.", "Ya.", "Tanpa kata."]


def test_a_turn_of_a_speaker_is_a_result() -> None:
    """Seconds, channels from 0, speakers from 1; who is not known is speaker 1."""
    assert results_json(TALK) == [
        _result("Halo semua.", 0.0, 1.0, 0, 1),
        _result("Ya.", 1.1, 1.6, 0, 2),
        _result("Tanpa kata.", 0.2, 0.9, 1, 1),
    ]


def _result(text: str, start: float, end: float, channel: int, speaker: int) -> dict[str, object]:
    return {
        "transcript": text,
        "final": True,
        "time_start": start,
        "time_end": end,
        "channel": channel,
        "speaker_tag": speaker,
    }


def test_a_job_that_waits_says_how_far_it_is() -> None:
    """In percent; there is no result."""
    body = job_json(replace(JOB, status="in_progress", progress=0.5), MODELS)
    assert (body["result"], body["progress"]) == (
        None,
        {"total": 50.0, "details": {"transfer": 100.0, "transcribe": 50.0}},
    )
    fetched = replace(JOB, submission=replace(JOB.submission, media=None, uri="https://a/b.mp3"))
    assert job_json(fetched, MODELS)["progress"]["details"]["transfer"] == 0.0
    assert job_json(fetched, MODELS)["request"]["uri"] == "https://a/b.mp3"
    assert STTResponse(**body).progress is not None
    assert STTStatusResponse(**status_json(JOB)).status == "queued"


def test_a_job_that_failed_says_why() -> None:
    """In Prosa's word for it."""
    failed = replace(JOB, status="failed", error_code="unsupported_audio", error_message="this is no audio")
    result = STTResponse(**job_json(failed, MODELS)).result
    assert result is not None
    assert (result.error, result.message, result.data) == (
        "asr_request_unsupported_media_type",
        "this is no audio",
        None,
    )


def test_a_job_that_came_another_way_can_be_read_too() -> None:
    """It has the options that it would have been given here, and no `request` once its medium is gone."""
    other = Job(
        id="j2", organisation="acme", created_at=0, modified_at=0, submission=Submission(options=SessionOptions())
    )
    body = job_json(other, MODELS)
    assert (body["request"], body["job_config"]["model"], body["job_config"]["speaker_count"]) == (
        None,
        "stt-general",
        1,
    )
    assert STTResponse(**body).job_config is not None


def test_webhooks_are_told_the_job_without_its_status() -> None:
    """The event's name tells that."""
    told = event_json(DONE, MODELS, TALK)
    assert told | {"status": "complete"} == job_json(DONE, MODELS, TALK)
    assert "status" not in told


def test_lists_and_archives() -> None:
    """A page counts itself and all pages; nothing that was said is on it."""
    body = page_json(JobPage(jobs=(DONE, JOB), total=12), MODELS, page=2, per_page=5)
    assert body["pagination"] == {"page": 2, "per_page": 5, "page_count": 3}
    assert (body["length"], [job["result"] for job in body["data"]]) == (2, [None, None])
    assert len(STTJobsListResponse(**body).data) == 2
    assert STTResponse(**archived_json(DONE)).status == "archived"


def test_models() -> None:
    """Each accepted name is one; languages are for people to read."""
    assert [ASRModel(**model).language for model in MODELS.listed()] == ["English"]
    assert Models(("a", "b"), "base", ("en", "id")).listed()[1]["language"] == "Multilingual"
