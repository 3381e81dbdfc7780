"""What the fields of a form ask for, however a client spells them."""

from __future__ import annotations

import pytest

from stream_server.compat.openai.errors import InvalidParameter
from stream_server.compat.openai.form import read_transcription, read_translation

Fields = list[tuple[str, str]]


def test_an_empty_form_wants_json() -> None:
    """No field is needed; the language is detected, voices are not told apart."""
    wanted = read_transcription([])
    assert (wanted.response_format, wanted.stream, wanted.words, wanted.segments) == ("json", False, False, True)
    options = wanted.options
    assert (options.language, options.lenient_language, options.diarize, options.translate) == (
        None,
        True,
        False,
        False,
    )


@pytest.mark.parametrize("brackets", ["", "[]"])
def test_lists_are_spelled_with_and_without_brackets(brackets: str) -> None:
    """SDKs write `name[]`, others repeat the name."""
    fields = [
        (f"timestamp_granularities{brackets}", "word"),
        (f"timestamp_granularities{brackets}", "segment"),
        (f"include{brackets}", "logprobs"),
        (f"keywords{brackets}", "Budi"),
        (f"keywords{brackets}", "Sri"),
        (f"languages{brackets}", "en"),
        (f"languages{brackets}", "id-ID"),
        ("prompt", "A meeting."),
    ]
    wanted = read_transcription(fields)
    assert (wanted.words, wanted.segments, wanted.logprobs) == (True, True, True)
    options = wanted.options
    assert (options.hotwords, options.context, options.languages) == ("Budi, Sri", "A meeting.", ("en", "id"))


def test_one_granularity_is_enough() -> None:
    """Words alone leave the segments out."""
    wanted = read_transcription([("timestamp_granularities[]", "word")])
    assert (wanted.words, wanted.segments) == (True, False)


@pytest.mark.parametrize(
    "fields",
    [
        [("chunking_strategy", "auto")],
        [("chunking_strategy[type]", "server_vad"), ("chunking_strategy[silence_duration_ms]", "200")],
        [("chunking_strategy", '{"type": "server_vad"}')],
        [("known_speaker_names[]", "Budi"), ("known_speaker_references[]", "data:audio/wav;base64,AAAA")],
        [("temperature", "0"), ("temperature", "x"), ("model", "whisper-1"), ("anything", "else")],
        [("temperature", "0.2"), ("stream", "False")],
    ],
)
def test_what_means_nothing_here_is_taken(fields: Fields) -> None:
    """Whatever the SDKs and bots send besides changes nothing."""
    assert read_transcription(fields) == read_transcription([])


@pytest.mark.parametrize("fields", [[("response_format", "diarized_json")], [("model", "gpt-4o-transcribe-diarize")]])
def test_voices_are_told_apart_where_that_is_wanted(fields: Fields) -> None:
    """By the format that shows them or by a model's name."""
    assert read_transcription(fields).options.diarize


@pytest.mark.parametrize("stream", ["true", "True"])
def test_a_stream_is_asked_for(stream: str) -> None:
    """Booleans come in either spelling."""
    assert read_transcription([("stream", stream)]).stream


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ([("response_format", "yaml")], "response_format"),
        ([("temperature", "warm")], "temperature"),
        ([("temperature", "nan")], "temperature"),
        ([("temperature", "2")], "temperature"),
    ],
)
def test_what_is_wrong_is_named(fields: Fields, param: str) -> None:
    """The error says which parameter."""
    with pytest.raises(InvalidParameter) as raised:
        read_transcription(fields)
    assert raised.value.param == param


def test_translations_are_english_and_have_no_speakers() -> None:
    """The form is the same, less what the vendor does not offer there."""
    assert read_translation([("response_format", "verbose_json")]).options.translate
    with pytest.raises(InvalidParameter):
        read_translation([("response_format", "diarized_json")])
