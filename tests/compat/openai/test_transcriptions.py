"""A transcript in every form, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stream_server.compat.openai.form import read_transcription, read_translation
from stream_server.compat.openai.transcriptions import write_answer
from stream_server.store.records import Transcript
from tests.compat.openai.transcripts import SILENCE, TALK, segment, transcript, word


def written(what: Transcript, form: str, *fields: tuple[str, str]) -> dict[str, Any]:
    """Return the JSON of an answer, which must be called so."""
    answer = write_answer(what, read_transcription([("response_format", form), *fields]))
    assert answer.content_type == "application/json"
    body: dict[str, Any] = json.loads(answer.text)
    return body


def test_json_is_text_and_what_was_used() -> None:
    """Seconds are whole and rounded up; the languages that were heard are told."""
    assert written(TALK, "json") == {
        "text": "“Ready?” Yes, well. Mari mulai.",
        "usage": {"type": "duration", "seconds": 10},
        "languages": [{"code": "en"}, {"code": "id"}],
    }


def test_logprobs_are_told_where_they_are_asked_for() -> None:
    """One for each word."""
    told = written(TALK, "json", ("include[]", "logprobs"))["logprobs"]
    assert [each["token"] for each in told] == ["“Ready?”", "Yes,", "well.", "Mari", "mulai."]
    assert told[0]["logprob"] == -0.6931


def test_verbose_json_has_what_whisper_tells() -> None:
    """The language that was spoken longest by its name, segments with all their fields, no words unless wanted."""
    body = written(TALK, "verbose_json")
    assert (body["task"], body["language"], body["duration"]) == ("transcribe", "indonesian", 9.5)
    assert "words" not in body
    first = body["segments"][0]
    assert first == {
        "id": 0,
        "seek": 50,
        "start": 0.5,
        "end": 2.5,
        "text": " “Ready?” Yes, well.",
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": -0.6931,
        "compression_ratio": first["compression_ratio"],
        "no_speech_prob": 0.0,
    }
    assert 0 < first["compression_ratio"] < 1.5


def test_words_have_no_punctuation_around_them() -> None:
    """As the vendor gives them; times are seconds."""
    fields = [("timestamp_granularities[]", "word")]
    body = written(TALK, "verbose_json", *fields)
    assert "segments" not in body
    assert body["words"][0] == {"word": "Ready", "start": 0.5, "end": 1.0}
    assert [each["word"] for each in body["words"]] == ["Ready", "Yes", "well", "Mari", "mulai"]
    odd = transcript(segment(1, word("—", 0, 1), word("don't.", 1, 2)))
    assert [each["word"] for each in written(odd, "verbose_json", *fields)["words"]] == ["—", "don't"]


def test_diarized_json_has_a_segment_for_each_turn() -> None:
    """Speakers are strings: letters, or the names of those who are known; words of nobody stay with those before."""
    body = written(TALK, "diarized_json")
    assert [(s["id"], s["speaker"], s["start"], s["end"], s["text"]) for s in body["segments"]] == [
        ("seg_0", "A", 0.5, 1.0, "“Ready?”"),
        ("seg_1", "Budi", 1.5, 2.5, "Yes, well."),
        ("seg_2", "Budi", 4.0, 8.25, "Mari mulai."),
    ]
    assert {s["type"] for s in body["segments"]} == {"transcript.text.segment"}
    nobody = transcript(segment(1, word("Hm.", 0, 1)))
    assert written(nobody, "diarized_json")["segments"][0]["speaker"] == "unknown"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("text", "“Ready?” Yes, well. Mari mulai.\n"),
        ("srt", "00:00:00,500 --> 00:00:01,"),
        ("vtt", "00:00:00.500 --> 00:00:01."),
    ],
)
def test_text_and_subtitles_are_plain_text(form: str, text: str) -> None:
    """Each in its own notation of time, ending in one line end."""
    answer = write_answer(TALK, read_transcription([("response_format", form)]))
    assert answer.content_type == "text/plain"
    assert text in answer.text
    assert answer.text.endswith("\n")
    assert not answer.text.endswith("\n\n")
    assert answer.text.startswith("WEBVTT\n\n") == (form == "vtt")


@pytest.mark.parametrize("form", ["json", "text", "srt", "vtt", "verbose_json", "diarized_json"])
def test_silence_has_an_answer_too(form: str) -> None:
    """Nothing said is no error."""
    assert write_answer(SILENCE, read_transcription([("response_format", form)])).text


def test_a_translation_is_english() -> None:
    """Whatever was spoken."""
    body = json.loads(write_answer(TALK, read_translation([("response_format", "verbose_json")])).text)
    assert (body["task"], body["language"]) == ("translate", "english")
    assert "languages" not in json.loads(write_answer(TALK, read_translation([])).text)
